"""The site's addresses: one include per app."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

handler400 = "brics_tracker.core.views.bad_request"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("brics_tracker.core.urls")),
    path("", include("proposals.urls")),
    path("", include("mechanisms.urls")),
    path("", include("brics_tracker.tracking.urls")),
    path("accounts/", include("brics_tracker.accounts.urls")),
    path("accounts/", include("brics_tracker.accounts.sign_in_urls")),
    path("notices/", include("brics_tracker.accounts.notices.urls")),
    path("exports/", include("brics_tracker.accounts.export_urls")),
    path("reports/", include("reports.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("api/", include("brics_tracker.api")),
    path("admin/", admin.site.urls),
]
