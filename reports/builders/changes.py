"""What changed between two frozen reports: moved on, moved back, newly late."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from brics_tracker.tracking.workflow import WORKFLOWS

# What a snapshot keeps of each item for the next report: sort, status, and whether it was overdue: 1, 0, or
# UNKNOWN, from which nothing can have changed.
UNKNOWN = -1
State = list[str | int]
States = dict[str, State]

FORWARD, BACK, PAUSED, RESUMED, ENDED, REOPENED = "forward", "back", "paused", "resumed", "ended", "reopened"
OVERDUE, CAUGHT_UP, NEW, LEFT = "overdue", "caught_up", "new", "left"
DIRECTIONS = (FORWARD, BACK, PAUSED, RESUMED, ENDED, REOPENED, OVERDUE, CAUGHT_UP, NEW, LEFT)


@dataclass(frozen=True, slots=True)
class Change:
    """One item's change; an item that moved and became late has two."""

    reference: str
    direction: str
    before: str
    after: str


def direction_of(kind: str, before: str, after: str) -> str:
    """Which way a step of status goes in the workflow of this sort of item; "" where it is none."""
    return str(WORKFLOWS[kind].direction(before, after) or "")


def compare(before: Mapping[str, State], after: Mapping[str, State]) -> Iterator[Change]:
    """Every change between two reports' states, in the order of the later one; items that left come last."""
    for reference, (kind, status, late) in after.items():
        if reference not in before:
            yield Change(reference, NEW, "", str(status))
            continue
        _kind, old, was_late = before[reference]
        direction = direction_of(str(kind), str(old), str(status))
        if direction:
            yield Change(reference, direction, str(old), str(status))
        if late == 1 and was_late == 0:
            yield Change(reference, OVERDUE, str(old), str(status))
        elif was_late == 1 and late == 0 and not direction:
            yield Change(reference, CAUGHT_UP, str(old), str(status))
    for reference in sorted(before.keys() - after.keys()):
        yield Change(reference, LEFT, str(before[reference][1]), "")
