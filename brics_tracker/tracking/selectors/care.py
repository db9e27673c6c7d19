"""Two items side by side: what hangs on each."""

from __future__ import annotations

from dataclasses import dataclass

from brics_tracker.tracking.models import TrackedItem


@dataclass(frozen=True, slots=True)
class Side:
    """One of two items, with how much hangs on it."""

    item: TrackedItem
    updates: int
    evidence: int
    steps: int
    citations: int
    relations: int


def side_of(item: TrackedItem) -> Side:
    """How much hangs on an item; five counts."""
    return Side(
        item,
        updates=item.updates.count(),
        evidence=item.evidence.count(),
        steps=item.milestones.filter(dropped_at=None).count(),
        citations=item.citations.count(),
        relations=item.relations_out.count() + item.relations_in.count(),
    )
