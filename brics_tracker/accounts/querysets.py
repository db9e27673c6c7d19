"""Which saved views: one's own, and those that were shared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from .access import Actor
    from .models import SavedView


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def visible_to(self, user: Actor) -> SavedViewQuerySet:
        """One's own and those shared, for whoever is signed in; names are people's words and not for the public."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        return self.filter(models.Q(owner=user.pk) | models.Q(shared=True))

    def of(self, list: str) -> SavedViewQuerySet:
        return self.filter(list=list)
