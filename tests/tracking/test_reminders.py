"""Reminders before and after due dates and expected reports; what stays late is told to the second line."""

import datetime as dt
from typing import Any

import pytest

from brics_tracker.accounts.models import Notice, User
from brics_tracker.accounts.notices.services import tell
from brics_tracker.core.clock import start_of
from brics_tracker.tracking.models import TrackedItem
from brics_tracker.tracking.notices.reminders import due_dates, expected_reports
from brics_tracker.tracking.services import items
from tests.factories import accounts as people
from tests.factories.core import make_theme
from tests.factories.tracking import make_item

pytestmark = pytest.mark.django_db
DUE = dt.date(2031, 6, 1)


@pytest.fixture
def assigned(db: None) -> User:
    return people.make_user("assigned")


@pytest.fixture
def item(assigned: User) -> TrackedItem:
    return make_item(assignees=[assigned])


def on(day: dt.date) -> list[tuple[str, str]]:
    """Who is newly told what on a day: the look just after its midnight."""
    before = set(Notice.objects.values_list("pk", flat=True))
    midnight = start_of(day)
    stretch = (midnight - dt.timedelta(seconds=20), midnight + dt.timedelta(seconds=10))
    for _again in range(2):  # as after a kill
        tell([*due_dates(*stretch), *expected_reports(*stretch)])
    later = (midnight + dt.timedelta(hours=9), midnight + dt.timedelta(hours=9, minutes=1))
    assert [*due_dates(*later), *expected_reports(*later)] == []
    return sorted(Notice.objects.exclude(pk__in=before).values_list("person__name", "reason"))


def set_dates(item: TrackedItem, **values: Any) -> None:
    TrackedItem.objects.filter(pk=item.pk).update(**values)


def through(*asked: int) -> dict[int, list[tuple[str, str]]]:
    """By days after DUE, in their order: what was told, where anything was."""
    found = {days: on(DUE + dt.timedelta(days=days)) for days in asked}
    return {days: told for days, told in found.items() if told}


def test_a_due_date_reminds_the_assignees_and_then_the_reviewers_of_its_theme(item: TrackedItem) -> None:
    people.make_user("of-energy", role="reviewer", themes=[make_theme("EN")])
    people.make_user("of-green", role="reviewer", themes=[make_theme("GR")])
    set_dates(item, next_due=DUE, rhythm_days=1000, last_reported_on=DUE)
    assert through(-15, -14, -13, -4, -3, -2, 0, 1, 2, 13, 14, 15, 29, 30, 31, 36, 45) == {
        -14: [("assigned", "due")],
        -3: [("assigned", "due")],
        1: [("assigned", "overdue")],
        14: [("assigned", "overdue")],
        30: [("of-energy", "second_line")],
    }
    assert Notice.objects.filter(reason="overdue").earliest("at").words == "Due 1 Jun 2031"


def test_a_date_set_late_reminds_once_with_the_nearest(item: TrackedItem) -> None:
    set_dates(item, next_due=DUE, rhythm_days=1000, last_reported_on=DUE)
    assert through(-2, -1, 0) == {-2: [("assigned", "due")]}


def test_a_report_is_expected_a_rhythm_after_the_last_one(item: TrackedItem, reviewer: User) -> None:
    set_dates(item, next_due=None, rhythm_days=30, last_reported_on=DUE - dt.timedelta(days=30))
    assert through(-15, -14, -3, 0, 1, 2) == {
        -14: [("assigned", "report")],
        -3: [("assigned", "report")],
        1: [("assigned", "missing")],
    }
    # “No change”, published on the fourth day, is a report: the next one is expected a rhythm later.
    set_dates(item, last_reported_on=DUE + dt.timedelta(days=4))
    assert through(5, 19, 20, 21) == {20: [("assigned", "report")]}
    assert through(34 + 29, 34 + 30, 34 + 31) == {34 + 30: [("reviewer", "second_line")]}


def test_a_scheduler_that_was_away_catches_up_and_what_is_long_past_is_left(item: TrackedItem) -> None:
    set_dates(item, next_due=DUE, rhythm_days=1000, last_reported_on=DUE)
    assert on(DUE - dt.timedelta(days=10)) == [("assigned", "due")]
    assert on(DUE + dt.timedelta(days=400)) == []


def test_nobody_is_reminded_of_what_is_archived(item: TrackedItem, administrator: User) -> None:
    set_dates(item, next_due=DUE)
    items.archive_item(item, by=administrator, reason="Over.")
    assert through(-3, 1) == {}
