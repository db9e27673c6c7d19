"""The core app."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "brics_tracker.core"
    label = "core"

    def ready(self) -> None:
        # Without this the web process would not know the tasks by name, and system checks would not run.
        from . import checks, pseudo, tasks  # noqa: F401

        pseudo.install()
