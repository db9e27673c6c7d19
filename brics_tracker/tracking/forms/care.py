"""Care of the register: which two items are one, and whose values stay."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from brics_tracker.core.forms import FormKeyMixin, TrackerForm
from brics_tracker.tracking.choices import MergeChoice, PlanChoice
from brics_tracker.tracking.models import TrackedItem
from brics_tracker.tracking.services.items import named_item
from brics_tracker.tracking.services.merging import Choice
from brics_tracker.tracking.services.values import SEVERAL, values_of

if TYPE_CHECKING:
    from brics_tracker.accounts.access import Actor

PREFIX = "value_"


def reference_field(label: Any, help_text: Any = "") -> forms.CharField:
    widget = forms.TextInput({"placeholder": "EC-07", "autocapitalize": "characters", "class": "reference"})
    return forms.CharField(label=label, max_length=12, help_text=help_text, widget=widget)


class PairForm(TrackerForm):
    """Two items by reference."""

    keep = reference_field(_("The item that stays"), _("Its reference, as EC-07 or M-012."))
    other = reference_field(_("The item that is merged into it"))

    def __init__(self, data: Mapping[str, Any] | None = None, *, user: Actor) -> None:
        super().__init__(data)
        self.user = user

    def clean_keep(self) -> TrackedItem:
        return named_item(self.user, self.cleaned_data["keep"])

    def clean_other(self) -> TrackedItem:
        return named_item(self.user, self.cleaned_data["other"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("keep") and cleaned.get("keep") == cleaned.get("other"):
            self.add_error("other", _("These are one item already."))
        return cleaned


class MergeForm(FormKeyMixin, TrackerForm):
    """Of each value in which two items differ: whose stays. What is the same on both is not asked."""

    keep_version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    other_version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(self, data: Mapping[str, Any] | None = None, *, survivor: TrackedItem, other: TrackedItem) -> None:
        super().__init__(data)
        self.fields["keep_version"].initial, self.fields["other_version"].initial = survivor.version, other.version
        mine, theirs = values_of(survivor), values_of(other)
        self.same = [(value.label, value.words) for name, value in mine.items() if value.same(theirs[name])]
        for name, value in mine.items():
            if not value.same(theirs[name]):
                self.fields[f"{PREFIX}{name}"] = self._choice(
                    name, value.label, (survivor.reference, value.words), (other.reference, theirs[name].words)
                )
        plans = [(survivor.reference, survivor), (other.reference, other)]
        self.steps = {reference: item.milestones.filter(dropped_at=None).count() for reference, item in plans}
        if self.steps[other.reference]:
            self.fields["plan"] = forms.ChoiceField(
                label=_("Plan"),
                choices=[(value, capfirst(label)) for value, label in PlanChoice.choices],
                initial=PlanChoice.KEEP,
                widget=forms.RadioSelect,
            )
        self.fields["reason"] = forms.CharField(
            label=_("Reason"), max_length=500, widget=forms.Textarea({"rows": 2}),
            help_text=_("It is kept with the merge and shown in the record of both."),
        )  # fmt: skip

    @staticmethod
    def _choice(name: str, label: str, mine: tuple[str, str], theirs: tuple[str, str]) -> forms.ChoiceField:
        several = name in SEVERAL
        choices = [(MergeChoice.KEEP.value, ": ".join(mine)), (MergeChoice.OTHER.value, ": ".join(theirs))]
        if several:
            choices.append((MergeChoice.BOTH.value, str(_("What both have"))))
        usual = MergeChoice.BOTH if name == "assignees" else MergeChoice.KEEP
        return forms.ChoiceField(label=label, choices=choices, initial=usual.value, widget=forms.RadioSelect)

    @property
    def choice(self) -> Choice:
        """As tracking.services.merging takes it."""
        told = self.cleaned_data
        values = {name.removeprefix(PREFIX): told[name] for name in told if name.startswith(PREFIX)}
        return Choice(told["reason"], values, told.get("plan") or PlanChoice.KEEP)

    @property
    def seen(self) -> tuple[int, int]:
        """The versions that were shown."""
        return self.cleaned_data["keep_version"], self.cleaned_data["other_version"]

    def show_as_now(self, survivor: TrackedItem, other: TrackedItem) -> None:
        """After a refusal for age: the next sending says what is shown now."""
        shown = {"keep_version": survivor.version, "other_version": other.version}
        self.data = {**{name: self.data.get(name) for name in self.data}, **shown}

    @property
    def values(self) -> list[forms.BoundField]:
        """The fields in which one chooses between two values."""
        return [self[name] for name in self.fields if name.startswith(PREFIX)]
