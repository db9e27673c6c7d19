"""What every filterset shares: wrong values show no rows, switches that say no when they mean no."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_lazy as _

from .partial_dates import PATTERN, validate_partial_date

if TYPE_CHECKING:
    from .models import Theme

YES = frozenset({"true", "1", "on", "yes"})
NO = frozenset({"false", "0", "off", "no"})


class ListFilterSet(django_filters.FilterSet):
    """A list's filter: always bound, so that defaults hold; no rows at all while a value is wrong.

    A filter's help text is for the API's reference; on the page its label says enough.
    """

    base_filters: dict[str, Any]
    field_order: tuple[str, ...] = ("q", "status", "kind", "track", "theme", "member", "owner", "due")

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        queryset: QuerySet[Any] | None = None,
        *,
        request: HttpRequest | None = None,
        prefix: str | None = None,
        only: Collection[str] | None = None,
    ) -> None:
        if only is not None:
            # A program asks for few of many filters; making the others ready would cost more than the query.
            self.base_filters = {name: each for name, each in self.base_filters.items() if name in only}
        super().__init__(QueryDict() if data is None else data, queryset, request=request, prefix=prefix)

    @property
    def qs(self) -> QuerySet[Any]:
        """The rows asked for; none where a value could not be read (form.errors says which)."""
        found: QuerySet[Any] = super().qs if self.form.is_valid() else self.queryset.none()
        return found

    @property
    def form(self) -> forms.Form:
        """The form, its first fields in field_order."""
        if not hasattr(self, "_form"):
            form = super().form
            form.order_fields(self.field_order)
            for field in form.fields.values():
                field.help_text = ""
        shown: forms.Form = self._form
        return shown

    @property
    def in_use(self) -> dict[str, Any]:
        """The filters that are set, by name: for "3 filters, clear" and for the head of an export."""
        cleaned = self.form.cleaned_data if self.form.is_valid() else {}
        return {name: value for name, value in cleaned.items() if value not in ("", None, []) and self.data.get(name)}

    @property
    def more_in_use(self) -> bool:
        """Is one of the filters set that a page keeps behind "More filters", all but the first five?"""
        return bool(set(self.in_use) & set(list(self.form.fields)[5:]))


class SwitchInput(forms.CheckboxInput):
    """A box that sends "true"; in an address it may also say no."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, check_test=lambda value: str(value).lower() in YES)

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        return data.get(name)

    def format_value(self, value: Any) -> str:
        return "true"


class SwitchField(forms.Field):
    """Yes, no, or not asked (None); any other word is refused."""

    widget = SwitchInput
    default_error_messages = {"invalid": _("Write true or false.")}

    def to_python(self, value: Any) -> bool | None:
        text = str(value or "").strip().lower()
        if not text:
            return None
        if text not in YES | NO:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return text in YES


class SwitchFilter(django_filters.Filter):
    """A yes-or-no filter; without a method it compares a boolean column."""

    field_class = SwitchField


class PartialDateFormField(forms.CharField):
    """A year, a month or a day, as text."""

    default_validators = [validate_partial_date]

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=10, **kwargs)
        self.widget.attrs["pattern"] = PATTERN.removeprefix("^").removesuffix("$")
        self.widget.attrs["placeholder"] = "2011-04"


class PartialDateFilter(django_filters.Filter):
    """A bound in a column of partial dates; rows without a date never match."""

    field_class = PartialDateFormField

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        if not value:
            return qs
        if self.lookup_expr == "gte":
            return qs.filter(**{f"{self.field_name}__gte": value})
        # "until 2015" means through its last day: 2015-04 compares above the bare year.
        within = Q(**{f"{self.field_name}__lte": value}) | Q(**{f"{self.field_name}__startswith": value})
        return qs.filter(within, **{f"{self.field_name}__gt": ""})


class NumberFilter(django_filters.Filter):
    """A whole number between min_value and max_value."""

    field_class = forms.IntegerField


class WordsFilter(django_filters.CharFilter):
    """Every word must stand in one of the columns, in any order, whatever the case."""

    def __init__(self, *, columns: tuple[str, ...], **kwargs: Any) -> None:
        self.columns = columns
        super().__init__(max_length=200, **kwargs)

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        for word in re.split(r"\s+", (value or "").strip()):
            if word:
                anywhere = Q()
                for column in self.columns:
                    anywhere |= Q(**{f"{column}__icontains": word})
                qs = qs.filter(anywhere)
        return qs


class ThemeChoiceField(django_filters.fields.ModelChoiceField):
    """Themes by code, areas set in under their pillar."""

    def label_from_instance(self, obj: Theme) -> str:
        return f"{'— ' if obj.parent_id else ''}{obj.code} {obj.name}"


class ThemeFilter(django_filters.ModelChoiceFilter):
    field_class = ThemeChoiceField


class SeveralField(django_filters.fields.MultipleChoiceField):
    """Some of a list of words; an empty one among them says nothing."""

    def to_python(self, value: Any) -> list[str]:
        words: list[str] = super().to_python(value)
        return [word for word in words if word]


class SeveralFilter(django_filters.MultipleChoiceFilter):
    """Rows that have one of the chosen words."""

    field_class = SeveralField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"distinct": False, "widget": forms.CheckboxSelectMultiple, **kwargs})
