"""The reports app."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "reports"

    def ready(self) -> None:
        # Without this the web process would not know the job and the task by name.
        from . import listeners, tasks  # noqa: F401
