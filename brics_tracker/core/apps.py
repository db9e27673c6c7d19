"""The core app."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    name = "brics_tracker.core"
    label = "core"
    verbose_name = _("Reference lists and work done")

    def ready(self) -> None:
        # Without this the web process would not know the tasks by name, and system checks would not run.
        from . import checks, pseudo, tasks  # noqa: F401

        pseudo.install()

        from .search.index import ensure_index, loosen_index

        pre_migrate.connect(loosen_index, sender=self, dispatch_uid="core.loosen_index")
        post_migrate.connect(ensure_index, sender=self, dispatch_uid="core.ensure_index")
