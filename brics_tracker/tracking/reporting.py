"""Periods of reporting: an item's own, as long as its rhythm, and what was reported in each. Pure but for one query."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from brics_tracker.core.rows import Among, Many, Row

from .choices import ReportState
from .models import Update
from .querysets import PUBLIC_STATES

PERIODS = 6  # shown of each item: the one that runs, and those before it


@dataclass(frozen=True, slots=True)
class Period:
    """First and last day of one period of an item, and what was reported in it."""

    first: dt.date
    last: dt.date
    state: str

    @property
    def word(self) -> str:
        return str(ReportState(self.state).label)


def _reports(keys: Sequence[Any]) -> Iterable[tuple[Any, tuple[dt.date, bool]]]:
    """(item, (day on which a report of it was published, whether it said “no change”)) for these items."""
    told = Update.objects.by_people().filter(
        Among("item_id", keys), review_state__in=PUBLIC_STATES, published_at__isnull=False
    )
    for item, at, no_change in told.values_list("item_id", "published_at", "no_change").order_by():
        yield item, (timezone.localdate(at), no_change)


REPORTS = Many("reports", _reports)
PATHS = ("tracked_since", "rhythm_days")


def periods_of(row: Row, day: dt.date) -> list[Period | None]:
    """The last PERIODS of an item as a row with PATHS and REPORTS, oldest first; None before it was tracked."""
    began, rhythm = row["tracked_since"], dt.timedelta(days=row["rhythm_days"])
    if began is None or began > day:
        return [None] * PERIODS
    running = began + rhythm * ((day - began) // rhythm)
    firsts = [running - rhythm * back for back in reversed(range(PERIODS))]
    return [
        _period(first, first + rhythm - dt.timedelta(days=1), row, day) if first >= began else None for first in firsts
    ]


def _period(first: dt.date, last: dt.date, row: Row, day: dt.date) -> Period:
    said = [no_change for at, no_change in row["reports"] if first <= at <= last]
    if said:
        return Period(first, last, ReportState.NO_CHANGE if all(said) else ReportState.REPORTED)
    return Period(first, last, ReportState.MISSING if last < day else ReportState.NOT_DUE)


def period_at(place: int, day: dt.date) -> Any:
    """A function from a row to one of its periods in words, for a file: the state, and when the period ends."""

    def words(row: Row) -> str:
        period = periods_of(row, day)[place]
        return f"{period.word} ({period.last.isoformat()})" if period else ""

    return words


def places() -> Iterator[tuple[int, int]]:
    """(place among an item's periods, how many before the one that runs), oldest first."""
    return ((place, PERIODS - 1 - place) for place in range(PERIODS))
