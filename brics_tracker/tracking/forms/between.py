"""Two days to compare the register between."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from brics_tracker.core.filters import ThemeChoiceField
from brics_tracker.core.forms import TrackerForm
from brics_tracker.core.models import Theme


def _day_field(label: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))


class BetweenForm(TrackerForm):
    """Two days that have been, the earlier first, and perhaps a theme."""

    since = _day_field(gettext_lazy("From the end of"))
    until = _day_field(gettext_lazy("To the end of"))
    theme = ThemeChoiceField(
        label=gettext_lazy("Theme"), queryset=Theme.objects.all(), to_field_name="code", required=False,
        empty_label=gettext_lazy("All themes"),
    )  # fmt: skip

    def _past(self, name: str) -> dt.date:
        day: dt.date = self.cleaned_data[name]
        if day > timezone.localdate() or day.year < 1900:
            raise ValidationError(_("Choose a day that has been."))
        return day

    def clean_since(self) -> dt.date:
        return self._past("since")

    def clean_until(self) -> dt.date:
        return self._past("until")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and since >= until:
            self.add_error("until", _("Choose a day after the first one."))
        return cleaned
