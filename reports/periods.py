"""Periods of reports, in UTC: ISO weeks, months, quarters and years; their labels and cut-offs."""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass

from .choices import Period

DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """One period: its first and its last day, both included."""

    kind: str
    start: dt.date
    end: dt.date

    @property
    def label(self) -> str:
        """As reports are numbered: 2026-W47, 2026-11, 2026-Q4 or 2026."""
        if self.kind == Period.WEEK:
            year, week, _weekday = self.start.isocalendar()
            return f"{year}-W{week:02d}"
        if self.kind == Period.MONTH:
            return f"{self.start:%Y-%m}"
        if self.kind == Period.QUARTER:
            return f"{self.start.year}-Q{(self.start.month + 2) // 3}"
        return f"{self.start.year}"

    @property
    def began_at(self) -> dt.datetime:
        """The first moment of the period."""
        return midnight(self.start)

    @property
    def cut_off(self) -> dt.datetime:
        """The moment at which the period is over; what was published before it belongs to the report."""
        return midnight(self.end + DAY)

    @property
    def previous(self) -> Span:
        return period_containing(self.kind, self.start - DAY)

    @property
    def next(self) -> Span:
        return period_containing(self.kind, self.end + DAY)


def midnight(day: dt.date) -> dt.datetime:
    """The first moment of a day, UTC."""
    return dt.datetime.combine(day, dt.time(), dt.UTC)


def period_containing(kind: str, day: dt.date) -> Span:
    """The week, month, quarter or year in which a day lies."""
    if kind == Period.WEEK:
        start = day - dt.timedelta(days=day.weekday())
        return Span(kind, start, start + dt.timedelta(days=6))
    if kind == Period.MONTH:
        return Span(kind, day.replace(day=1), _last_of_month(day.year, day.month))
    if kind == Period.QUARTER:
        last = (day.month + 2) // 3 * 3
        return Span(kind, dt.date(day.year, last - 2, 1), _last_of_month(day.year, last))
    if kind == Period.YEAR:
        return Span(kind, dt.date(day.year, 1, 1), dt.date(day.year, 12, 31))
    raise ValueError(f"no such period: {kind!r}")


def last_ended_period(kind: str, moment: dt.datetime) -> Span:
    """The newest period that is over at a moment."""
    return period_containing(kind, moment.astimezone(dt.UTC).date()).previous


def ended_periods(kind: str, moment: dt.datetime, *, starts_on: dt.date, at_most: int) -> list[Span]:
    """Periods that are over at a moment and began on `starts_on` or later, oldest first, the newest `at_most`."""
    spans: list[Span] = []
    span = last_ended_period(kind, moment)
    while span.start >= starts_on and len(spans) < at_most:
        spans.append(span)
        span = span.previous
    return spans[::-1]


def _last_of_month(year: int, month: int) -> dt.date:
    return dt.date(year, month, calendar.monthrange(year, month)[1])
