"""The search endpoint: the same words, filters and rights as the page; nothing guessed."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from brics_tracker.accounts.models import User
from tests.factories.tracking import make_item, make_update
from tests.growth import queries_of
from tests.openapi import check_answer

pytestmark = pytest.mark.django_db
SEARCH = "/api/v1/search/"


@pytest.fixture
def program(client: Client, reader: User) -> Client:
    client.force_login(reader)
    return client


def asked(program: Client, **query: Any) -> Any:
    return check_answer(program.get(SEARCH, query), SEARCH)


def test_a_row_says_what_was_found_and_where(program: Client) -> None:
    item = make_item(title="Rail & corridors", summary="To the sea.")
    update = make_update(item, text="The corridor was opened.", happened="2024-03")
    rows = asked(program, q="corridor", kind="proposal")["results"]
    assert rows == [
        {
            "kind": "proposal",
            "title": "Rail & corridors",
            "title_html": "<bdi>Rail &amp; <mark>corridors</mark></bdi>",
            "within": "",
            "excerpt_html": "<bdi>To the sea.</bdi>",
            "reference": item.reference,
            "status": "proposed",
            "day": item.tracked_since.isoformat() if item.tracked_since else None,
            "notes": [],
            "page_url": f"http://testserver{item.get_absolute_url()}",
        }
    ]
    (row,) = asked(program, q="corridor", kind="update")["results"]
    assert (row["title"], row["within"], row["day"]) == ("", item.title, "2024-03")
    assert row["page_url"].endswith(f"#update-{update.pk}")


def test_pages_hold_everything_once(program: Client) -> None:
    for _number in range(7):
        make_item(title="Rail corridor")
    first = asked(program, q="corridor", page_size=3)
    assert first["count"] == 7
    pages = [
        first,
        asked(program, q="corridor", page_size=3, page=2),
        asked(program, q="corridor", page_size=3, page=3),
    ]
    assert len({row["reference"] for page in pages for row in page["results"]}) == 7
    assert program.get(SEARCH, {"q": "corridor", "page": "9"}).status_code == 404


@pytest.mark.parametrize("query", [{}, {"q": ""}, {"q": "x"}, {"q": "the"}, {"q": "y" * 201}, {"q": "—"}])
def test_nothing_to_look_for_is_refused_by_name(program: Client, query: dict[str, str]) -> None:
    answer = check_answer(program.get(SEARCH, query), SEARCH, 400)
    assert list(answer["errors"]) == ["q"]


def test_an_unknown_parameter_or_kind_is_refused_by_name(program: Client) -> None:
    assert list(program.get(SEARCH, {"q": "rail", "words": "x"}).json()["errors"]) == ["words"]
    assert list(program.get(SEARCH, {"q": "rail", "kind": "report"}).json()["errors"]) == ["kind"]


def test_a_program_gets_what_it_asked_for_and_no_guess(program: Client) -> None:
    make_item(title="Infrastructure corridors")
    assert asked(program, q="corridr")["count"] == 0
    assert asked(program, q="infra")["count"] == 0
    assert asked(program, q="infra*")["count"] == 1


def test_more_hits_cost_no_more_queries(program: Client) -> None:
    make_item(title="Rail corridor")
    program.get(SEARCH, {"q": "corridor"})
    few = queries_of(lambda: program.get(SEARCH, {"q": "corridor"}))
    for _number in range(9):
        make_item(title="Rail corridor")
    assert queries_of(lambda: program.get(SEARCH, {"q": "corridor"})) == few
