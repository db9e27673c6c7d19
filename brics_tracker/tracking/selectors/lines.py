"""Lines of time: the milestones of items with the trail of their dates, and the stretch of time that is shown."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from brics_tracker.core.charts import Stretch, Tick, TimeMark, time_axis, time_line
from brics_tracker.core.partial_dates import last_day, show
from brics_tracker.core.rows import Row, read_rows
from brics_tracker.tracking.models import TrackedItem, today

from .plan import Standing, Step, read_plans

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

PATHS = ("reference", "title", "status", "target_date", "review_state", "archived_at", "merged_into_id")
STANDINGS: dict[str, StrPromise] = {
    Standing.COMPLETED: gettext_lazy("completed"),
    Standing.OVERDUE: gettext_lazy("overdue"),
    Standing.OPEN: gettext_lazy("open"),
    Standing.UNCONFIRMED: gettext_lazy("to confirm"),
}
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class Line:
    """One item with the dated steps of its plan, in order of time, and how many have no date yet."""

    row: Row
    steps: Sequence[Step]
    undated: int
    marks: Sequence[TimeMark]


def lines_of(items: QuerySet[TrackedItem]) -> list[Line]:
    """A page of items as lines; two queries."""
    rows = read_rows(items, PATHS)
    plans = read_plans([row["pk"] for row in rows])
    return [_line(row, plans[row["pk"]].steps) for row in rows]


def _line(row: Row, steps: Sequence[Step]) -> Line:
    dated = sorted((step for step in steps if step.day), key=lambda step: step.day or dt.date.max)
    return Line(row, dated, len(steps) - len(dated), marks_of(dated, row["target_date"]))


def marks_of(steps: Sequence[Step], target: str = "") -> list[TimeMark]:
    """Steps as marks on a line; `target`: the item's own target date, a flag."""
    marks = [TimeMark(step.day, step.standing, words_of(step), step.stops) for step in steps if step.day]
    if target:
        marks.append(TimeMark(last_day(target), "target", _("Target: %(day)s") % {"day": show(target)}))
    return marks


@dataclass(frozen=True, slots=True)
class OwnLine:
    """One item's line with the axis over it, as SVG."""

    axis: SafeString
    line: SafeString


def own_line(steps: Sequence[Step], target: str) -> OwnLine | None:
    """An item's own line, as long as its marks and trails reach; None where no step has a date."""
    marks = marks_of([step for step in steps if step.day], target)
    if not any(mark.shape != "target" for mark in marks):
        return None
    stretch = stretch_around(marks)
    return OwnLine(time_axis(stretch), time_line(marks, stretch))


def words_of(step: Step) -> str:
    """ "Text agreed: overdue, due 3 May 2031, first due 1 Feb 2031"."""
    milestone = step.milestone
    words = [str(STANDINGS[step.standing])]
    if step.completed:
        words.append(step.completed)
    if milestone.due:
        words.append(_("due %(day)s") % {"day": date_format(milestone.due, "j M Y")})
    if step.stops:
        words.append(_("first due %(day)s") % {"day": date_format(step.stops[0], "j M Y")})
    return f"{milestone.title}: {', '.join(words)}"


def moved_in_words(step: Step) -> str:
    """ "2 moves, 91 days later"; "" where it never moved."""
    moves = len(step.stops) - 1
    if moves < 1:
        return ""
    days = step.days_moved
    words = ngettext("%(n)d move", "%(n)d moves", moves) % {"n": moves}
    if not days:
        return words
    later = ngettext("%(n)d day later", "%(n)d days later", days)
    earlier = ngettext("%(n)d day earlier", "%(n)d days earlier", -days)
    return f"{words}, {(later if days > 0 else earlier) % {'n': abs(days)}}"


# --- the stretch that is shown --------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Zoom:
    """How much is shown: months in all, months of a step to either side, months back from the present by default."""

    label: StrPromise
    months: int
    step: int
    back: int


ZOOMS: dict[str, Zoom] = {
    "quarter": Zoom(gettext_lazy("Quarter"), 3, 3, 0),
    "year": Zoom(gettext_lazy("Year"), 12, 6, 3),
    "years": Zoom(gettext_lazy("Five years"), 60, 24, 12),
}
USUAL_ZOOM = "year"


def first_month(asked: str, zoom: Zoom) -> dt.date:
    """The first day to show: as asked ("2031-04"), else a quarter that leads up to the present."""
    if asked:
        if not _MONTH.fullmatch(asked) or not 1900 <= int(asked[:4]) <= 2200:
            raise BadRequest(_("“From” needs a month, written as 2031-04."))
        return dt.date(int(asked[:4]), int(asked[5:]), 1)
    now = today()
    return months_after(dt.date(now.year, 1 if zoom.months > 12 else 1 + (now.month - 1) // 3 * 3, 1), -zoom.back)


def months_after(day: dt.date, months: int) -> dt.date:
    """The first of the month so many months after that day's."""
    count = day.year * 12 + day.month - 1 + months
    return dt.date(count // 12, count % 12 + 1, 1)


def stretch_of(start: dt.date, months: int) -> Stretch:
    """So many months from that first of a month, with ticks: weeks, months or quarters."""
    end = months_after(start, months)
    firsts = [months_after(start, n) for n in range(months)]
    if months > 24:
        ticks = [Tick(day, str(day.year) if day.month == 1 else "") for day in firsts if day.month in {1, 4, 7, 10}]
    else:
        named = {day: date_format(day, "Y" if day.month == 1 else "M") for day in firsts}
        ticks = [Tick(day, name) for day, name in named.items()]
        if months <= 3:
            monday = start + dt.timedelta(days=-start.weekday() % 7)
            weeks = [monday + dt.timedelta(weeks=n) for n in range((end - monday).days // 7 + 1)]
            ticks += [Tick(day) for day in weeks if day < end and day not in named]
    return Stretch(start, end, ticks, today())


def stretch_around(marks: Sequence[TimeMark]) -> Stretch:
    """All that these marks and their trails take up, and today, in whole quarters; for one item alone."""
    days = [today(), *(mark.day for mark in marks), *(day for mark in marks for day in mark.stops)]
    first, last = min(days), max(days)
    start = dt.date(first.year, 1 + (first.month - 1) // 3 * 3, 1)
    months = (last.year - start.year) * 12 + last.month - start.month + 1
    months += -months % 3
    firsts = [months_after(start, n) for n in range(months)]
    step = 12 if months > 18 else 3
    named = [day for day in firsts if (day.month - 1) % step == 0]
    ticks = [Tick(day, date_format(day, "Y" if day.month == 1 else "M")) for day in named]
    return Stretch(start, months_after(start, months), ticks, today())
