"""What is looked for, and where: the search form of page and API."""

from __future__ import annotations

import re
from typing import Any

import django_filters
from django import forms
from django.db.models import CharField, Q, QuerySet
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from brics_tracker.core.filters import ListFilterSet, PartialDateFilter, SeveralFilter, ThemeFilter
from brics_tracker.core.models import Theme
from brics_tracker.core.search.find import Asked
from brics_tracker.core.search.sources import Kind, kinds
from brics_tracker.core.search.words import LONGEST, Query, read_query
from brics_tracker.tracking.filters import ARCHIVED
from brics_tracker.tracking.models import TrackedItem
from brics_tracker.tracking.workflow import Status

from .results import Results

REFERENCE = re.compile(r"([A-Za-z]{1,4})[-\s]?0*([0-9]{1,6})")


class QueryField(forms.CharField):
    """What a person typed, read; None where nothing was typed: the page then says what search is for."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=LONGEST, **{**kwargs, "required": False})
        self.widget.attrs["data-key"] = "/"

    def clean(self, value: Any) -> Query | None:
        text = super().clean(value)
        return read_query(text) if text else None


class QueryFilter(django_filters.Filter):
    field_class = QueryField


class SearchFilterSet(ListFilterSet):
    """Words, and what may be found by them; `qs` is what was found."""

    field_order = ("q", "kind", "theme", "dated_from", "dated_to", "status", "archived")

    q = QueryFilter(
        label=_("Words"), required=True,
        help_text=_(
            "Words that must all be there, whatever their ending; \"words in quotes\" stand next to each other, "
            "a word after a minus must not be there, word* is the beginning of words. A reference finds its item first."
        ),
    )  # fmt: skip
    kind = django_filters.ChoiceFilter(
        label=_("Kind"), choices=[(name, kind.plural) for name, (_source, kind) in kinds().items()],
        empty_label=_("Everything"), help_text=_("Kind of thing."),
    )  # fmt: skip
    theme = ThemeFilter(
        label=_("Theme"), queryset=Theme.objects.all(), to_field_name="code", empty_label=_("All themes"),
        help_text=_("Code of a theme, as EC; items of it or of what lies below it, and what hangs on them."),
    )  # fmt: skip
    dated_from = PartialDateFilter(
        label=_("Dated from"),
        help_text=_("Year, month or day, included: when it happened, was dated, began, or entered the register."),
    )
    dated_to = PartialDateFilter(label=_("Dated until"), help_text=_("Year, month or day, included."))
    status = SeveralFilter(
        label=_("Status of the item"), choices=Status.choices,
        help_text=_("One or several statuses that the item has now, for itself and what hangs on it."),
    )  # fmt: skip
    archived = django_filters.ChoiceFilter(
        label=_("Archived"), choices=ARCHIVED, empty_label=_("Without archived"),
        help_text=_("yes: archived items only and what hangs on them; all: archived and current; left out: current only."),
    )  # fmt: skip

    class Meta:
        model = TrackedItem
        fields: list[str] = []

    @property
    def qs(self) -> Any:
        """Results; nothing at all while nothing was asked for or a value could not be read."""
        query = self.form.cleaned_data.get("q") if self.form.is_valid() else None
        if query is None or self.request is None:
            return ()
        user, asked = self.request.user, self.form.cleaned_data
        named = item_named(query.typed, user)
        if named:
            query = read_query(named["reference"])
        where = [
            Asked(
                source, kind, self._rows(kind, named and named["pk"]),
                named=named["pk"] if named and named["item_kind"] == kind.name else None,
            )
            for source, kind in kinds().values()
        ]  # fmt: skip
        return Results(query, where, user, only=asked.get("kind") or "")

    def _rows(self, kind: Kind, named: int | None) -> QuerySet[Any]:
        """Of one kind: what this person may see and the other filters leave."""
        asked = self.form.cleaned_data
        rows = kind.rows(self.request.user)
        if asked.get("dated_from") or asked.get("dated_to"):
            rows = rows.annotate(day=Cast(kind.day, CharField()))
            rows = PartialDateFilter(field_name="day", lookup_expr="gte").filter(rows, asked.get("dated_from") or "")
            rows = PartialDateFilter(field_name="day", lookup_expr="lte").filter(rows, asked.get("dated_to") or "")
        if kind.item is None:
            return rows.none() if asked.get("theme") or asked.get("status") or asked.get("archived") == "yes" else rows
        path = f"{kind.item}__" if kind.item else ""
        if asked.get("theme"):
            below = Theme.objects.with_subtree_ids([asked["theme"].pk])
            of_theme = TrackedItem.themes.through.objects.filter(theme__in=below).values("trackeditem")
            rows = rows.filter(**{f"{path}pk__in": of_theme})
        if asked.get("status"):
            rows = rows.filter(**{f"{path}status__in": asked["status"]})
        if asked.get("archived") != "all":
            is_current = Q(**{f"{path}archived_at__isnull": asked.get("archived") != "yes"})
            # Who names an archived item wants it.
            rows = rows.filter(is_current | Q(pk=named) if kind.item == "" and named else is_current)
        return rows


def item_named(typed: str, user: Any) -> Any:
    """The visible item whose reference this is (pk, item_kind, reference), however it is written; else None."""
    found = REFERENCE.fullmatch(typed.strip().strip('"'))
    if not found:
        return None
    items = TrackedItem.objects.visible_to(user).filter(
        reference_prefix=found[1].upper(), reference_number=int(found[2])
    )
    return items.values("pk", "item_kind", "reference").first()
