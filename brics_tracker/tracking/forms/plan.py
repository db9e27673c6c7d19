"""Forms of an item's plan and ties, and of acts that are kept with a reason."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from brics_tracker.core.forms import TrackerForm
from brics_tracker.core.models import Organisation
from brics_tracker.tracking.choices import RelationKind
from brics_tracker.tracking.models import Milestone, TrackedItem, today
from brics_tracker.tracking.services.items import named_item

from .versions import VersionedForm

if TYPE_CHECKING:
    from brics_tracker.accounts.access import Actor


def check_due(due: dt.date) -> None:
    """Refuse a year that can only be a slip of the hand."""
    if not 1990 <= due.year <= today().year + 100:
        raise ValidationError(_("This year lies too far away."))


class ReasonForm(TrackerForm):
    """Why: for acts that are kept with their reason."""

    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea({"rows": 2}))


class RelationForm(TrackerForm):
    """A tie from this item to another one that the person may see."""

    kind = forms.ChoiceField(label=_("This item"), choices=RelationKind.choices)
    target = forms.CharField(
        label=_("Other item"), max_length=12, help_text=_("Its reference, as EC-07 or M-012."),
        widget=forms.TextInput({"placeholder": "M-012", "autocapitalize": "characters", "class": "reference"}),
    )  # fmt: skip
    note = forms.CharField(label=_("Note"), max_length=300, required=False)

    def __init__(self, data: Mapping[str, Any] | None = None, *, user: Actor, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.user = user

    def clean_target(self) -> TrackedItem:
        return named_item(self.user, self.cleaned_data["target"])


class MilestoneForm(VersionedForm):
    """A step of the plan. Moving a confirmed date asks for a reason; who may not confirm is not asked about it."""

    title = forms.CharField(label=_("Step"), max_length=200)
    due = forms.DateField(
        label=_("Due"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        validators=[check_due],
    )  # fmt: skip
    weight = forms.IntegerField(
        label=_("Weight"), min_value=1, max_value=100, initial=1,
        help_text=_("Its share of the whole relative to the other steps, 1 to 100."),
    )  # fmt: skip
    owner = forms.ModelChoiceField(
        label=_("Owner"), queryset=Organisation.objects.order_by("name"), required=False, empty_label=_("As the item")
    )
    confirmed = forms.BooleanField(
        label=_("Confirmed"),
        required=False,
        initial=True,
        help_text=_("Only confirmed steps count for progress and dates."),
    )
    reason = forms.CharField(
        label=_("Reason of the move"),
        required=False,
        max_length=500,
        help_text=_("Needed when a confirmed date changes."),
    )

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, row: Milestone | None = None, may_confirm: bool
    ) -> None:
        super().__init__(data, row=row)
        if row is None:
            del self.fields["reason"]
        if not may_confirm:
            del self.fields["confirmed"]
        self.waits = not may_confirm and not (row and row.confirmed)

    def values_of(self, row: Milestone) -> dict[str, Any]:
        names = ("version", "title", "due", "weight", "confirmed")
        return {**{name: getattr(row, name) for name in names}, "owner": row.owner_id}

    @property
    def fields_of_plan(self) -> dict[str, Any]:
        """As tracking.services.milestones takes them."""
        names = ("title", "due", "weight", "owner", "confirmed")
        return {name: self.cleaned_data[name] for name in names if name in self.fields}
