"""The board: every item stands in the lane of its status, counted exactly, and a card leads to logging progress."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.test import Client

from brics_tracker.accounts.models import User
from brics_tracker.tracking.selectors import board
from brics_tracker.tracking.workflow import WORKFLOWS
from tests.factories.accounts import make_user
from tests.factories.core import make_theme
from tests.factories.mechanisms import make_mechanism
from tests.factories.tracking import make_item, make_update
from tests.growth import queries_of
from tests.tracking.views.helpers import log_url, said

pytestmark = pytest.mark.django_db
BOARD = "/proposals/?view=board"


def lanes(client: Client, address: str = BOARD) -> dict[str, list[str]]:
    """Titles of the cards by status."""
    shown = client.get(address).context["lanes"]
    return {each["lane"].status: [card["title"] for card in each["lane"].cards] for each in shown}


@pytest.fixture
def signed(client: Client, analyst: User) -> Client:
    client.force_login(analyst)
    return client


def moved(status: str, **fields: Any) -> Any:
    item = make_item(**fields)
    make_update(item, status_claimed=status, sources=1)
    return item


def test_there_is_a_lane_for_each_status_in_the_order_of_the_workflow(signed: Client) -> None:
    make_item(title="Grain exchange")
    moved("agreed", title="Rail link")
    found = lanes(signed)
    assert list(found) == list(WORKFLOWS["proposal"].statuses)
    assert {status: titles for status, titles in found.items() if titles} == {
        "proposed": ["Grain exchange"], "agreed": ["Rail link"],
    }  # fmt: skip
    make_mechanism(title="Bank")
    assert list(lanes(signed, "/mechanisms/?view=board")) == list(WORKFLOWS["mechanism"].statuses)


def test_counts_are_exact_and_more_leads_to_the_table_of_that_status(
    signed: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board.board_of, "__kwdefaults__", {"only": (), "cards": 2})
    for number in range(5):
        make_item(title=f"Grain {number}")
    make_item(title="Rail")
    page = signed.get(f"{BOARD}&q=grain&sort=-title")
    lane = page.context["lanes"][0]
    assert (lane["lane"].count, lane["lane"].more) == (5, 3)
    assert [card["title"] for card in lane["lane"].cards] == ["Grain 4", "Grain 3"]
    table = signed.get(lane["address"])
    assert [row["title"] for row in table.context["rows"]] == [f"Grain {n}" for n in (4, 3, 2, 1, 0)]
    assert page.context["count"] == "5"


def test_it_shows_what_the_filter_asks_and_no_lane_that_was_left_out(signed: Client) -> None:
    make_item(title="Grain")
    moved("agreed", title="Rail")
    assert lanes(signed, f"{BOARD}&status=agreed&status=stalled") == {"agreed": ["Rail"], "stalled": []}
    assert "could not be read" in said(signed.get(f"{BOARD}&status=nowhere"))
    assert "match these filters" in said(signed.get(f"{BOARD}&q=nothing-is-called-this"))


def test_nobody_sees_on_the_board_what_the_table_hides(client: Client, analyst: User, reader: User) -> None:
    make_item(title="Kept back", published=False, by=analyst)
    for person, seen in ((analyst, ["Kept back"]), (reader, None)):
        client.force_login(person)
        page = client.get(BOARD)
        assert [c["title"] for s in page.context["lanes"] for c in s["lane"].cards] == (seen or [])
        assert ("Kept back" in page.content.decode()) is bool(seen)


def test_a_card_leads_to_the_sheet_with_the_status_chosen(signed: Client) -> None:
    item = make_item()
    page = signed.get(BOARD).content.decode()
    assert f'href="{log_url(item)}?status=discussion"' in page
    sheet = signed.get(f"{log_url(item)}?status=discussion").content.decode()
    assert '<option value="discussion" selected' in sheet
    for wrong in ("nowhere", "operating", ""):
        form = signed.get(f"{log_url(item)}?status={wrong}").context["form"]
        assert not form["status_claimed"].value()


def test_only_who_may_log_there_is_offered_to(client: Client, reader: User) -> None:
    here, elsewhere = make_theme("EN"), make_theme("GR")
    mine, others = make_item(theme=here), make_item(theme=elsewhere)
    ended = moved("rejected", theme=here)
    limited = make_user(role="analyst", themes=[here])
    for person, offered in ((reader, set()), (limited, {mine, ended})):
        client.force_login(person)
        page = client.get(BOARD).content.decode()
        assert {each for each in (mine, others, ended) if log_url(each) in page} == offered
    assert f"{log_url(ended)}?status=" not in page  # what has ended goes nowhere from there


def test_a_past_day_is_shown_as_it_was_and_offers_nothing(client: Client, analyst: User) -> None:
    with time_machine.travel(dt.datetime(2030, 3, 1, 9, tzinfo=dt.UTC), tick=False):
        item = make_item(title="Grain")
    with time_machine.travel(dt.datetime(2030, 3, 5, 9, tzinfo=dt.UTC), tick=False):
        client.force_login(analyst)
        make_update(item, status_claimed="discussion", happened="2030-03-04")
        assert lanes(client)["discussion"] == ["Grain"]
        past = client.get(f"{BOARD}&as_of=2030-03-02")
        assert lanes(client, f"{BOARD}&as_of=2030-03-02")["proposed"] == ["Grain"]
        assert log_url(item) not in past.content.decode()
        assert f'{item.get_absolute_url()}?as_of=2030-03-02"' in past.content.decode()


def test_the_shape_stays_while_one_filters_and_an_unknown_one_is_the_table(signed: Client) -> None:
    make_item()
    page = signed.get(f"{BOARD}&q=Prop").content.decode()
    assert '<input type="hidden" name="view" value="board" form="list-filters">' in page
    assert 'href="/proposals/?q=Prop" hx-get="/proposals/?q=Prop">Table' in page
    swap = signed.get(BOARD, headers={"HX-Request": "true"})
    assert swap.headers["HX-Push-Url"] == BOARD
    assert swap.content.decode().strip().startswith('<div id="proposal-results"')
    assert signed.get("/proposals/?view=pie").context["shape"] is None


def test_it_costs_the_same_for_few_and_for_many(signed: Client) -> None:
    make_item()
    signed.get(BOARD)
    few = queries_of(lambda: signed.get(BOARD))
    for number in range(12):
        moved("agreed" if number % 2 else "discussion")
    assert queries_of(lambda: signed.get(BOARD)) == few
