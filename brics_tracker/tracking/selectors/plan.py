"""An item's plan with every move of its dates."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass

from django.db.models import F

from brics_tracker.core.partial_dates import show
from brics_tracker.tracking.models import Milestone, TrackedItem, today


@dataclass(frozen=True, slots=True)
class Move:
    """One move of a milestone's due date: old → new, how far, the how-manieth, and why."""

    milestone: str
    old: dt.date | None
    new: dt.date | None
    reason: str
    by: str = ""
    at: dt.datetime | None = None
    nth: int = 0
    undone: bool = False

    @property
    def days(self) -> int | None:
        return (self.new - self.old).days if self.old and self.new else None

    @property
    def signed(self) -> str:
        """The days with their sign: +132 or a minus."""
        days = self.days or 0
        return f"+{days}" if days >= 0 else f"\N{MINUS SIGN}{-days}"

    @property
    def is_later(self) -> bool:
        return (self.days or 0) > 0


@dataclass(frozen=True, slots=True)
class Step:
    """A milestone of the plan as the page shows it."""

    milestone: Milestone

    @property
    def days_late(self) -> int:
        """Days past its date; 0 where it is done, undated, unconfirmed or in time."""
        due = self.milestone.due
        if not due or self.milestone.completed_on or not self.milestone.confirmed:
            return 0
        return max((today() - due).days, 0)

    @property
    def completed(self) -> str:
        return show(self.milestone.completed_on)


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps that stand, and the moves of all by the update that made them (None: made on the plan itself)."""

    steps: list[Step]
    moves: dict[int | None, list[Move]]


def milestones_of(item: TrackedItem) -> list[Step]:
    """The plan in its order, without what was dropped."""
    return read_plan(item).steps


def read_plan(item: TrackedItem) -> Plan:
    """One query: a step that was moved several times comes in several rows."""
    rows = (
        Milestone.objects.filter(item=item)
        .select_related("owner")
        .annotate(
            change=F("due_date_changes__pk"),
            old=F("due_date_changes__old_due"),
            new=F("due_date_changes__new_due"),
            why=F("due_date_changes__reason"),
            mover=F("due_date_changes__by__name"),
            moved_at=F("due_date_changes__at"),
            undone=F("due_date_changes__undone_at"),
            moved_by=F("due_date_changes__update_id"),
        )
    )
    steps: dict[int, Milestone] = {}
    count: dict[int, int] = defaultdict(int)
    moves: dict[int | None, list[Move]] = defaultdict(list)
    for row in rows.order_by("position", "pk", "moved_at", "change"):
        if row.dropped_at is None:
            steps.setdefault(row.pk, row)
        if row.change is not None:
            count[row.pk] += row.undone is None
            moves[row.moved_by].append(
                Move(
                    row.title, row.old, row.new, row.why, row.mover, row.moved_at, count[row.pk], row.undone is not None
                )
            )
    return Plan([Step(milestone) for milestone in steps.values()], moves)
