"""The slip history: every move of a due date at its place in time, and the date that now stands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.utils import timezone

from brics_tracker.tracking.choices import ClaimKind
from brics_tracker.tracking.models import DueDateChange, Milestone, Update

from .changes import write

if TYPE_CHECKING:
    from brics_tracker.accounts.models import User


def apply_moves(update: Update, *, by: User, at: dt.datetime) -> None:
    for claim in update.milestone_claims.filter(kind=ClaimKind.MOVED).select_related("milestone"):
        record_move(claim.milestone, claim.new_due, reason=claim.reason, by=by, at=at, update=update)


def record_move(
    milestone: Milestone,
    new_due: dt.date | None,
    *,
    reason: str,
    by: User,
    at: dt.datetime,
    update: Update | None = None,
) -> None:
    """Write one move into the slip history, at its place in time, and set the due date that now stands."""
    change = DueDateChange(milestone=milestone, new_due=new_due, reason=reason, by=by, at=at, update=update)
    standing = [c for c in milestone.due_date_changes.select_related("update") if c.undone_at is None]
    before = sorted((c for c in standing if moved_on(c) < moved_on(change)), key=moved_on)
    after = sorted((c for c in standing if moved_on(c) > moved_on(change)), key=moved_on)
    change.old_due = before[-1].new_due if before else after[0].old_due if after else milestone.due
    change.save(force_insert=True)
    _settle_due(milestone, by=by)


def undo_moves(update: Update, *, by: User, at: dt.datetime) -> None:
    undo_changes(update.due_date_changes.filter(undone_at__isnull=True).select_related("milestone"), by=by, at=at)


def undo_changes(changes: Iterable[DueDateChange], *, by: User, at: dt.datetime) -> None:
    """Take moves out of the reckoning: they stay on record, marked, and the dates that then stand are set."""
    for change in changes:
        change.undone_at = at
        change.save(update_fields=["undone_at"])
        _settle_due(change.milestone, by=by)


def redo_moves(update: Update, *, by: User) -> None:
    for change in update.due_date_changes.filter(undone_at__isnull=False).select_related("milestone"):
        change.undone_at = None
        change.save(update_fields=["undone_at"])
        _settle_due(change.milestone, by=by)


def _settle_due(milestone: Milestone, *, by: User) -> None:
    """An edit of the milestone even where its date stays: a move told late stands among its moves."""
    write(milestone, by=by, due=effective_due(milestone))


def effective_due(milestone: Milestone) -> dt.date | None:
    """The due date after all moves that stand, in the order in which they took place.

    A move told late (its update happened before a later move) takes its place in history and does not
    move the date back.
    """
    changes = list(milestone.due_date_changes.select_related("update"))
    standing = sorted((c for c in changes if c.undone_at is None), key=moved_on)
    if standing:
        return standing[-1].new_due
    return changes[0].old_due if changes else milestone.due


def moved_on(change: DueDateChange) -> tuple[str, dt.datetime]:
    """When a move took place: as its update says, else when it was written down; ties as written down."""
    happened = change.update.happened if change.update else timezone.localdate(change.at).isoformat()
    return happened, change.at
