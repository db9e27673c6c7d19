"""An item's plan with every move of its dates."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from django.db.models import Count, F, Min, QuerySet
from django.utils import timezone

from brics_tracker.core.partial_dates import first_day, last_day, show
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


class Standing(StrEnum):
    """How a step stands: told by shape and words."""

    COMPLETED = "completed"
    OVERDUE = "overdue"
    OPEN = "open"
    UNCONFIRMED = "unconfirmed"


@dataclass(frozen=True, slots=True)
class Step:
    """A milestone of the plan as the page shows it.

    stops: the days at which it was due, oldest first, the present one last; empty where it never moved.
    """

    milestone: Milestone
    stops: Sequence[dt.date] = ()

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

    @property
    def standing(self) -> Standing:
        if self.milestone.completed_on:
            return Standing.COMPLETED
        if not self.milestone.confirmed:
            return Standing.UNCONFIRMED
        return Standing.OVERDUE if self.days_late else Standing.OPEN

    @property
    def day(self) -> dt.date | None:
        """Where it stands in time: when it was completed (the last day that is meant, no later than today), else due."""
        done = self.milestone.completed_on
        return max(first_day(done), min(last_day(done), today())) if done else self.milestone.due

    @property
    def days_moved(self) -> int:
        """From the day at which it was first due to the present one; below 0: earlier."""
        return (self.stops[-1] - self.stops[0]).days if self.stops else 0


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps that stand, and the moves of all by the update that made them (None: made on the plan itself)."""

    steps: list[Step] = field(default_factory=list)
    moves: dict[int | None, list[Move]] = field(default_factory=dict)


def milestones_of(item: TrackedItem) -> list[Step]:
    """The plan in its order, without what was dropped."""
    return read_plan(item).steps


def read_plan(item: TrackedItem) -> Plan:
    """One item's plan; one query."""
    return read_plans([item.pk])[item.pk]


def read_plans(items: Iterable[int]) -> dict[int, Plan]:
    """The plan of each item, by its key. One query: a step that was moved several times comes in several rows."""
    rows = (
        Milestone.objects.filter(item__in=(keys := list(items)))
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
            told=F("due_date_changes__update__happened"),
        )
    )
    milestones: dict[int, dict[int, Milestone]] = {key: {} for key in keys}
    count: dict[int, int] = defaultdict(int)
    moves: dict[int, dict[int | None, list[Move]]] = {key: defaultdict(list) for key in keys}
    standing: dict[int, list[_Change]] = defaultdict(list)
    for row in rows.order_by("position", "pk", "moved_at", "change"):
        if row.dropped_at is None:
            milestones[row.item_id].setdefault(row.pk, row)
        if row.change is None:
            continue
        if row.undone is None:
            count[row.pk] += 1
            happened = row.told or timezone.localdate(row.moved_at).isoformat()
            standing[row.pk].append(((happened, row.moved_at), row.old, row.new))
        moves[row.item_id][row.moved_by].append(
            Move(row.title, row.old, row.new, row.why, row.mover, row.moved_at, count[row.pk], row.undone is not None)
        )
    return {
        key: Plan([Step(each, _stops(standing[each.pk])) for each in milestones[key].values()], moves[key])
        for key in keys
    }


def open_steps(items: QuerySet[TrackedItem]) -> list[tuple[str, int]]:
    """The titles of steps that are neither done nor dropped, in the order of plans, with how many bear each."""
    steps = Milestone.objects.filter(item__in=items.order_by().values("pk"), dropped_at=None, completed_on="")
    counted = steps.order_by().values_list("title").annotate(first=Min("position"), n=Count("pk"))
    return [(title, number) for title, _first, number in counted.order_by("first", "title")]


_Change = tuple[tuple[str, dt.datetime], dt.date | None, dt.date | None]  # when it took place, old and new due


def _stops(changes: list[_Change]) -> list[dt.date]:
    """Every day at which a step was due, in the order in which its moves took place."""
    if not changes:
        return []
    changes.sort(key=lambda change: change[0])
    days = [changes[0][1], *(new for _when, _old, new in changes)]
    return [day for day in days if day is not None]
