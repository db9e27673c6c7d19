"""What was recorded after a report's cut-off, in three figures; each from what the register keeps anyway."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Q

from brics_tracker.tracking.models import TrackedItem, today
from reports.builders.facts import dates_unknown, states_at
from reports.builders.updates import count_published


@dataclass(frozen=True, slots=True)
class Since:
    """Updates published, items that moved, and items that are overdue now and were not then."""

    published: int
    moved: int
    overdue: int


def count_since(cut_off: dt.datetime, now: dt.datetime, theme_ids: Collection[int] | None = None) -> Since:
    """From a cut-off until now; `theme_ids` limits to items whose lead theme is among them. Three queries."""
    items = TrackedItem.objects.published().current()
    if theme_ids is not None:
        items = items.filter(lead_theme__in=theme_ids)
    # As the comparison of two reports has it: of an item that is new, or whose date then is unknown, nothing is said.
    not_late = Q(next_due_then__gte=cut_off.astimezone(dt.UTC).date()) | Q(next_due_then__isnull=True)
    in_time = states_at(cut_off, theme_ids).filter(not_late, ~dates_unknown(cut_off))
    return Since(
        published=count_published(now, cut_off, theme_ids)["total"],
        moved=items.moved_since(cut_off).count(),
        overdue=in_time.filter(item__next_due__lt=today(), item__in=items).count(),
    )
