"""The form of an item: the fields that every kind has; each kind adds its own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Manager, Model, QuerySet
from django.utils.translation import gettext_lazy as _

from brics_tracker.accounts.selectors import assignable_people
from brics_tracker.core.models import Member, Organisation, Theme
from brics_tracker.core.partial_dates import validate_partial_date
from brics_tracker.tracking.choices import Phase, Priority
from brics_tracker.tracking.models import TrackedItem
from brics_tracker.tracking.models.items import default_rhythm
from brics_tracker.tracking.plans import PLANS
from brics_tracker.tracking.services.details import Drawn, last_record, own_values
from brics_tracker.tracking.services.items import FIELDS

from .versions import VersionedForm

if TYPE_CHECKING:
    from brics_tracker.tracking.services.changes import StaleVersion


class ThemeField(forms.ModelChoiceField[Theme]):
    """Themes by code and name, areas set in under their pillar."""

    def label_from_instance(self, obj: Theme) -> str:
        return theme_label(obj)


class ThemesField(forms.ModelMultipleChoiceField[Theme]):
    def label_from_instance(self, obj: Theme) -> str:
        return theme_label(obj)


def theme_label(theme: Any) -> str:
    return f"{'— ' if theme.parent_id else ''}{theme.code} {theme.name}"


def themes_by_pillar() -> QuerySet[Theme]:
    """The tree as a list: each pillar, then what lies in it (codes of areas begin with their pillar's)."""
    return Theme.objects.order_by("code")


class PartialDateInput(forms.TextInput):
    def __init__(self) -> None:
        super().__init__({"placeholder": "2031-04", "inputmode": "numeric", "class": "date"})


def partial_date_field(label: Any) -> forms.CharField:
    return forms.CharField(
        label=label, required=False, max_length=10, widget=PartialDateInput(), validators=[validate_partial_date],
        help_text=_("A year, a month or a day: 2031, 2031-04 or 2031-04-14."),
    )  # fmt: skip


def check_members(*, all_members: bool, members: Iterable[Member]) -> None:
    """Responsible are all members, or those that are named. Raises ValidationError at `members`."""
    if all_members and list(members):
        raise ValidationError({"members": _("Choose either all members or some of them.")})


class ItemForm(VersionedForm):
    """The shared fields and, for a new item, the plan that it starts with.

    A kind's form adds its own fields, names them in `own` and says in `groups` what stands under which
    heading. `drawn_*` say what the form was drawn from, of what carries no version of its own.
    """

    title = forms.CharField(label=_("Title"), max_length=200, help_text=_("What shall be done, in one line."))
    summary = forms.CharField(
        label=_("Summary"), max_length=4000, required=False, widget=forms.Textarea({"rows": 5}),
        help_text=_("In your own words; the source is cited below."),
    )  # fmt: skip
    lead_theme = ThemeField(label=_("Lead theme"), queryset=Theme.objects.none(), empty_label=_("Choose a theme"))
    themes = ThemesField(
        label=_("Themes"),
        queryset=Theme.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("The lead theme always is one of them."),
    )
    owner = forms.ModelChoiceField(
        label=_("Owner"), queryset=Organisation.objects.none(), required=False, empty_label=_("No owner yet")
    )
    supporters = forms.ModelMultipleChoiceField(
        label=_("Supporters"), queryset=Organisation.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )
    all_members = forms.BooleanField(
        label=_("All members"), required=False, help_text=_("Whoever is a member on the day, by the dated spells.")
    )
    members = forms.ModelMultipleChoiceField(
        label=_("Responsible members"),
        queryset=Member.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    assignees: forms.ModelMultipleChoiceField[Any] = forms.ModelMultipleChoiceField(
        label=_("Assigned to"), queryset=None, required=False, widget=forms.CheckboxSelectMultiple
    )
    phase = forms.ChoiceField(label=_("Phase"), choices=[("", _("Not said")), *Phase.choices], required=False)
    priority = forms.ChoiceField(label=_("Priority"), choices=Priority.choices, initial=Priority.NORMAL)
    start_date = partial_date_field(_("Start"))
    target_date = partial_date_field(_("Target"))
    rhythm_days = forms.IntegerField(
        label=_("Reporting rhythm in days"), min_value=1, max_value=1100, initial=default_rhythm,
        help_text=_("Without a substantive update for longer than this, the item is stagnant."),
    )  # fmt: skip

    plan = forms.ChoiceField(
        label=_("Plan"), required=False, choices=[("", _("No plan yet")), *((key, plan.title) for key, plan in PLANS.items())],
        help_text=_("Its steps are added undated and do not count until a reviewer or an administrator confirms them."),
    )  # fmt: skip
    drawn_record = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)
    drawn_passages = forms.CharField(widget=forms.HiddenInput, required=False)

    own: tuple[str, ...] = ()
    kind_of_item: str = ""
    groups: tuple[tuple[Any, tuple[str, ...]], ...] = ()

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, item: TrackedItem | None = None, **kwargs: Any
    ) -> None:
        super().__init__(data, row=item, **kwargs)
        organisations = Organisation.objects.order_by("name")
        sets = {
            "lead_theme": themes_by_pillar(),
            "themes": themes_by_pillar(),
            "owner": organisations,
            "supporters": organisations,
            "members": Member.objects.order_by("name"),
            "assignees": assignable_people(),
        }
        for name, rows in sets.items():
            self.fields[name].queryset = rows  # type: ignore[attr-defined]
        if item is not None:
            del self.fields["plan"]
            self.fields["drawn_record"].required = True

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        try:
            check_members(all_members=cleaned.get("all_members", False), members=cleaned.get("members", ()))
        except ValidationError as refusal:
            self.add_error(None, refusal)
        return cleaned

    @property
    def shared(self) -> dict[str, Any]:
        """The cleaned shared fields, as tracking.services.items takes them."""
        return {name: self.cleaned_data[name] for name in SHARED}

    @property
    def detail(self) -> dict[str, Any]:
        """The cleaned fields of this kind alone."""
        return {name: self.cleaned_data[name] for name in self.own}

    @property
    def drawn(self) -> Drawn:
        """What the form showed when it was drawn."""
        keys = self.cleaned_data["drawn_passages"].split(",")
        return Drawn(self.cleaned_data["drawn_record"], frozenset(int(key) for key in keys if NUMBER.fullmatch(key)))

    @property
    def grouped(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """The visible fields under their headings."""
        return [(heading, [self[name] for name in names if name in self.fields]) for heading, names in self.groups]

    def values_of(self, row: TrackedItem) -> dict[str, Any]:
        # The detail is shown as its newest record has it: values and their number, read at one moment.
        record = last_record(getattr(row, row.item_kind))
        passages = row.citations.order_by("passage").values_list("passage", flat=True)
        return {
            **shared_values(row),
            **own_values(record, self.own),
            "drawn_record": record.history_id,
            "drawn_passages": ",".join(str(pk) for pk in passages),
        }

    def show_clash(self, stale: StaleVersion) -> None:
        # The rows of sources stay as typed, so what they are compared with stays as well.
        passages = self.cleaned_data["drawn_passages"]
        super().show_clash(stale)
        self.data["drawn_passages"] = passages  # type: ignore[index]


NUMBER = re.compile(r"[0-9]{1,18}")
SHARED = tuple(name for name in ItemForm.base_fields if name in FIELDS)


def shared_values(item: TrackedItem) -> dict[str, Any]:
    """The item's values as the form shows them."""
    values: dict[str, Any] = {"version": item.version}
    for name in SHARED:
        value = getattr(item, name)
        if isinstance(value, Manager):
            value = list(value.values_list("pk", flat=True))
        values[name] = value.pk if isinstance(value, Model) else value
    return values
