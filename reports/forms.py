"""The form that starts an extra report."""

from __future__ import annotations

from django import forms

from brics_tracker.core.forms import FormKeyMixin, TrackerForm

from .models import ReportDefinition


class RunForm(FormKeyMixin, TrackerForm):
    """Which report; sent twice, it starts one."""

    definition = forms.ModelChoiceField(ReportDefinition.objects.all(), to_field_name="key", widget=forms.HiddenInput)
