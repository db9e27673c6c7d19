"""Which reports: frozen ones are read by whoever may read the register."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from brics_tracker.accounts import access

if TYPE_CHECKING:
    from brics_tracker.accounts.access import Actor

    from .models import Report


class ReportQuerySet(models.QuerySet["Report"]):
    def visible_to(self, user: Actor) -> ReportQuerySet:
        """All reports for whoever may read the register (they hold published facts only), else none."""
        return self.all() if access.may_read(user) else self.none()
