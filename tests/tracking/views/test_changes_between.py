"""What changed between two days: every kind of change once, with what stood there before."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.test import Client

from brics_tracker.accounts.models import User
from brics_tracker.tracking.models import TrackedItem
from brics_tracker.tracking.selectors.between import Difference, Sort, differences
from brics_tracker.tracking.services import items, milestones, updates
from tests.factories.accounts import make_user
from tests.factories.core import make_theme
from tests.factories.tracking import make_item, make_milestone, make_update

pytestmark = pytest.mark.django_db
FIRST, LAST = dt.date(2025, 3, 1), dt.date(2025, 3, 31)


def on(day: dt.date) -> time_machine.travel:
    return time_machine.travel(dt.datetime.combine(day, dt.time(9), dt.UTC), tick=False)


@pytest.fixture
def before() -> TrackedItem:
    with on(FIRST):
        return make_item(title="There from the first")


def told(user: User, sort: Sort) -> list[Difference]:
    return [each for each in differences(user, FIRST, LAST) if each.sort == sort]


def test_an_item_entered_in_between_is_new(reader: User, before: TrackedItem) -> None:
    with on(dt.date(2025, 3, 10)):
        new = make_item()
    assert [each.reference for each in told(reader, Sort.NEW)] == [new.reference]


def test_a_step_forward_shows_both_statuses(reader: User, analyst: User, before: TrackedItem) -> None:
    with on(dt.date(2025, 3, 10)):
        make_update(before, by=analyst, status_claimed="discussion")
    (step,) = told(reader, Sort.FORWARD)
    assert (step.reference, step.before, step.after) == (before.reference, "Proposed", "Under discussion")


def test_what_was_retracted_by_the_last_day_did_not_change(reader: User, analyst: User, before: TrackedItem) -> None:
    with on(dt.date(2025, 3, 10)):
        update = make_update(before, by=analyst, status_claimed="discussion")
    with on(dt.date(2025, 3, 12)):
        updates.retract_update(update, by=make_user(role="reviewer"), reason="Misread.")
    assert differences(reader, FIRST, LAST) == []
    assert [each.sort for each in differences(reader, FIRST, dt.date(2025, 3, 10))] == [Sort.FORWARD]


def test_a_slip_says_by_how_many_days(reader: User, analyst: User, before: TrackedItem) -> None:
    with on(FIRST):
        step = make_milestone(before, by=make_user(role="reviewer"), title="Text agreed", due=dt.date(2025, 6, 1))
    with on(dt.date(2025, 3, 20)):
        changes = {"due": dt.date(2025, 6, 15)}
        milestones.edit_milestone(step, by=analyst, version=None, changes=changes, reason="A quorum lacked.")
    (slip,) = told(reader, Sort.SLIPPED)
    assert (slip.before, slip.after, slip.note) == ("2025-06-01", "2025-06-15", "Text agreed: by 14 days")


def test_a_slip_of_a_later_step_is_no_news_of_the_item_itself(reader: User, analyst: User, before: TrackedItem) -> None:
    with on(FIRST):
        make_milestone(before, by=make_user(role="reviewer"), due=dt.date(2025, 5, 1))
        later = make_milestone(before, by=make_user(role="reviewer"), due=dt.date(2025, 9, 1))
    with on(dt.date(2025, 3, 20)):
        changes = {"due": dt.date(2025, 10, 1)}
        milestones.edit_milestone(later, by=analyst, version=None, changes=changes, reason="A quorum lacked.")
    assert [each.sort for each in differences(reader, FIRST, LAST)] == [Sort.SLIPPED]


def test_references_stand_in_the_order_of_their_numbers(reader: User) -> None:
    with on(dt.date(2025, 3, 10)):
        made = [make_item() for _item in range(2)]
    for item, number in zip(made, (100, 99), strict=True):
        rename = {"reference": f"EN-{number}", "reference_number": number}
        TrackedItem.objects.filter(pk=item.pk).update(**rename)
        item.history.update(**rename)
    assert [each.reference for each in told(reader, Sort.NEW)] == ["EN-99", "EN-100"]


def test_what_came_due_in_between_is_newly_overdue_though_nobody_touched_it(reader: User) -> None:
    with on(FIRST):
        late = make_item(target_date="2025-03-20")
        make_item(target_date="2025-02-20")  # overdue on the first day already
        make_item(target_date="2025-04-20")
    (overdue,) = told(reader, Sort.OVERDUE)
    assert (overdue.reference, overdue.note) == (late.reference, "11 days late")


def test_an_archived_item_is_said_to_be(reader: User, administrator: User, before: TrackedItem) -> None:
    with on(dt.date(2025, 3, 10)):
        items.archive_item(before, by=administrator, reason="A duplicate.")
    assert [each.reference for each in told(reader, Sort.ARCHIVED)] == [before.reference]


def test_drafts_are_nobodys_change(analyst: User, before: TrackedItem) -> None:
    with on(dt.date(2025, 3, 10)):
        make_item(published=False, by=analyst)
    assert differences(analyst, FIRST, LAST) == []


def test_a_theme_limits_it_to_what_lies_under_it(reader: User) -> None:
    with on(dt.date(2025, 3, 10)):
        green = make_item(theme=make_theme("GR"))
        make_item(theme=make_theme("EN"))
    found = differences(reader, FIRST, LAST, theme=green.lead_theme)
    assert [each.reference for each in found] == [green.reference]


def test_the_page_strikes_the_old_value_and_its_file_has_the_same_lines(
    client: Client, reader: User, analyst: User, before: TrackedItem
) -> None:
    with on(dt.date(2025, 3, 10)):
        make_update(before, by=analyst, status_claimed="discussion")
    client.force_login(reader)
    query = "?since=2025-03-01&until=2025-03-31"
    page = client.get(f"/changes/{query}").content.decode()
    assert "<del>Proposed</del>" in page
    assert "<ins>Under discussion</ins>" in page
    file = b"".join(client.get(f"/changes/{query}&export=csv")).decode()
    assert f"Moved forward,forward,{before.reference},There from the first,Proposed,Under discussion" in file


@pytest.mark.parametrize(
    "query", ["since=soon", "since=2025-03-02&until=2025-03-01", "until=2999-01-01", "theme=NOWHERE", "since="]
)
def test_what_is_no_span_of_days_is_said_at_the_field(client: Client, reader: User, query: str) -> None:
    client.force_login(reader)
    answer = client.get(f"/changes/?{query}")
    assert answer.status_code == 422
    assert 'class="errorlist' in answer.content.decode() or "aria-invalid" in answer.content.decode()


def test_the_comparison_costs_the_same_however_much_changed(client: Client, reader: User, analyst: User) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for number in (2, 10):
        with on(dt.date(2025, 3, 10)):
            for _item in range(number):
                make_update(make_item(), by=analyst, status_claimed="discussion")
        with CaptureQueriesContext(connection) as queries:
            assert differences(reader, FIRST, LAST)
        counts.append(len(queries))
    assert counts[0] == counts[1]
