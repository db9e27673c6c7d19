"""How someone wants to be told; what the list of notices is filtered by."""

from __future__ import annotations

import zoneinfo

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from brics_tracker.accounts.choices import MailRhythm, Reason
from brics_tracker.core.forms import TrackerForm


class SettingsForm(TrackerForm):
    rhythm = forms.ChoiceField(
        label=_("Mail with all that is new"), choices=MailRhythm.choices, widget=forms.RadioSelect
    )
    hour = forms.TypedChoiceField(
        label=_("At"), choices=[(hour, f"{hour:02d}:00") for hour in range(24)], coerce=int,
        help_text=_("On your clock."),
    )  # fmt: skip
    weekday = forms.TypedChoiceField(
        label=_("Every week on"), choices=list(WEEKDAYS.items()), coerce=int, help_text=_("For the weekly mail.")
    )
    time_zone = forms.ChoiceField(label=_("Your time zone"), required=False)
    at_once = forms.BooleanField(
        label=_("Tell me at once by mail when I am mentioned or something is handed back to me"), required=False
    )
    about = forms.MultipleChoiceField(
        label=_("Mail me about"), choices=Reason.choices, required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("In the application you are told of all of them."),
    )  # fmt: skip

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        zones = [(name, name) for name in sorted(zoneinfo.available_timezones()) if "/" in name or name == "UTC"]
        self.fields["time_zone"].choices = [("", _("That of the site")), *zones]  # type: ignore[attr-defined]

    @property
    def values(self) -> dict[str, object]:
        """As notices.services.change_settings takes them."""
        kept = {name: self.cleaned_data[name] for name in ("rhythm", "hour", "weekday", "time_zone", "at_once")}
        return kept | {"muted": [reason for reason in Reason.values if reason not in self.cleaned_data["about"]]}
