"""The list of proposals: sorted, filtered, exported; whole pages and swaps."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from brics_tracker.accounts.models import User
from brics_tracker.tracking.models import TrackedItem
from tests.factories.core import make_member, make_organisation, make_theme
from tests.factories.tracking import make_proposal

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client: Client, reader: User) -> Client:
    client.force_login(reader)
    return client


def titles(client: Client, query: str = "") -> list[str]:
    return [row["title"] for row in client.get(f"/proposals/{query}").context["rows"]]


def test_a_row_shows_members_owner_and_how_late_it_is(page: Client) -> None:
    proposal = make_proposal(members=[make_member("BR"), make_member("CN")], owner=make_organisation("sherpas"))
    TrackedItem.objects.filter(pk=proposal.pk).update(next_due=dt.date.today() - dt.timedelta(days=12))
    text = page.get("/proposals/").content.decode()
    assert "BR CN" in text
    assert "Organisation sherpas" in text
    assert "to confirm" in text
    assert "12 days late" in text


def test_an_item_of_all_members_says_so(page: Client) -> None:
    make_proposal(all_members=True)
    assert "all members" in page.get("/proposals/").content.decode()


def test_a_heading_sorts_and_says_which_way(page: Client) -> None:
    make_proposal(title="Beta")
    make_proposal(title="Alpha")
    assert titles(page, "?sort=title") == ["Alpha", "Beta"]
    assert titles(page, "?sort=-title") == ["Beta", "Alpha"]
    assert 'aria-sort="descending"' in page.get("/proposals/?sort=-title").content.decode()


def test_an_unknown_order_is_passed_over_and_said(page: Client) -> None:
    make_proposal(title="Beta")
    make_proposal(title="Alpha")
    assert titles(page, "?sort=password") == ["Beta", "Alpha"]
    assert "cannot be sorted by “password”" in page.get("/proposals/?sort=password").content.decode()
    for known in ("", "?sort=", "?sort=-title"):
        assert "cannot be sorted" not in page.get(f"/proposals/{known}").content.decode()


@pytest.mark.parametrize("query", ["status=done", "theme=XX", "member=QQ", "due=soonish", "owner=nobody", "assignee=x"])
def test_an_unknown_value_is_an_error_at_its_field_and_shows_no_rows(page: Client, query: str) -> None:
    make_proposal()
    answer = page.get(f"/proposals/?{query}")
    assert answer.status_code == 200
    assert query.split("=")[0] in answer.context["filterset"].form.errors
    assert answer.context["rows"] == []
    assert "could not be read" in answer.content.decode()


def test_words_are_looked_for_in_title_and_summary(page: Client) -> None:
    make_proposal(title="Grain exchange")
    make_proposal(title="Other", summary="About a grain reserve.")
    make_proposal(title="Neither")
    assert titles(page, "?q=grain&sort=title") == ["Grain exchange", "Other"]


def test_what_is_to_be_confirmed_is_a_list(page: Client) -> None:
    make_proposal(title="Open", owner=make_organisation())
    make_proposal(title="Settled", owner=make_organisation(), owner_confirmed=True)
    assert titles(page, "?to_confirm=true") == ["Open"]


def test_a_filter_that_is_set_is_a_chip_with_a_link_that_takes_it_off(page: Client) -> None:
    make_theme("EN")
    text = page.get("/proposals/?theme=EN&status=agreed&status=stalled&sort=title").content.decode()
    assert 'href="/proposals/?status=agreed&amp;status=stalled&amp;sort=title"' in text
    assert 'href="/proposals/?theme=EN&amp;status=stalled&amp;sort=title"' in text


def test_a_swap_gets_the_rows_alone_and_the_address_without_empty_fields(page: Client) -> None:
    make_proposal(title="Alpha")
    answer = page.get("/proposals/?q=alpha&owner=", headers={"HX-Request": "true"})
    text = answer.content.decode()
    assert "<html" not in text
    assert "Alpha" in text
    assert answer["HX-Push-Url"] == "/proposals/?q=alpha"


def test_going_back_gets_the_whole_page(page: Client) -> None:
    answer = page.get("/proposals/", headers={"HX-Request": "true", "HX-History-Restore-Request": "true"})
    assert "<html" in answer.content.decode()


def test_the_file_holds_what_is_shown_in_its_order(page: Client) -> None:
    make_proposal(title="=SUM(1)")
    make_proposal(title="Beta", kind="goal")
    make_proposal(title="Left out", kind="commitment")
    answer = page.get("/proposals/?sort=-title&kind=goal&columns=all&export=csv")
    lines = answer.getvalue().decode("utf-8-sig").splitlines()
    assert [line.split(",")[1] for line in lines[1:]] == ["Beta"]
    assert "goal" in lines[1]
    everything = page.get("/proposals/?export=csv").getvalue().decode()
    assert "'=SUM(1)" in everything


def test_a_page_past_the_end_is_not_found(page: Client) -> None:
    assert page.get("/proposals/?page=7").status_code == 404
    assert page.get("/proposals/?page=x").status_code == 404


def test_drafts_are_seen_by_their_author_and_by_whoever_oversees_them(
    client: Client, analyst: User, other_analyst: User, reviewer: User, reader: User
) -> None:
    make_proposal(title="Draft", by=analyst, published=False)
    seen = []
    for person in (analyst, reviewer, other_analyst, reader):
        client.force_login(person)
        seen.append(titles(client))
    assert seen == [["Draft"], ["Draft"], [], []]


def test_titles_of_people_are_text(page: Client) -> None:
    make_proposal(title="<script>alert(1)</script>")
    assert "<script>alert" not in page.get("/proposals/").content.decode()


def test_it_takes_no_more_queries_for_more_rows(page: Client) -> None:
    def fill(number: int) -> None:
        for _n in range(number):
            make_proposal(members=[make_member("BR")], owner=make_organisation(), theme=make_theme("EN"))

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            page.get("/proposals/")
        return len(asked)

    fill(2)
    queries()
    few = queries()
    fill(10)
    assert queries() == few
