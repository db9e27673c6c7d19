"""The calendar of reporting: reported, no change, missing, not yet due; in each item's own rhythm."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from brics_tracker.accounts.models import User
from brics_tracker.core.clock import start_of
from brics_tracker.tracking.models import TrackedItem, Update
from brics_tracker.tracking.reporting import periods_of
from brics_tracker.tracking.services import updates
from tests.factories.tracking import make_item, make_update
from tests.growth import queries_of

pytestmark = pytest.mark.django_db


def make_tracked(days: int, rhythm: int) -> TrackedItem:
    item = make_item()
    TrackedItem.objects.filter(pk=item.pk).update(
        tracked_since=timezone.localdate() - dt.timedelta(days=days), rhythm_days=rhythm
    )
    return item


def publish(item: TrackedItem, days_ago: int, *, no_change: bool = False) -> None:
    if no_change:
        author, reviewer = (User.objects.get(name=name) for name in ("analyst", "reviewer"))
        update = updates.publish_update(updates.report_no_change(item, by=author), by=reviewer)
    else:
        update = make_update(item)
    moment = start_of(timezone.localdate() - dt.timedelta(days=days_ago)) + dt.timedelta(hours=12)
    Update.objects.filter(pk=update.pk).update(published_at=moment)


def test_each_period_says_what_was_reported_in_it(client: Client, analyst: User, reviewer: User) -> None:
    item = make_tracked(days=35, rhythm=10)  # periods began 35, 25, 15 and 5 days ago
    publish(item, 26)  # the last day of the first
    publish(item, 20, no_change=True)
    publish(make_tracked(days=3, rhythm=10), 0)
    client.force_login(analyst)
    rows = client.get(reverse("tracking:reporting")).context["rows"]
    said = [[period and period.state for period in row["periods"]] for row in rows]
    assert said == [
        [None, None, "reported", "no_change", "missing", "not_due"],
        [None, None, None, None, None, "reported"],
    ]
    page = client.get(reverse("tracking:reporting")).content.decode()
    assert page.count("</span> missing</b>") == 1


@pytest.mark.parametrize(("since", "rhythm", "last"), [(0, 1, 0), (0, 10, 9), (9, 10, 0), (10, 10, 9), (365, 365, 364)])
def test_a_period_lasts_as_long_as_the_rhythm(since: int, rhythm: int, last: int) -> None:
    day = dt.date(2032, 2, 29)
    row = {"tracked_since": day - dt.timedelta(days=since), "rhythm_days": rhythm, "reports": []}
    running = periods_of(row, day)[-1]
    assert running is not None
    assert running.last == day + dt.timedelta(days=last)


def test_the_same_as_a_file_and_filtered_like_any_list(client: Client, analyst: User) -> None:
    item = make_tracked(days=15, rhythm=10)
    make_tracked(days=15, rhythm=10)
    client.force_login(analyst)
    answer = client.get(reverse("tracking:reporting"), {"q": item.title, "export": "csv"})
    lines = b"".join(answer.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert len(lines) == 2
    ended = timezone.localdate() - dt.timedelta(days=6)
    assert f"missing ({ended})" in lines[1]


def test_many_items_and_reports_cost_no_more(client: Client, analyst: User) -> None:
    client.force_login(analyst)
    client.get(reverse("tracking:reporting"))  # choices of the filter are kept for a minute
    costs = []
    for number in range(1, 6):
        publish(make_tracked(days=30, rhythm=10), number)
        if number in {1, 5}:
            costs.append(queries_of(lambda: client.get(reverse("tracking:reporting"))))
    assert costs[0] == costs[1]


def test_closed_and_hidden_items_are_not_asked_for(client: Client, analyst: User, reader: User) -> None:
    make_item(published=False)
    done = make_tracked(days=15, rhythm=10)
    make_update(done, status_claimed="rejected")
    client.force_login(reader)
    assert client.get(reverse("tracking:reporting")).context["rows"] == []
