"""The two addresses for machines that watch."""

from django.urls import URLPattern, path

from . import health

urlpatterns: list[URLPattern] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
