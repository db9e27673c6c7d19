"""Administration of report definitions. Reports themselves are frozen and have their pages."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from brics_tracker.core.admin_base import RecordedAdmin

from .models import ReportDefinition


@admin.register(ReportDefinition)
class ReportDefinitionAdmin(RecordedAdmin):
    list_display = ["title", "key", "period", "hour", "active", "starts_on"]
    list_filter = ["active", "period"]
    search_fields = ["title", "key"]
    fields = ["key", "title", "period", "hour", "themes", "active", "starts_on"]
    filter_horizontal = ["themes"]
    fixed = ["key"]
    key_from = "title"
    why_not_deleted = _("Definitions are never deleted, their reports stay: switch “active” off.")
