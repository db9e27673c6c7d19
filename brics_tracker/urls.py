"""The site's addresses: one include per app."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("brics_tracker.core.urls")),
]
