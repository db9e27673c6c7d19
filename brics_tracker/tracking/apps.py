"""The tracking app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TrackingConfig(AppConfig):
    name = "brics_tracker.tracking"
    label = "tracking"
    verbose_name = _("The register and its documents")

    def ready(self) -> None:
        # Hears what the floor below tells; names its jobs.
        from . import listeners, tasks  # noqa: F401
