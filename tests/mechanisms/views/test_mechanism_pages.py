"""Mechanisms as a list by track and stage, and one by one with family, meetings and story."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from brics_tracker.accounts.models import User
from brics_tracker.tracking.models import TrackedItem
from brics_tracker.tracking.services import items
from mechanisms.models import Mechanism
from mechanisms.selectors import founding_of
from tests.factories.mechanisms import make_mechanism
from tests.factories.tracking import make_proposal, make_system
from tests.mechanisms.views.helpers import make_meeting

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client: Client, reader: User) -> Client:
    client.force_login(reader)
    return client


def test_the_numbers_by_track_and_stage_lead_to_their_rows(page: Client) -> None:
    make_mechanism("One")
    two = make_mechanism("Two", track="people")
    TrackedItem.objects.filter(pk=two.pk).update(status="operating")
    make_mechanism("Unseen", published=False)
    answer = page.get("/mechanisms/")
    assert {row.track: row.number for row in answer.context["tracks"] if row.number} == {
        "economy_finance": 1,
        "people": 1,
    }
    assert 'href="?track=people&amp;status=operating"' in answer.content.decode()
    assert [row["title"] for row in page.get("/mechanisms/?track=people&status=operating").context["rows"]] == ["Two"]


def test_it_sorts_by_founding_and_filters_by_kind(page: Client) -> None:
    make_mechanism("Older", founded="2009")
    make_mechanism("Newer", founded="2015-07", kind="bank")
    assert [row["title"] for row in page.get("/mechanisms/?sort=-founded").context["rows"]] == ["Newer", "Older"]
    assert [row["title"] for row in page.get("/mechanisms/?kind=bank").context["rows"]] == ["Newer"]
    assert page.get("/mechanisms/?kind=club").context["filterset"].form.errors


def test_the_file_names_track_and_kind_in_words_and_codes(page: Client) -> None:
    make_mechanism(acronym="EMM", founded="2015")
    text = page.get("/mechanisms/?columns=all&export=csv").getvalue().decode()
    assert "economy and finance" in text
    assert "economy_finance" in text
    assert "EMM" in text


def test_a_mechanism_shows_what_it_is_its_family_and_its_meetings(page: Client) -> None:
    parent = make_mechanism("The Summit", kind="leaders_summit")
    mechanism = make_mechanism(
        founded="2015-11", founding_event="First meeting in Moscow", sources=["https://example.org/a"]
    )
    child = make_mechanism("Working group")
    items.relate(mechanism.item, parent.item, kind="part_of", by=make_system())
    items.relate(child.item, mechanism.item, kind="part_of", by=make_system())
    make_meeting("first", mechanism=mechanism, started="2015-11-20")
    text = page.get(mechanism.get_absolute_url()).content.decode()
    for words in (
        "November 2015",
        "First meeting in Moscow",
        "The Summit",
        "Working group",
        "Meeting first",
        "<svg",
        "2015",
    ):
        assert words in text
    assert 'href="https://example.org/a"' in text


def test_it_leads_to_the_proposals_tied_to_it(page: Client) -> None:
    mechanism = make_mechanism()
    proposal = make_proposal(title="Found it")
    items.relate(proposal.item, mechanism.item, kind="establishes", by=make_system())
    assert f"/proposals/?related={mechanism.item.reference}" in page.get(mechanism.get_absolute_url()).content.decode()
    rows = page.get(f"/proposals/?related={mechanism.item.reference}").context["rows"]
    assert [row["title"] for row in rows] == ["Found it"]


def test_a_draft_is_not_found_by_readers(page: Client) -> None:
    assert page.get(make_mechanism(published=False).get_absolute_url()).status_code == 404


def test_lists_and_pages_take_no_more_queries_for_more_rows(page: Client) -> None:
    mechanism = make_mechanism()

    def fill(number: int) -> None:
        for n in range(number):
            other = make_mechanism(f"Other {n}")
            items.relate(other.item, mechanism.item, kind="part_of", by=make_system())
            make_meeting(mechanism=mechanism, started="2020", claims=2)

    def queries(address: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            page.get(address)
        return len(asked)

    addresses = ["/mechanisms/", mechanism.get_absolute_url()]
    fill(2)
    [queries(address) for address in addresses]
    few = [queries(address) for address in addresses]
    fill(10)
    assert [queries(address) for address in addresses] == few


@pytest.mark.parametrize(
    ("founded", "event", "shown"),
    [
        ("2011-09", "First meeting, Dalian, September 2011", "First meeting, Dalian, September 2011"),
        ("2006-09-20", "New York, 20 September 2006", "New York, 20 September 2006"),
        ("2016", "Goa 2016", "Goa 2016"),
        ("2009-06-16", "Yekaterinburg 2009", "16 Jun 2009, Yekaterinburg 2009"),
        ("2017-08-02", "", "2 Aug 2017"),
        ("", "Announced in Xiamen", "Announced in Xiamen"),
    ],
)
def test_the_day_of_founding_is_said_once(founded: str, event: str, shown: str) -> None:
    assert founding_of(Mechanism(founded=founded, founding_event=event)) == shown
