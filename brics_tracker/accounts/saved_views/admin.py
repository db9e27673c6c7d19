"""Administration of shared views: renamed, made a role's default, unshared, deleted. Private ones are their owners' alone."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from brics_tracker.accounts.models import SavedView
from brics_tracker.core.admin_base import FreshForm, RecordedAdmin, actor

from . import services


class SavedViewForm(FreshForm):
    """Refuses at its field what the services would."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("default_for") and not cleaned.get("shared"):
            self.add_error("default_for", services.NOT_SHARED)
        return cleaned


@admin.register(SavedView)
class SavedViewAdmin(RecordedAdmin):
    form = SavedViewForm
    list_display = ["name", "list", "owner", "default_for", "updated_at"]
    list_filter = ["list", "default_for"]
    list_select_related = ["owner"]
    search_fields = ["name", "owner__name"]
    fields = ["name", "shared", "default_for", "list", "owner", "query", "columns", "sort"]
    readonly_fields = ["list", "owner", "query", "columns", "sort"]
    actions = None

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).filter(shared=True)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_view_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: SavedView, form: Any, change: bool) -> None:
        if not form.changed_values:
            return
        data, by = form.cleaned_data, actor(request)
        if not data["default_for"]:
            services.set_role_default(obj, "", by=by)
        services.change_view(obj, by=by, name=data["name"], shared=data["shared"])
        if data["default_for"]:
            services.set_role_default(obj, data["default_for"], by=by)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Nothing hangs on a view."""

    def delete_model(self, request: HttpRequest, obj: SavedView) -> None:
        services.delete_view(obj, by=actor(request))
