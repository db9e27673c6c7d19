"""The administration: who may enter it, through which door, and how its first page is grouped."""

from __future__ import annotations

from collections.abc import Iterable
from functools import update_wrapper
from typing import Any, cast

from django.contrib import admin
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from brics_tracker.core.audit.views import audit_trail

from . import access

OWN_APPS = ("brics_tracker.", "proposals.", "mechanisms.", "reports.")
# The first page, by what an administrator comes for; what is not named here stands under "Work done".
GROUPS: tuple[tuple[str, Any, tuple[str, ...]], ...] = (
    ("people", gettext_lazy("People"), ("User", "Grant", "ApiToken", "SavedView")),
    ("reference", gettext_lazy("Reference lists"), ("Member", "Organisation", "Theme")),
    ("sources", gettext_lazy("Documents and meetings"), ("Document", "Passage", "Meeting")),
    ("reports", gettext_lazy("Reports"), ("ReportDefinition",)),
    ("register", gettext_lazy("The register, to look at"), ("TrackedItem", "Update", "Evidence", "Milestone")),
    ("work", gettext_lazy("Behind the scenes"), ("AuditTrail", "Job", "Delivery", "CatalogueEntry")),
)


class AdministrationSite(admin.AdminSite):
    """Django's administration, entered by administrators of everything through the one sign-in page."""

    site_header = gettext_lazy("BRICS Tracker: administration")
    site_title = gettext_lazy("BRICS Tracker")
    index_title = gettext_lazy("What is to be looked after")
    empty_value_display = "—"
    enable_nav_sidebar = False

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Only what our own apps register: other packages' tables have no page here, and no side door."""
        if admin_class is not None and not admin_class.__module__.startswith(OWN_APPS):
            return
        super().register(model_or_iterable, admin_class, **options)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        return [path("audit/", self.admin_view(audit_trail), name="audit"), *super().get_urls()]

    def has_permission(self, request: HttpRequest) -> bool:
        return access.is_administrator(request.user)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Someone signed in without the right is refused at once instead of being asked to sign in again."""
        inner = super().admin_view(view, cacheable)

        def entered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not self.has_permission(request):
                if request.user.is_authenticated:
                    raise PermissionDenied
                return redirect_to_login(request.get_full_path())
            return cast(HttpResponseBase, inner(request, *args, **kwargs))

        return update_wrapper(entered, inner)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """There is one sign-in page; this address only leads there and back."""
        wanted = request.GET.get(REDIRECT_FIELD_NAME, "")
        if not url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}):
            wanted = reverse("admin:index", current_app=self.name)
        if request.user.is_authenticated:
            if not self.has_permission(request):
                raise PermissionDenied
            return redirect(wanted)
        return redirect_to_login(wanted)

    # Django says that these draw a page; here they lead to ours.
    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return redirect("account_logout")

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return redirect("account_change_password")

    def password_change_done(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return redirect("accounts:account")

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Grouped by purpose on the first page; Django's way where one app is asked for."""
        apps = super().get_app_list(request, app_label)
        if app_label is not None:
            return apps
        rows = {row["object_name"]: row for app in apps for row in app["models"]}
        # No table of its own: it is read from all of them.
        rows["AuditTrail"] = {
            "object_name": "AuditTrail",
            "name": _("Audit trail"),
            "admin_url": reverse("admin:audit"),
        }
        groups = [
            self._group(label, name, (rows.pop(key) for key in keys if key in rows)) for label, name, keys in GROUPS
        ]
        if rows:
            groups.append(self._group("more", _("More"), rows.values()))
        return [group for group in groups if group["models"]]

    def _group(self, label: str, name: str, rows: Iterable[Any]) -> dict[str, Any]:
        return {
            "name": name,
            "app_label": f"group-{label}",
            "app_url": "",
            "has_module_perms": True,
            "models": list(rows),
        }
