"""Addresses of the spine."""

from django.urls import URLPattern, URLResolver

from .item_urls import urlpatterns as item_patterns

app_name = "tracking"
urlpatterns: list[URLPattern | URLResolver] = [*item_patterns]
