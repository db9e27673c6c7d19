"""Which proposals: the same visibility as their items."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from brics_tracker.tracking.models import TrackedItem

if TYPE_CHECKING:
    from brics_tracker.accounts.access import Actor

    from .models import Proposal


class ProposalQuerySet(models.QuerySet["Proposal"]):
    def visible_to(self, user: Actor) -> ProposalQuerySet:
        """Proposals whose item this person may see; the rule itself is TrackedItemQuerySet.visibility."""
        return self.filter(TrackedItem.objects.visibility(user, prefix="item__"))
