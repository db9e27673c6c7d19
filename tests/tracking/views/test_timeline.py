"""The timeline: milestones at their days, slips as trails from the first due date, the same in words beside it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.test import Client

from brics_tracker.accounts.models import User
from brics_tracker.tracking.selectors.lines import ZOOMS, first_month, months_after, stretch_of
from brics_tracker.tracking.services import milestones, updates
from brics_tracker.tracking.services.checks import Claim
from tests.factories.tracking import make_item, make_milestone, make_update
from tests.growth import queries_of
from tests.tracking.views.helpers import said

pytestmark = pytest.mark.django_db
TIMELINE = "/proposals/?view=timeline"
NOW = dt.datetime(2030, 5, 10, 9, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _in_may_2030() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def signed(client: Client, analyst: User) -> Client:
    client.force_login(analyst)
    return client


def facts(client: Client, address: str = TIMELINE) -> dict[str, tuple[Any, Any, str, str]]:
    """First due, due, how it moved and how it stands, by the title of the step."""
    return {
        fact["step"].milestone.title: (
            str(fact["first"]), str(fact["step"].milestone.due), fact["moved"], str(fact["standing"]),
        )
        for fact in client.get(address).context["facts"]
    }  # fmt: skip


def test_every_way_to_stand_is_told_by_shape_and_words(signed: Client, reviewer: User) -> None:
    item = make_item(title="Grain", target_date="2030-12")
    done = make_milestone(item, title="Text agreed", due=dt.date(2030, 2, 1))
    make_milestone(item, title="Signed", due=dt.date(2030, 5, 1))
    make_milestone(item, title="In force", due=dt.date(2030, 9, 1))
    make_milestone(item, title="Reviewed", due=dt.date(2030, 10, 1), confirmed=False)
    make_milestone(item, title="Closed")
    make_update(item, happened="2030-03", claims=[Claim(done, "completed")])
    assert facts(signed) == {
        "Text agreed": ("2030-02-01", "2030-02-01", "", "completed"),
        "Signed": ("2030-05-01", "2030-05-01", "", "overdue"),
        "In force": ("2030-09-01", "2030-09-01", "", "open"),
        "Reviewed": ("2030-10-01", "2030-10-01", "", "to confirm"),
    }
    page = signed.get(TIMELINE)
    text = page.content.decode()
    assert "<title>Text agreed: completed, March 2030, due 1 Feb 2030</title>" in text
    assert "<title>Signed: overdue, due 1 May 2030</title>" in text
    assert "<title>Target: December 2030</title>" in text
    assert "1 step undated" in said(page)
    assert "9 days late" in said(page)


def test_a_slip_leaves_a_trail_and_an_undone_one_does_not(signed: Client, reviewer: User) -> None:
    item = make_item()
    step = make_milestone(item, title="Signed", due=dt.date(2030, 3, 1))
    milestones.edit_milestone(
        step, by=reviewer, version=None, changes={"due": dt.date(2030, 6, 1)}, reason="Talks took longer."
    )
    told = make_update(item, claims=[Claim(step, "moved", dt.date(2030, 9, 1), "Later still.")])
    assert facts(signed)["Signed"] == ("2030-03-01", "2030-09-01", "2 moves, 184 days later", "open")
    assert signed.get(TIMELINE).content.decode().count('stroke-dasharray="0"') == 1
    updates.retract_update(told, by=reviewer, reason="Misread.")
    assert facts(signed)["Signed"] == ("2030-03-01", "2030-06-01", "1 move, 92 days later", "open")


def test_it_shows_the_filtered_page_and_nothing_that_the_table_hides(
    client: Client, reader: User, analyst: User
) -> None:
    for title, published in (("Grain", True), ("Rail", True), ("Kept back", False)):
        make_milestone(make_item(title=title, published=published, by=analyst), title=f"{title} signed", due=NOW.date())
    client.force_login(reader)
    assert set(facts(client)) == {"Grain signed", "Rail signed"}
    assert set(facts(client, f"{TIMELINE}&q=rail")) == {"Rail signed"}
    assert "match these filters" in said(client.get(f"{TIMELINE}&q=nothing-is-called-this"))
    assert client.get(f"{TIMELINE}&page=2").status_code == 404


def test_links_zoom_and_walk_and_keep_the_filter(signed: Client) -> None:
    make_milestone(make_item(title="Rail"), due=dt.date(2030, 9, 1))
    page = signed.get(f"{TIMELINE}&q=rail&zoom=quarter")
    assert (page.context["stretch"].start, page.context["stretch"].end) == (dt.date(2030, 4, 1), dt.date(2030, 7, 1))
    assert "1 after" in said(page)
    later = signed.get(f"/proposals/{page.context['later']}")
    assert later.context["stretch"].start == dt.date(2030, 7, 1)
    assert "1 after" not in said(later)
    assert 'name="from" value="2030-07" form="list-filters"' in later.content.decode()
    assert "Rail" in later.content.decode()
    for wrong in ("2030-13", "soon", "1500-01", "2030"):
        assert signed.get(f"{TIMELINE}&from={wrong}").status_code == 400
    assert signed.get(f"{TIMELINE}&zoom=century").context["zoom"] == "year"


def test_a_past_day_shows_the_dates_of_that_day(client: Client, analyst: User, reviewer: User) -> None:
    step = make_milestone(make_item(), title="Signed", due=dt.date(2030, 5, 20))
    with time_machine.travel(NOW + dt.timedelta(days=20), tick=False):
        milestones.edit_milestone(
            step, by=reviewer, version=None, changes={"due": dt.date(2030, 8, 1)}, reason="Talks took longer."
        )
        client.force_login(analyst)
        assert facts(client)["Signed"] == ("2030-05-20", "2030-08-01", "1 move, 73 days later", "open")
        assert facts(client, f"{TIMELINE}&as_of=2030-05-12")["Signed"] == ("2030-05-20", "2030-05-20", "", "open")
        assert facts(client, f"{TIMELINE}&as_of=2030-05-25")["Signed"][3] == "overdue"


def test_an_items_own_page_draws_its_line(signed: Client) -> None:
    item = make_item()
    make_milestone(item, title="Signed", due=dt.date(2030, 9, 1))
    assert "<title>Signed: open, due 1 Sep 2030</title>" in signed.get(item.get_absolute_url()).content.decode()


def test_it_costs_the_same_for_few_and_for_many(signed: Client) -> None:
    make_milestone(make_item(), due=dt.date(2030, 9, 1))
    signed.get(TIMELINE)
    few = queries_of(lambda: signed.get(TIMELINE))
    for _number in range(11):
        make_milestone(make_item(), due=dt.date(2030, 9, 1))
    assert queries_of(lambda: signed.get(TIMELINE)) == few


@pytest.mark.parametrize("zoom", ZOOMS)
def test_every_day_lies_where_its_share_of_the_time_is(zoom: str) -> None:
    stretch = stretch_of(first_month("", ZOOMS[zoom]), ZOOMS[zoom].months)
    assert stretch.holds(NOW.date())
    assert (stretch.place(stretch.start), stretch.place(stretch.end)) == ("0.00%", "100.00%")
    assert stretch.place(stretch.start - dt.timedelta(days=9)) == "0.00%"
    assert all(stretch.holds(tick.day) for tick in stretch.ticks)
    assert months_after(dt.date(2030, 11, 1), 3) == dt.date(2031, 2, 1)
