"""Meetings: every date with its source, filters, the summits in order, a file."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from brics_tracker.accounts.models import User
from tests.factories.core import make_member
from tests.factories.mechanisms import make_mechanism
from tests.mechanisms.views.helpers import make_meeting

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client: Client, reader: User) -> Client:
    client.force_login(reader)
    return client


def keys(client: Client, query: str = "") -> list[str]:
    return [row["key"] for row in client.get(f"/meetings/{query}").context["rows"]]


def test_dates_that_disagree_are_both_shown_with_their_sources(page: Client) -> None:
    make_meeting("sanya", started="2011-04-14", claims=2)
    text = page.get("/meetings/").content.decode()
    assert "14 Apr 2011" in text
    assert "11 Jan 2011" in text
    assert "https://example.org/sanya/0" in text
    assert "https://example.org/sanya/1" in text


def test_the_newest_come_first_and_a_heading_turns_that_round(page: Client) -> None:
    make_meeting("old", started="2009")
    make_meeting("new", started="2024-10")
    assert keys(page) == ["new", "old"]
    assert keys(page, "?sort=date") == ["old", "new"]


def test_they_are_found_by_year_track_kind_and_chair(page: Client) -> None:
    make_meeting("summit", started="2011-04-14", kind="summit", track="leaders", chair=make_member("CN"))
    make_meeting("other", started="2012")
    for query in ("year=2011", "track=leaders", "kind=summit", "chair=CN"):
        assert keys(page, f"?{query}") == ["summit"]


@pytest.mark.parametrize("query", ["year=abc", "chair=XX", "kind=party", "mechanism=M-999"])
def test_an_unknown_value_is_an_error_at_its_field(page: Client, query: str) -> None:
    make_meeting()
    answer = page.get(f"/meetings/?{query}")
    assert answer.status_code == 200
    assert query.split("=")[0] in answer.context["filterset"].form.errors


def test_the_summits_stand_in_order_with_number_and_chair(page: Client) -> None:
    for number, code in ((3, "CN"), (1, "RU"), (2, "BR")):
        make_meeting(
            f"summit-{number}", number=number, kind="summit", chair=make_member(code), started=f"20{8 + number:02d}"
        )
    assert keys(page, "?kind=summit&sort=number") == ["summit-1", "summit-2", "summit-3"]
    assert "Country CN" in page.get("/meetings/?kind=summit").content.decode()


def test_a_mechanism_in_review_is_not_named(page: Client) -> None:
    make_meeting(mechanism=make_mechanism("Hidden mechanism", published=False))
    assert "Hidden mechanism" not in page.get("/meetings/").content.decode()
    file = page.get("/meetings/?export=csv").getvalue().decode()
    assert "Hidden mechanism" not in file


def test_the_file_holds_every_claim(page: Client) -> None:
    make_meeting("sanya", started="2011-04-14", claims=2)
    file = page.get("/meetings/?export=csv").getvalue().decode()
    assert "2011-04-14 (https://example.org/sanya/0); 2011-01-11 (https://example.org/sanya/1)" in file


def test_it_takes_no_more_queries_for_more_rows(page: Client) -> None:
    def fill(number: int) -> None:
        for _n in range(number):
            make_meeting(chair=make_member("CN"), claims=2)

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            page.get("/meetings/")
        return len(asked)

    fill(2)
    queries()
    few = queries()
    fill(10)
    assert queries() == few
