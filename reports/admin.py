"""Administration of report definitions. Reports themselves are frozen and have their pages."""

from __future__ import annotations

from typing import Any

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
    prepopulated_fields = {"key": ["title"]}
    why_not_deleted = _("Definitions are never deleted, their reports stay: switch “active” off.")

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Any:
        return ["key"] if obj else []

    def get_prepopulated_fields(self, request: Any, obj: Any = None) -> Any:
        return {} if obj else super().get_prepopulated_fields(request, obj)
