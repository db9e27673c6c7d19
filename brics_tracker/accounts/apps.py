"""The accounts app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "brics_tracker.accounts"
    label = "accounts"
    verbose_name = _("People")

    def ready(self) -> None:
        # Registers the kinds of jobs by name, and hears what the floor below tells.
        from . import listeners, tasks  # noqa: F401
