"""What leads to work on many items at once: what waits to be confirmed, and one's latest edits of many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from brics_tracker.accounts import access as grants
from brics_tracker.accounts.access import OVERSEERS
from brics_tracker.core.pages import count_in_words
from brics_tracker.tracking.models import BulkEdit, BulkEditRow, Milestone, TrackedItem
from brics_tracker.tracking.querysets import STEP_TO_CONFIRM

if TYPE_CHECKING:
    from brics_tracker.accounts.models import User

LATEST = 5


def open_questions() -> QuerySet[TrackedItem]:
    """Items whose owner, or a step of whose plan, is not confirmed yet."""
    plan = Milestone.objects.filter(STEP_TO_CONFIRM, item=OuterRef("pk"))
    return TrackedItem.objects.filter(Q(owner_confirmed=False) | Exists(plan))


def confirmable_by(user: User) -> QuerySet[TrackedItem]:
    """Current items that this person may see and whose owner and plan they may confirm."""
    return TrackedItem.objects.visible_to(user).current().in_scope(user, OVERSEERS)


def number_to_confirm(user: User) -> str:
    """How many items wait for this person to confirm their owner or plan: "112"; "" for none, and for who may not."""
    if not grants.holds(user, OVERSEERS):
        return ""
    return count_in_words(confirmable_by(user).filter(pk__in=open_questions().values("pk")))


def latest_edits(user: User) -> Sequence[BulkEdit]:
    """The person's last LATEST edits of many, newest first, each with `number` of items and what undid it; one query."""
    rows = BulkEditRow.objects.filter(edit=OuterRef("pk")).order_by().values("edit").annotate(n=Count("pk")).values("n")
    number = Coalesce(Subquery(rows, output_field=IntegerField()), 0)
    return list(BulkEdit.objects.filter(by=user).select_related("undone_by").annotate(number=number)[:LATEST])
