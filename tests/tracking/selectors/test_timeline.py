"""The story of an item shows what the general rules of sight show, and no more."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client

from brics_tracker.accounts.access import OVERSEERS
from brics_tracker.accounts.models import User
from brics_tracker.tracking.access import in_scope
from brics_tracker.tracking.models import Evidence, TrackedItem, Update
from brics_tracker.tracking.selectors import timeline
from brics_tracker.tracking.services import updates
from tests.factories.accounts import make_user
from tests.factories.core import make_theme
from tests.factories.tracking import make_draft, make_evidence, make_item, make_system, make_update

pytestmark = pytest.mark.django_db


@pytest.fixture
def item(analyst: User, other_analyst: User, reviewer: User) -> TrackedItem:
    """One update of every state, with open and confidential sources."""
    found = make_item(theme=make_theme("EN"))
    for author in (analyst, other_analyst):
        draft = make_draft(found, by=author)
        make_evidence(found, by=author, update=draft)
        make_update(found, by=author, state="submitted", sources=1)
        public = make_draft(found, by=author)
        make_evidence(found, by=author, update=public, confidential=True)
        make_evidence(found, by=author, update=public)
        updates.publish_update(updates.submit_update(public, by=author), by=reviewer)
    return found


@pytest.mark.parametrize(
    "who", ["reader", "analyst", "other_analyst", "reviewer", "administrator", "elsewhere", "nobody"]
)
def test_it_agrees_with_the_general_rules(
    item: TrackedItem, who: str, request: pytest.FixtureRequest, settings: object
) -> None:
    settings.PUBLIC_READ = True  # type: ignore[attr-defined]
    if who == "nobody":
        person: User | AnonymousUser = AnonymousUser()
    elif who == "elsewhere":
        person = make_user(role="reviewer", themes=[make_theme("CU")])
    else:
        person = request.getfixturevalue(who)
    entries = timeline(item, person, oversees=in_scope(person, item, OVERSEERS))
    told = {entry.update.pk for entry in entries if entry.update}
    assert told == set(Update.objects.visible_to(person).values_list("pk", flat=True))
    sources = {source.evidence.pk for entry in entries for source in entry.sources}
    assert sources == set(Evidence.objects.visible_to(person).values_list("pk", flat=True))


def test_a_status_names_the_one_before_it_in_time(analyst: User, reviewer: User) -> None:
    item = make_item()
    make_update(item, status_claimed="implementing", happened="2024-03-01")
    make_update(item, status_claimed="discussion", happened="2023-01-01")
    steps = [(entry.status_before, entry.status) for entry in timeline(item, reviewer) if entry.status]
    assert steps == [("Under discussion", "implementing"), ("Proposed", "discussion")]


def enter(item: TrackedItem, status: str, happened: str) -> None:
    """As the catalogue does: one documented entry."""
    fields = {"text": "As the document has it.", "happened": happened, "status_claimed": status}
    updates.enter_update(item, by=make_system(), fields=fields, sources=[{"title": "The document"}])


def test_an_item_moved_from_nothing_to_the_status_it_was_entered_with(client: Client, reader: User) -> None:
    item = make_item()
    enter(item, "agreed", "2017-08-31")
    make_update(item, status_claimed="implementing", happened="2024-03-01")
    newest, first = [entry for entry in timeline(item, reader) if entry.status]
    assert (first.is_first_status, first.status_before) == (True, "")
    assert (newest.is_first_status, newest.status_before) == (False, "Agreed")
    client.force_login(reader)
    page = " ".join(client.get(item.get_absolute_url()).content.decode().split())
    assert "<b>Entered as Agreed</b>" in page
    assert "Proposed <span" not in page


def test_what_the_catalogue_adds_later_moved_the_item(reader: User) -> None:
    item = make_item()
    enter(item, "agreed", "2013")
    enter(item, "implementing", "2015")
    assert [(entry.status_before, entry.is_first_status) for entry in timeline(item, reader) if entry.status] == [
        ("Agreed", False),
        ("", True),
    ]


def test_what_is_underway_comes_first(analyst: User) -> None:
    item = make_item()
    make_update(item, by=analyst)
    make_draft(item, by=analyst, happened="2001")
    assert timeline(item, analyst)[0].is_underway
