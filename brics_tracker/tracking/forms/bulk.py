"""Edit many: which items, and what to change of each; an empty field leaves it as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from brics_tracker.accounts.selectors import assignable_people
from brics_tracker.core.forms import FormKeyMixin, TrackerForm
from brics_tracker.core.models import Organisation
from brics_tracker.tracking.choices import Phase, Priority
from brics_tracker.tracking.services.bulk import MOST, StepsWanted, Wanted

from .items import ThemeField, ThemesField, partial_date_field, themes_by_pillar
from .plan import check_due

LEAVE = ("", gettext_lazy("Leave as it is"))


class BulkForm(FormKeyMixin, TrackerForm):
    """What to do to every chosen item."""

    owner = forms.ModelChoiceField(
        label=gettext_lazy("Owner"), queryset=Organisation.objects.none(), required=False, empty_label=LEAVE[1]
    )
    confirm_owner = forms.BooleanField(
        label=gettext_lazy("Confirm the owner"), required=False,
        help_text=gettext_lazy("Says that the suggested owner is the owner. Needs a reviewer or an administrator in scope."),
    )  # fmt: skip
    confirm_plan = forms.BooleanField(
        label=gettext_lazy("Confirm the plan"), required=False,
        help_text=gettext_lazy("Takes every template step into the plan that counts."),
    )  # fmt: skip
    lead_theme = ThemeField(
        label=gettext_lazy("Lead theme"), queryset=None, required=False, empty_label=LEAVE[1],
        help_text=gettext_lazy("References stay as they are."),
    )  # fmt: skip
    phase = forms.ChoiceField(label=gettext_lazy("Phase"), choices=[LEAVE, *Phase.choices], required=False)
    priority = forms.ChoiceField(label=gettext_lazy("Priority"), choices=[LEAVE, *Priority.choices], required=False)
    start_date = partial_date_field(gettext_lazy("Start"))
    target_date = partial_date_field(gettext_lazy("Target"))
    rhythm_days = forms.IntegerField(
        label=gettext_lazy("Reporting rhythm in days"), min_value=1, max_value=1100, required=False
    )
    add_themes = ThemesField(
        label=gettext_lazy("Add themes"), queryset=None, required=False, widget=forms.CheckboxSelectMultiple
    )
    drop_themes = ThemesField(
        label=gettext_lazy("Take off themes"), queryset=None, required=False, widget=forms.CheckboxSelectMultiple
    )
    add_assignees: forms.ModelMultipleChoiceField[Any] = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Assign to"), queryset=None, required=False, widget=forms.CheckboxSelectMultiple
    )
    drop_assignees: forms.ModelMultipleChoiceField[Any] = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Take off"), queryset=None, required=False, widget=forms.CheckboxSelectMultiple
    )
    steps = forms.MultipleChoiceField(
        label=gettext_lazy("Steps of the plans"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Whose dates are meant, by name; none ticked: every open step that has a date."),
    )  # fmt: skip
    due = forms.DateField(
        label=gettext_lazy("Set their due date"), required=False, validators=[check_due],
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )  # fmt: skip
    shift_days = forms.IntegerField(
        label=gettext_lazy("Or shift their dates by days"), required=False, min_value=-3650, max_value=3650,
        help_text=gettext_lazy("Below zero: earlier. Steps without a date stay so."),
    )  # fmt: skip
    reason = forms.CharField(
        label=gettext_lazy("Reason of the move"), max_length=500, required=False,
        help_text=gettext_lazy("Kept with each confirmed date that moves, in its slip history."),
    )  # fmt: skip
    archive = forms.CharField(
        label=gettext_lazy("Archive, because"), max_length=500, required=False,
        help_text=gettext_lazy("With a reason the items are archived: out of the lists, nothing deleted."),
    )  # fmt: skip

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, may_archive: bool, may_confirm: bool,
        steps: Sequence[tuple[str, int]] = (),
    ) -> None:  # fmt: skip
        """`steps`: the open steps of the chosen items' plans by title, with their number. `may_confirm`: owners and
        plans, of some items at least.
        """
        super().__init__(data)
        fields: Any = self.fields
        fields["steps"].choices = [(title, f"{title} ({number})") for title, number in steps]
        if not steps:
            for name in ("steps", "due", "shift_days", "reason"):
                del fields[name]
        fields["owner"].queryset = Organisation.objects.order_by("name")
        for name in ("lead_theme", "add_themes", "drop_themes"):
            fields[name].queryset = themes_by_pillar()
        people = assignable_people()
        for name in ("add_assignees", "drop_assignees"):
            fields[name].queryset = people
        if not may_archive:
            del fields["archive"]
        if not may_confirm:
            del fields["confirm_owner"], fields["confirm_plan"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        self._clean_steps(cleaned)
        if not self.errors and self.wanted.is_empty:
            raise ValidationError(_("Say what to change: every field is left as it is."), code="empty")
        return cleaned

    def _clean_steps(self, cleaned: Mapping[str, Any]) -> None:
        dated, shifted = cleaned.get("due"), cleaned.get("shift_days")
        if dated and shifted:
            self.add_error("shift_days", _("Set one date or shift the dates, not both."))
        elif (dated or shifted) and not cleaned.get("reason"):
            self.add_error("reason", _("Give a reason; it is kept with each date that moves."))
        elif cleaned.get("steps") and not (dated or shifted):
            self.add_error("steps", _("Say which date these steps get, or by how many days they move."))

    @property
    def wanted(self) -> Wanted:
        """As tracking.services.bulk takes it."""
        told = self.cleaned_data
        plain = ("owner", "lead_theme", "phase", "priority", "start_date", "target_date", "rhythm_days")
        return Wanted(
            values={name: told[name] for name in plain if told.get(name)},
            add={"themes": list(told["add_themes"]), "assignees": list(told["add_assignees"])},
            drop={"themes": list(told["drop_themes"]), "assignees": list(told["drop_assignees"])},
            steps=StepsWanted(
                frozenset(told.get("steps", ())), told.get("due"), told.get("shift_days") or 0, {}, told.get("reason", "")
            ),
            confirm_owner=told.get("confirm_owner", False), confirm_plan=told.get("confirm_plan", False),
            archive=told.get("archive", "").strip(),
        )  # fmt: skip

    @property
    def words(self) -> list[str]:
        """What is asked, a line for each field that is filled in."""
        lines = []
        for name, value in self.cleaned_data.items():
            if name == "form_key" or not value:
                continue
            label = str(self.fields[name].label)
            if value is True:
                lines.append(label)
            else:
                several = not isinstance(value, str) and hasattr(value, "__iter__")
                shown = "; ".join(str(each) for each in value) if several else _choice(self.fields[name], value)
                lines.append(f"{label}: {shown}")
        return lines


def _choice(field: forms.Field, value: Any) -> str:
    return str(dict(getattr(field, "choices", ()) if isinstance(value, str) else ()).get(value, value))


def chosen_items(marks: Sequence[str]) -> dict[int, int | None]:
    """The version that was shown of each chosen item, from "key:version" (or the key alone); ValidationError else."""
    chosen: dict[int, int | None] = {}
    for mark in marks:
        key, _colon, version = mark.partition(":")
        if not _is_number(key) or (version and not _is_number(version)):
            raise ValidationError(_("The list that you chose from is out of date; open it again."))
        chosen[int(key)] = int(version) if version else None
    if not chosen:
        raise ValidationError(_("Choose the items first: tick them in the list."))
    if len(chosen) > MOST:
        raise ValidationError(_("At most %(most)s items at once.") % {"most": MOST})
    return chosen


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10
