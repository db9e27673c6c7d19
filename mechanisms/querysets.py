"""Which mechanisms: the same visibility as their items. Meetings are public facts to whoever may read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from brics_tracker.accounts import access
from brics_tracker.tracking.models import TrackedItem

if TYPE_CHECKING:
    from brics_tracker.accounts.access import Actor

    from .models import Mechanism, Meeting


class MechanismQuerySet(models.QuerySet["Mechanism"]):
    def visible_to(self, user: Actor) -> MechanismQuerySet:
        """Mechanisms whose item this person may see."""
        return self.filter(TrackedItem.objects.visibility(user, prefix="item__"))


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def visible_to(self, user: Actor) -> MeetingQuerySet:
        """All meetings for whoever may read the register, none for anyone else."""
        return self.all() if access.may_read(user) else self.none()
