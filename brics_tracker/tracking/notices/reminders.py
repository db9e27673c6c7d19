"""Reminders, found once a day: before and after due dates and expected reports; what stays late goes to the second line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence

from django.conf import settings
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from brics_tracker.accounts import access as grants
from brics_tracker.accounts.choices import Reason, Why
from brics_tracker.accounts.models import User
from brics_tracker.accounts.notices.sources import Telling, Tie
from brics_tracker.core.clock import start_of
from brics_tracker.tracking import access
from brics_tracker.tracking.models import TrackedItem

CATCH_UP = 7  # days: a scheduler that was away for longer reminds of nothing that is long past


def due_dates(since: dt.datetime, until: dt.datetime) -> Iterator[Telling]:
    """Due dates that come near or have passed: to the assignees; what stays overdue: to reviewers of its theme."""
    if (day := _new_day(since, until)) is None:
        return
    items = _followed().filter(next_due__isnull=False)
    for days, first, last in _stretches():
        reason = Reason.DUE if days <= 0 else Reason.OVERDUE
        due = items.filter(next_due__gte=day - dt.timedelta(days=last), next_due__lte=day - dt.timedelta(days=first))
        yield from _to_assignees(due, "next_due", reason, "due", days, day)
    longer = settings.SECOND_LINE_DAYS
    late = items.filter(
        next_due__gt=day - dt.timedelta(days=longer + CATCH_UP), next_due__lte=day - dt.timedelta(days=longer)
    )
    yield from _to_second_line(late, "next_due", "due", day)


def expected_reports(since: dt.datetime, until: dt.datetime) -> Iterator[Telling]:
    """Reports that the rhythm of an item asks for: to the assignees; missing for long: to reviewers of its theme.

    “No change” is a report too.
    """
    if (day := _new_day(since, until)) is None:
        return
    items = _followed().annotate(base=Coalesce("last_reported_on", "tracked_since"))
    rhythms = list(items.order_by().values_list("rhythm_days", flat=True).distinct())
    for days, first, last in _stretches():
        reason = Reason.REPORT if days <= 0 else Reason.MISSING
        expected = items.filter(_expected(rhythms, day, first, last))
        yield from _to_assignees(expected, "expected", reason, "report", days, day)
    longer = settings.SECOND_LINE_DAYS
    late = items.filter(_expected(rhythms, day, longer, longer + CATCH_UP - 1))
    yield from _to_second_line(late, "expected", "report", day)


def _new_day(since: dt.datetime, until: dt.datetime) -> dt.date | None:
    """The day that has begun since the last look, on the site's clock; None within one day."""
    day = timezone.localdate(until)
    return day if timezone.localdate(since) != day else None


def _followed() -> QuerySet[TrackedItem]:
    """Items that are still to be brought to an end, with the people assigned at hand."""
    items = TrackedItem.objects.published().current().open().filter(tracked_since__isnull=False)
    return items.prefetch_related("assignees", "themes", "members").order_by("pk")


def _stretches() -> Iterator[tuple[int, int, int]]:
    """(days after the date for which this reminder is named, first and last day late on which it goes out).

    The nearest reminder goes out, the others were before: a date that is set for tomorrow reminds once.
    """
    before = sorted(settings.REMIND_BEFORE_DAYS)
    for place, days in enumerate(before):
        yield -days, -days, -before[place - 1] - 1 if place else 0
    after = sorted(settings.REMIND_AFTER_DAYS)
    for place, days in enumerate(after):
        yield days, days, after[place + 1] - 1 if place + 1 < len(after) else days + CATCH_UP


def _expected(rhythms: Sequence[int], day: dt.date, first: int, last: int) -> Q:
    """Items whose report is expected from `last` to `first` days before the day: their rhythm after the last one."""
    condition = Q(pk__in=[])
    for rhythm in rhythms:
        base = day - dt.timedelta(days=rhythm)
        condition |= Q(
            rhythm_days=rhythm, base__gte=base - dt.timedelta(days=last), base__lte=base - dt.timedelta(days=first)
        )
    return condition


def _date_of(item: TrackedItem, name: str) -> dt.date:
    if name == "next_due":
        return item.next_due or dt.date.max  # only dated ones are asked for
    base: dt.date = item.base  # type: ignore[attr-defined] # annotated above
    return base + dt.timedelta(days=item.rhythm_days)


def _telling(item: TrackedItem, name: str, reason: str, key: str, day: dt.date, people: Iterable[Tie]) -> Telling:
    then = _date_of(item, name).isoformat()
    return Telling(
        reason=reason, key=f"{key}:{then}", subject="item", subject_pk=item.pk, label=str(item),
        address=item.get_absolute_url(), at=start_of(day), people=people, facts={"day": then},
    )  # fmt: skip


def _to_assignees(
    items: QuerySet[TrackedItem], name: str, reason: str, what: str, days: int, day: dt.date
) -> Iterator[Telling]:
    for item in items.filter(assignees__isnull=False).distinct().iterator(chunk_size=500):
        people = [Tie(person.pk, Why.ASSIGNED) for person in item.assignees.all()]
        yield _telling(item, name, reason, f"{what}:{item.pk}:{days}", day, people)


def _to_second_line(items: QuerySet[TrackedItem], name: str, what: str, day: dt.date) -> Iterator[Telling]:
    reviewers = list(User.objects.filter(grants__role__in=grants.REVIEWERS, is_active=True, is_system=False).distinct())
    grants.read_grants(reviewers)
    for item in items.iterator(chunk_size=500):
        people = [Tie(person.pk, Why.REVIEWER) for person in reviewers if access.may_review(person, item)]
        yield _telling(item, name, Reason.SECOND_LINE, f"second:{what}:{item.pk}", day, people)
