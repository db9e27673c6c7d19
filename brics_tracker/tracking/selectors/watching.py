"""Who watches what, and why: by choice, or by default as assignee or author."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q

from brics_tracker.core.models import Theme
from brics_tracker.tracking.models import TrackedItem, Update, Watch

if TYPE_CHECKING:
    from brics_tracker.accounts.access import Actor
    from brics_tracker.accounts.models import User

SHOWN = 200  # of each list on the page


def watches(user: Actor, item: TrackedItem) -> bool:
    """Does the person follow this item: by choice, else as its assignee, its author or the author of an update?

    One query.
    """
    if not user.is_authenticated:
        return False
    chosen = Watch.objects.filter(person=user.pk, item=item).values_list("on", flat=True)
    default = TrackedItem.objects.filter(pk=item.pk).filter(_default(user.pk))
    found = TrackedItem.objects.filter(pk=item.pk).values_list(
        Exists(chosen.filter(on=True)), Exists(chosen.filter(on=False)), Exists(default)
    )
    on, off, by_default = found.get()
    return bool(on or (by_default and not off))


def _default(person: int) -> Q:
    updates = Update.objects.filter(author=person, item=OuterRef("pk"))
    assigned = TrackedItem.assignees.through.objects.filter(user=person, trackeditem=OuterRef("pk"))
    return Q(author=person) | Q(Exists(assigned)) | Q(Exists(updates))


@dataclass(frozen=True, slots=True)
class Watched:
    """What one person follows: items by choice and by default, and themes."""

    chosen: Sequence[TrackedItem]
    by_default: Sequence[TrackedItem]
    themes: Sequence[Theme]


def watched_by(user: User) -> Watched:
    """Four queries; at most SHOWN of each."""
    rows = list(Watch.objects.filter(person=user).values_list("item", "theme", "on"))
    chosen = {item for item, _theme, on in rows if item and on}
    decided = {item for item, _theme, _on in rows if item}
    themes = [theme for _item, theme, on in rows if theme and on]
    visible = TrackedItem.objects.visible_to(user).current()
    return Watched(
        chosen=list(visible.filter(pk__in=chosen)[:SHOWN]),
        by_default=list(visible.filter(_default(user.pk)).exclude(pk__in=decided)[:SHOWN]),
        themes=list(Theme.objects.filter(pk__in=themes)),
    )
