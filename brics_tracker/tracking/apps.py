"""The tracking app."""

from django.apps import AppConfig


class TrackingConfig(AppConfig):
    name = "brics_tracker.tracking"
    label = "tracking"

    def ready(self) -> None:
        # Hears what the floor below tells.
        from . import listeners  # noqa: F401
