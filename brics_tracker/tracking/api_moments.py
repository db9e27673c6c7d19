"""When what hangs on an item last changed for those who read it, and what is no longer there: for lists in that order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import OuterRef, Q, QuerySet, Subquery

from brics_tracker.accounts.access import OVERSEERS, scope_q
from brics_tracker.core.api_changes import last_change, recorded

from .models import Milestone, Relation, TrackedItem, Update
from .querysets import PUBLIC_STATES, sees_only_public

if TYPE_CHECKING:
    from brics_tracker.accounts.access import Actor

# What hangs on an item comes into sight with it; a source with the first public update that rests on it.
MILESTONE_CHANGED = last_change("updated_at", "item__published_at")
_newest_update = Update.objects.filter(evidence=OuterRef("pk"), review_state__in=PUBLIC_STATES).order_by("-updated_at")
EVIDENCE_CHANGED = last_change("updated_at", "item__published_at", Subquery(_newest_update.values("updated_at")[:1]))
RELATION_CHANGED = last_change(recorded(Relation, "id"), "source__published_at", "target__published_at")

COMMENT_CHANGED = last_change("updated_at", "item__published_at", "update__updated_at")


def dropped_drafts(user: Actor) -> QuerySet[Any, Any]:
    """(moment, key) of updates that were thrown away unseen, for those who could see them: author and overseers."""
    gone = _removed(Update, TrackedItem.objects.visibility(user, prefix="item__"))
    if sees_only_public(user):
        return gone.none()
    within = scope_q(user, OVERSEERS, "item__")
    return gone if not within else gone.filter(Q(author=user.pk) | within)


def dropped_steps(user: Actor) -> QuerySet[Any, Any]:
    """(moment, key) of steps that were taken out of a plan."""
    visible = TrackedItem.objects.visibility(user, prefix="item__")
    return Milestone.objects.filter(visible, dropped_at__isnull=False).values_list("updated_at", "pk")


def undone_ties(user: Actor) -> QuerySet[Any, Any]:
    """(moment, key) of ties that were undone, both ends of which the person may see."""
    items = TrackedItem.objects
    return _removed(Relation, items.visibility(user, prefix="source__") & items.visibility(user, prefix="target__"))


def _removed(model: Any, visible: Q) -> QuerySet[Any, Any]:
    found: QuerySet[Any, Any] = model.history.model.objects.filter(visible, history_type="-").order_by()
    return found.values_list("history_date", "id")
