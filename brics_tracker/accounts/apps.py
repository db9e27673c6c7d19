"""The accounts app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "brics_tracker.accounts"
    label = "accounts"

    def ready(self) -> None:
        # Registers the kinds of jobs by name.
        from . import tasks  # noqa: F401
