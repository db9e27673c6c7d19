"""Watching: who follows an item or a theme, and stops."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from brics_tracker.core.models import Theme
from brics_tracker.tracking import access
from brics_tracker.tracking.models import TrackedItem, Watch

from .changes import lock_item

if TYPE_CHECKING:
    from brics_tracker.accounts.models import User


@transaction.atomic
def set_watch(person: User, thing: TrackedItem | Theme, *, on: bool) -> Watch:
    """Follow an item that one may see, or a theme with all below it; or stop. The same again changes nothing.

    What was stopped is kept as that: assignees and authors would else follow again by default.
    """
    if isinstance(thing, TrackedItem):
        thing = access.standing_item(lock_item(thing.pk, merged_too=True))
        access.require(access.sees_item(person, thing))
    name = "item" if isinstance(thing, TrackedItem) else "theme"
    watch, made = Watch.objects.get_or_create(person=person, **{name: thing}, defaults={"on": on})
    if not made and watch.on != on:
        watch.on, watch.since = on, timezone.now()
        watch.save(update_fields=["on", "since"])
    return watch
