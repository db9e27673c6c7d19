"""Which day it is: today, or the past day that a page was asked to show (core.as_of)."""

from __future__ import annotations

import datetime as dt
from contextvars import ContextVar

from django.utils import timezone

SHOWN: ContextVar[dt.date | None] = ContextVar("shown_day", default=None)


def shown_day() -> dt.date | None:
    """The past day that is being shown; None for the present."""
    return SHOWN.get()


def today() -> dt.date:
    """The day to compare dates with, in the site's time zone: today, or the day that is being shown."""
    return SHOWN.get() or timezone.localdate()


def start_of(day: dt.date) -> dt.datetime:
    """The first moment of a day, in the site's time zone."""
    return timezone.make_aware(dt.datetime.combine(day, dt.time.min))


def end_of(day: dt.date) -> dt.datetime:
    """The first moment after a day."""
    return start_of(day + dt.timedelta(days=1))


def past_query(joined_by: str = "") -> str:
    """What an address needs so as to stay on the day that is shown: "?as_of=2031-04-01", or "" in the present.

    `joined_by`: "&" where the address has a query already.
    """
    day = SHOWN.get()
    return f"{joined_by or '?'}as_of={day.isoformat()}" if day else ""
