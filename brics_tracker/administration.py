"""Puts our administration site in Django's place: entered by our own sign-in, by administrators only."""

from django.contrib.admin.apps import AdminConfig


class AdministrationConfig(AdminConfig):
    default_site = "brics_tracker.accounts.admin_site.AdministrationSite"
