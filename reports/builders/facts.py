"""The register as it stood at a moment: which items, in which state, with which dates, and open milestones.

Status, proof and percent come from the ranges of StatusChange, which are never rewritten. Due dates and
rhythm are the item's own columns where nothing has touched the item since; else they come from the
newest entry of its history before that moment; where there is none they are unknown, and counted so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from typing import Any

from django.db.models import Case, DateField, Exists, F, Max, OuterRef, Q, QuerySet, Subquery, When

from brics_tracker.tracking.choices import ReviewState
from brics_tracker.tracking.models import Milestone, StatusChange, TrackedItem, Update
from brics_tracker.tracking.workflow import CLOSED

MilestoneFact = dict[str, Any]
MILESTONE_FIELDS = ("item_id", "title", "due", "owner__name", "item__owner__name")
OPEN_MILESTONE = Q(confirmed=True, dropped_at__isnull=True, completed_on="", due__isnull=False)


def states_at(moment: dt.datetime, theme_ids: Collection[int] | None = None) -> QuerySet[Any]:
    """What was shown just before a moment, one row per item that was public then and not archived.

    `next_due_then` and `stagnant_then` may be filtered and aggregated by; `theme_ids` limits to items
    whose lead theme is among them.
    """
    states = StatusChange.objects.filter(
        Q(until__isnull=True) | Q(until__gte=moment),
        Q(item__archived_at__isnull=True) | Q(item__archived_at__gte=moment),
        since__lt=moment,
        item__review_state=ReviewState.PUBLISHED,
        item__published_at__lt=moment,
    )
    if theme_ids is not None:
        states = states.filter(item__lead_theme__in=theme_ids)
    return states.alias(
        next_due_then=_column_at("next_due", moment), stagnant_then=_column_at("stagnant_after", moment)
    )


def _item_history(moment: dt.datetime) -> QuerySet[Any]:
    history = TrackedItem.history.filter(id=OuterRef("item_id"), history_date__lt=moment)
    return history.order_by("-history_date", "-history_id")  # type: ignore[no-any-return]


def _column_at(name: str, moment: dt.datetime) -> Case:
    """A date column of the item as it was: its own where untouched since, else from the history."""
    untouched = When(item__updated_at__lt=moment, then=F(f"item__{name}"))
    return Case(untouched, default=Subquery(_item_history(moment).values(name)[:1]), output_field=DateField())


def dates_unknown(moment: dt.datetime) -> Q:
    """Items changed since, of which no earlier history is kept: what was due then cannot be known."""
    return Q(~Exists(_item_history(moment)), item__updated_at__gte=moment)


def updates_public_at(
    moment: dt.datetime, since: dt.datetime, theme_ids: Collection[int] | None = None
) -> QuerySet[Update]:
    """Updates published from `since` until the moment and not retracted before it; corrected ones included."""
    updates = Update.objects.filter(
        Q(retracted_at__isnull=True) | Q(retracted_at__gte=moment),
        published_at__gte=since,
        published_at__lt=moment,
    )
    return _of_public_items(updates, moment, theme_ids)


def updates_retracted_in(
    moment: dt.datetime, since: dt.datetime, theme_ids: Collection[int] | None = None
) -> QuerySet[Update]:
    """Updates that were taken back between `since` and the moment."""
    updates = Update.objects.filter(retracted_at__gte=since, retracted_at__lt=moment)
    return _of_public_items(updates, moment, theme_ids)


def _of_public_items(
    updates: QuerySet[Update], moment: dt.datetime, theme_ids: Collection[int] | None
) -> QuerySet[Update]:
    updates = updates.filter(
        Q(item__archived_at__isnull=True) | Q(item__archived_at__gte=moment),
        item__review_state=ReviewState.PUBLISHED,
        item__published_at__lt=moment,
    )
    return updates if theme_ids is None else updates.filter(item__lead_theme__in=theme_ids)


class OpenMilestones:
    """Confirmed, dated milestones that were neither completed nor dropped at a moment.

    Those untouched since are read from the table, the others from their history; both by one filter.
    """

    def __init__(self, moment: dt.datetime) -> None:
        touched = Milestone.objects.filter(updated_at__gte=moment)
        history = Milestone.history.filter(history_date__lt=moment)
        newest = history.filter(id__in=touched.values("pk")).values("id").annotate(newest=Max("history_id"))
        self._current: QuerySet[Any] = Milestone.objects.filter(OPEN_MILESTONE, updated_at__lt=moment)
        self._past: QuerySet[Any] = Milestone.history.filter(OPEN_MILESTONE, history_id__in=newest.values("newest"))
        known = Exists(history.filter(id=OuterRef("pk")))
        self._unknown = touched.filter(~known, created_at__lt=moment)

    def of_items(self, item_ids: Collection[int], *, before: dt.date) -> Iterator[MilestoneFact]:
        """Milestones of these items that were due before a day."""
        for rows in (self._current, self._past):
            yield from rows.filter(item_id__in=item_ids, due__lt=before).values(*MILESTONE_FIELDS)

    def between(
        self, first: dt.date, last: dt.date, states: QuerySet[Any], *, at_most: int
    ) -> tuple[int, list[MilestoneFact]]:
        """How many are due from a day to a day on open items among the states, and the first of them by date."""
        still_open = states.exclude(status__in=CLOSED)
        total = 0
        found: list[MilestoneFact] = []
        for rows in (self._current, self._past):
            due = rows.filter(due__gte=first, due__lte=last, item_id__in=still_open.values("item_id"))
            total += due.count()
            found += due.order_by("due", "item_id", "id").values(*MILESTONE_FIELDS)[:at_most]
        found.sort(key=lambda row: (row["due"], row["item_id"]))
        return total, found[:at_most]

    def unknown(self) -> int:
        """Milestones changed since, of which no earlier history is kept."""
        return self._unknown.count()
