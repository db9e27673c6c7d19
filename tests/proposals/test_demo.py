"""The demonstration: invented, but with a past in which everything was recorded when it happened."""

import datetime as dt

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from brics_tracker.accounts.models import User
from brics_tracker.tracking.models import TrackedItem
from brics_tracker.tracking.services import updates
from proposals.demo import make_demo
from reports.periods import last_ended_period
from tests.factories.tracking import make_item, make_system
from tests.reports.builders import build_tables

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _demo(settings: LazySettings) -> None:
    """As the catalogue leaves it: each item with a plan and its first entry."""
    settings.DEMO = True
    for _n in range(12):
        item = make_item(plan="fund")
        entry = {"text": "As the document has it.", "happened": "2017-08-31", "status_claimed": "proposed"}
        updates.enter_update(item, by=make_system(), fields=entry, sources=[{"title": "The document"}])
    make_demo(seed=7)


def test_a_report_on_a_past_week_knows_what_was_due_then() -> None:
    span = last_ended_period("week", timezone.now() - dt.timedelta(weeks=8))
    totals = build_tables(span)[0].totals
    assert totals.items == {"proposal": 12}
    assert (totals.unknown_dates, totals.unknown_milestones) == (0, 0)
    assert totals.milestones


def test_what_happened_last_is_what_changed_an_item_last() -> None:
    for item in TrackedItem.objects.all():
        newest = max(update.published_at for update in item.updates.all() if update.published_at)
        recorded = item.history.latest().history_date
        assert item.updated_at == recorded
        assert abs(recorded - newest) < dt.timedelta(minutes=5)


def test_a_past_day_shows_what_was_entered_by_then(client: Client, reader: User) -> None:
    client.force_login(reader)
    day = timezone.localdate() - dt.timedelta(weeks=8)
    assert ">12 proposals</a>" in client.get("/", {"as_of": day.isoformat()}).content.decode()


def test_it_keeps_the_registers_invariants() -> None:
    call_command("check_integrity")  # exits with an error where one is broken
