"""The search page: what is typed, what it gives, what it says where there is nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from brics_tracker.accounts.models import User
from mechanisms.models import Meeting
from tests.factories.core import make_theme
from tests.factories.tracking import make_document, make_evidence, make_item, make_update
from tests.growth import queries_of
from tests.tracking.views.helpers import said

pytestmark = pytest.mark.django_db
SEARCH = reverse("tracking:search")


@pytest.fixture
def desk(reader: User, sign_in: Callable[[User], Client]) -> Client:
    return sign_in(reader)


def test_a_hit_shows_its_kind_reference_status_words_and_place(desk: Client) -> None:
    item = make_item(title="Rail corridors to the sea")
    page = desk.get(SEARCH, {"q": "corridor"})
    words = said(page)
    assert (
        f'<a href="{item.get_absolute_url()}"><bdi>Rail <mark>corridors</mark> to the sea</bdi></a>'
        in page.content.decode()
    )
    for word in ("1 found", "proposal", item.reference, "Proposed"):
        assert word in words


def test_an_update_is_named_by_its_item_and_leads_to_its_place(desk: Client) -> None:
    item = make_item(title="Rail")
    update = make_update(item, text="The corridor was opened.", happened="2024-03")
    page = desk.get(SEARCH, {"q": "opened"})
    assert f'href="{item.get_absolute_url()}#update-{update.pk}"' in page.content.decode()
    assert "March 2024" in said(page)


def test_the_box_in_the_head_of_every_page_leads_here(desk: Client) -> None:
    page = desk.get(reverse("proposals:overview")).content.decode()
    assert f'action="{SEARCH}"' in page
    assert 'data-key="/"' in page
    # A list has a box for its own words; beside it the way here is a link, pressed by the same key.
    page = desk.get(reverse("proposals:list")).content.decode()
    assert f'action="{SEARCH}"' not in page
    assert f'href="{SEARCH}" data-key="/"' in page
    assert desk.get(SEARCH).content.decode().count('data-key="/"') == 1, "one box, not two"


def test_kinds_are_counted_and_each_leads_to_its_hits_alone(desk: Client) -> None:
    item = make_item(title="Rail corridors")
    make_update(item, text="A corridor was opened.")
    make_update(item, text="A corridor was closed.")
    page = desk.get(SEARCH, {"q": "corridor"})
    assert [(str(tab.label), tab.number) for tab in page.context["tabs"]] == [("proposals", 1), ("updates", 2)]
    only = desk.get(SEARCH + page.context["tabs"][1].address)
    assert [hit.kind.name for hit in only.context["rows"]] == ["update", "update"]
    assert [tab.is_current for tab in only.context["tabs"]] == [False, True], "the others stay counted"


def test_filters_narrow_what_is_found(desk: Client) -> None:
    energy, green = make_theme("EN"), make_theme("GR")
    one, other = make_item(title="Rail one", theme=energy), make_item(title="Rail two", theme=green)
    update = make_update(one, text="Rail talks.", happened="2024-03-14", status_claimed="discussion")
    document = make_document("rail-2030", paragraphs=0)
    document.title = "Rail declaration"
    document.save()

    def kinds(**filters: str) -> set[tuple[str, int]]:
        return {(hit.kind.name, hit.pk) for hit in desk.get(SEARCH, {"q": "rail", **filters}).context["rows"]}

    everything = {("proposal", one.pk), ("proposal", other.pk), ("update", update.pk), ("document", document.pk)}
    assert kinds() == everything
    assert kinds(theme="GR") == {("proposal", other.pk)}
    assert kinds(status="discussion") == {("proposal", one.pk), ("update", update.pk)}
    assert kinds(kind="document") == {("document", document.pk)}
    assert kinds(dated_from="2024", dated_to="2024-03") == {("update", update.pk)}
    assert kinds(dated_to="2024-02") == set()


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("x", "at least two letters"), ("the", "almost every text"), ("-rail", "should be there"), ("&&", "Write a word"),
        ("y" * 201, "at most 200"),
    ],
)  # fmt: skip
def test_what_cannot_be_looked_for_is_said_beside_the_words_which_stay(desk: Client, typed: str, answer: str) -> None:
    page = desk.get(SEARCH, {"q": typed})
    assert page.status_code == 200
    assert answer in said(page)
    assert page.context["filterset"].form["q"].value() == typed


def test_an_unknown_page_and_a_wrong_date(desk: Client) -> None:
    make_item(title="Rail")
    assert desk.get(SEARCH, {"q": "rail", "page": "2"}).status_code == 404
    assert desk.get(SEARCH, {"q": "rail", "page": "x"}).status_code == 404
    assert "it says why beside its field" in said(desk.get(SEARCH, {"q": "rail", "dated_from": "soon"}))


def test_nothing_typed_says_what_search_is_for(desk: Client) -> None:
    assert "all that you may see" in said(desk.get(SEARCH))


def test_a_control_character_is_refused(desk: Client) -> None:
    assert desk.get(SEARCH, {"q": "rail\x00"}).status_code == 400


@pytest.mark.parametrize("typed", ["corridr", "coridor", "Corrridors"])
def test_a_word_misspelt_finds_the_one_meant_and_says_so(desk: Client, typed: str) -> None:
    item = make_item(title="Rail corridors")
    page = desk.get(SEARCH, {"q": f"rail {typed}"})
    assert f"Nothing holds “rail {typed}”. Did you mean rail corridors" in said(page)
    assert [hit.pk for hit in page.context["rows"]] == [item.pk]


def test_the_beginning_of_a_word_is_taken_as_one_where_nothing_holds_it_whole(desk: Client) -> None:
    item = make_item(title="Infrastructure")
    page = desk.get(SEARCH, {"q": "infra"})
    assert "This is what begins so" in said(page)
    assert [hit.pk for hit in page.context["rows"]] == [item.pk]


def test_a_mark_that_turns_the_writing_round_is_shown_as_letters(desk: Client) -> None:
    Meeting.objects.create(key="rail", title="Rail \u202eевзорт corridor", kind="ministerial", track="leaders")
    page = desk.get(SEARCH, {"q": "corridor"})
    assert '<span class="control">RLO</span>' in page.content.decode()
    assert "\u202e" not in page.content.decode()


def test_a_swap_gets_the_results_alone_and_an_address_to_pass_on(desk: Client) -> None:
    make_item(title="Rail")
    answer = desk.get(SEARCH, {"q": "rail", "theme": ""}, headers={"HX-Request": "true"})
    assert answer.content.decode().lstrip().startswith('<div id="search-results"')
    assert answer["HX-Push-Url"] == f"{SEARCH}?q=rail"


def test_more_hits_cost_no_more_queries(desk: Client, analyst: User) -> None:
    def grow(number: int) -> None:
        for _each in range(number):
            item = make_item(title="Rail corridor")
            update = make_update(item, text="Rail talks.", by=analyst, state="draft")
            make_evidence(item, by=analyst, update=update, title="Rail source")
            make_update(item, text="Rail talks went on.")

    grow(1)
    desk.get(SEARCH, {"q": "rail"})
    few = queries_of(lambda: desk.get(SEARCH, {"q": "rail"}))
    grow(9)
    assert queries_of(lambda: desk.get(SEARCH, {"q": "rail"})) == few
    # session, person, grants; what is found; the words marked; what is told of proposals and of updates
    assert few <= 8
