"""Which reports: by definition."""

from __future__ import annotations

import django_filters
from django.utils.translation import gettext_lazy as _

from brics_tracker.core.filters import ListFilterSet

from .models import Report, ReportDefinition


class ReportFilterSet(ListFilterSet):
    definition = django_filters.ModelChoiceFilter(
        label=_("Report"),
        queryset=ReportDefinition.objects.all(),
        to_field_name="key",
        empty_label=_("All reports"),
        help_text=_("Key of a definition."),
    )

    class Meta:
        model = Report
        fields: list[str] = []
