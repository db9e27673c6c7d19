"""What was said of an item and of its updates, as far as a person may read it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from brics_tracker.accounts.models import User
from brics_tracker.tracking.models import Comment, TrackedItem, Update
from brics_tracker.tracking.services.conversation import who_see

if TYPE_CHECKING:
    from collections.abc import Collection

OFFERED = 8


def comments_by_update(item: TrackedItem, updates: Collection[int]) -> dict[int | None, list[Comment]]:
    """Comments on the item (None) and on these updates, which the person sees; oldest first. One query."""
    found: dict[int | None, list[Comment]] = defaultdict(list)
    for comment in Comment.objects.filter(item=item).select_related("author").order_by("created_at", "pk"):
        if comment.update_id is None or comment.update_id in updates:
            found[comment.update_id].append(comment)
    return found


def comments_on(update: Update) -> list[Comment]:
    """Comments on one update, oldest first. One query."""
    return list(update.comments.select_related("author", "item").order_by("created_at", "pk"))


def people_to_mention(begun: str, item: TrackedItem, update: Update | None) -> list[User]:
    """People whose handle or name begins like this and who may see what is talked of; at most OFFERED."""
    begun = begun.strip().lstrip("@")
    people = User.objects.filter(is_active=True, is_system=False).exclude(handle="")
    if begun:
        people = people.filter(handle__startswith=begun.lower()) | people.filter(name__istartswith=begun)
    return who_see(people.order_by("name", "pk")[: OFFERED * 4], item, update)[:OFFERED]
