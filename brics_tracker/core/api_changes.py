"""Lists read in the order of change: what a copy of the register asks again and again, and never misses a row of.

A reader starts with an empty `cursor` (everything) or `updated_since`, follows `next`, keeps the last `cursor` and
asks with it again later. A row that changes in between comes again, further on. Rows are handed out only up to a
moment before which nothing can still be saved (`settled_until`), so a change that was begun early and saved late is
not passed by.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, models
from django.db.models import F, Max, OuterRef, QuerySet, Subquery, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError

from .clock import start_of

PARAMETERS = ("updated_since", "cursor")
# Clocks of several servers differ by less than this, and no stop between taking the time and writing lasts longer.
MARGIN = dt.timedelta(seconds=2)
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_CURSOR = re.compile(r"([0-9]{1,17})-([0-9]{1,18})", re.ASCII)

Position = tuple[dt.datetime, int]
Gone = Callable[[], Sequence[QuerySet[Any, Any]]]

_OLDEST = """
SELECT max(extract(epoch FROM clock_timestamp() - a.xact_start)),
       bool_or(a.xact_start IS NULL AND a.usename <> current_user AND EXISTS (
           SELECT 1 FROM pg_locks l WHERE l.pid = a.pid AND l.locktype = 'transactionid' AND l.mode = 'ExclusiveLock'))
FROM pg_stat_activity a
WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND a.backend_type = 'client backend'
"""


@dataclass(frozen=True, slots=True)
class Changes:
    """One page in the order of change."""

    keys: Sequence[int]  # of rows that are there
    gone: Sequence[int]  # of rows that are not any more
    cursor: str  # where to go on, now or later
    has_more: bool
    count: int  # of rows to come, these among them


def last_change(*moments: Combinable | str) -> Combinable:
    """The latest of some moments, for `RowsView.changed`; those that are not known are passed over."""
    known = [Coalesce(moment, Value(EPOCH), output_field=models.DateTimeField()) for moment in moments]
    return Greatest(*known) if len(known) > 1 else known[0]


def recorded(model: type[models.Model], name: str) -> Combinable:
    """When the newest entry of history of a model was written whose column `name` holds the row's key."""
    entries = model.history.model.objects.filter(**{name: OuterRef("pk")}).order_by()  # type: ignore[attr-defined]
    return Subquery(entries.values(name).annotate(newest=Max("history_date")).values("newest"))


def is_asked(query: Mapping[str, Any]) -> bool:
    """Does the address ask for the order of change?"""
    return any(name in query for name in PARAMETERS)


def start_from(query: Mapping[str, str], *, known: frozenset[str]) -> Position:
    """Where the address asks to begin. ValidationError by parameter; for any beside them that could hide a change."""
    if others := {name: [_("Not in the order of change: it could hide one.")] for name in query if name not in known}:
        raise ValidationError(others)
    if all(name in query for name in PARAMETERS):
        raise ValidationError({"cursor": [_("Send either updated_since or cursor.")]})
    if "cursor" in query:
        return _position(query["cursor"])
    return _moment(query["updated_since"]), 0


def read_changes(
    rows: QuerySet[Any], changed: Combinable | str, gone: Sequence[QuerySet[Any, Any]], start: Position, size: int
) -> Changes:
    """The next rows after a position, and what has gone; a fixed number of queries.

    `changed`: when a row last changed; `gone`: querysets of (moment, key) of what is no longer there.
    """
    until = settled_until()  # asked first: what is saved from now on lies behind it
    rows = rows.order_by().annotate(changed_at=changed if isinstance(changed, Combinable) else F(changed))
    found = _after(rows, "changed_at", start, until)
    present = list(found.order_by("changed_at", "pk").values_list("changed_at", "pk")[: size + 1])
    lost: list[Position] = []
    for each in gone:
        moment, key = each.query.values_select
        lost += _after(each, moment, start, until, key).order_by(moment, key)[: size + 1]
    window = sorted([(*place, True) for place in present] + [(*place, False) for place in set(lost)])
    page = window[:size]
    end = page[-1][:2] if page else start
    return Changes(
        keys=[key for _at, key, is_there in page if is_there],
        gone=[key for _at, key, is_there in page if not is_there],
        cursor=_written(end), has_more=len(window) > size, count=found.count(),
    )  # fmt: skip


def settled_until() -> dt.datetime:
    """A moment before which everything that will ever bear an earlier one is there to be read.

    Moments are taken inside of transactions. On PostgreSQL the oldest that is still open says how far back one may
    yet appear; while another role writes, whose transactions are not told, nothing counts as settled. On SQLite
    transactions that write come one after the other, each taking its moments after the one before was saved.
    """
    now = timezone.now()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(_OLDEST)
            age, is_unknown = cursor.fetchone()
        if is_unknown:
            return EPOCH
        now -= dt.timedelta(seconds=max(float(age or 0), 0))
    return now - MARGIN


def _after(
    rows: QuerySet[Any, Any], moment: str, start: Position, until: dt.datetime, key: str = "pk"
) -> QuerySet[Any, Any]:
    within = rows.filter(**{f"{moment}__gte": start[0], f"{moment}__lt": until})
    return within.exclude(**{moment: start[0], f"{key}__lte": start[1]})


def _written(position: Position) -> str:
    return f"{(position[0] - EPOCH) // dt.timedelta(microseconds=1)}-{position[1]}"


def _position(text: str) -> Position:
    """A cursor; the empty one is the beginning."""
    if not text:
        return EPOCH, 0
    if (found := _CURSOR.fullmatch(text)) is not None:
        try:
            return EPOCH + dt.timedelta(microseconds=int(found[1])), int(found[2])
        except OverflowError:
            pass
    raise ValidationError({"cursor": [_("Send a cursor as it was given, or an empty one to begin.")]})


def _moment(text: str) -> dt.datetime:
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
            return start_of(dt.date.fromisoformat(text)).astimezone(dt.UTC)
        moment = parse_datetime(text)
        if moment is not None and moment.tzinfo is not None:
            return moment.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        pass
    said = _("Write a day as 2031-04-01, or a moment as 2031-04-01T10:30:00Z.")
    raise ValidationError({"updated_since": [said]})
