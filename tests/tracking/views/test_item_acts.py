"""Acts on an item: who may, what they do, and that a link alone never does them."""

import pytest
from django.test import Client

from brics_tracker.accounts.models import User
from brics_tracker.tracking.models import TrackedItem
from brics_tracker.tracking.services import items
from tests.factories.core import make_organisation
from tests.factories.tracking import make_item, make_proposal, publish_item

pytestmark = pytest.mark.django_db
ACTS = ["submit", "withdraw", "restore", "owner/confirm", "plan/confirm"]


@pytest.mark.parametrize("act", ACTS)
def test_a_link_alone_does_nothing(client: Client, administrator: User, act: str) -> None:
    client.force_login(administrator)
    assert client.get(f"/items/{make_item().reference}/{act}/").status_code == 405


@pytest.mark.parametrize("act", [*ACTS, "archive", "milestones/new", "relations/new"])
def test_nobody_is_sent_to_sign_in_and_a_reader_is_refused(client: Client, reader: User, act: str) -> None:
    address = f"/items/{make_item(owner=make_organisation()).reference}/{act}/"
    assert client.post(address).status_code == 302
    client.force_login(reader)
    assert client.post(address).status_code == 403


@pytest.mark.parametrize("act", [*ACTS, "archive", "milestones/new", "relations/new"])
def test_what_one_may_not_see_is_not_found(client: Client, analyst: User, other_analyst: User, act: str) -> None:
    draft = make_proposal(by=analyst, published=False)
    client.force_login(other_analyst)
    assert client.post(f"/items/{draft.item.reference}/{act}/").status_code == 404


def test_a_draft_is_handed_in_and_taken_back(client: Client, analyst: User) -> None:
    item = make_proposal(by=analyst, published=False).item
    client.force_login(analyst)
    client.post(f"/items/{item.reference}/submit/")
    item.refresh_from_db()
    assert item.review_state == "submitted"
    client.post(f"/items/{item.reference}/withdraw/")
    item.refresh_from_db()
    assert item.review_state == "draft"


def test_only_the_author_takes_an_item_back(client: Client, analyst: User, reviewer: User) -> None:
    item = make_proposal(by=analyst, published=False).item
    items.submit_item(item, by=analyst)
    client.force_login(reviewer)
    assert client.post(f"/items/{item.reference}/withdraw/").status_code == 403


def test_a_reviewer_confirms_the_owner_and_an_analyst_does_not(client: Client, analyst: User, reviewer: User) -> None:
    item = make_item(owner=make_organisation())
    address = f"/items/{item.reference}/owner/confirm/"
    client.force_login(analyst)
    assert client.post(address).status_code == 403
    client.force_login(reviewer)
    client.post(address)
    item.refresh_from_db()
    assert item.owner_confirmed


def test_confirming_an_owner_that_is_not_there_says_so(client: Client, reviewer: User) -> None:
    client.force_login(reviewer)
    answer = client.post(f"/items/{make_item().reference}/owner/confirm/", follow=True)
    assert "There is no owner to confirm" in answer.content.decode()


def test_an_administrator_archives_with_a_reason_and_restores(client: Client, administrator: User) -> None:
    item = make_item()
    client.force_login(administrator)
    assert client.post(f"/items/{item.reference}/archive/", {"reason": " "}).status_code == 422
    assert client.post(f"/items/{item.reference}/archive/", {"reason": "Entered twice."}).status_code == 302
    assert TrackedItem.objects.get(pk=item.pk).archived_at is not None
    assert client.get("/proposals/").context["rows"] == []
    assert "Entered twice." in client.get(f"/proposals/{item.reference}/history/").content.decode()
    client.post(f"/items/{item.reference}/restore/")
    assert len(client.get("/proposals/").context["rows"]) == 1


def test_the_record_of_a_draft_is_not_for_those_who_came_later(client: Client, analyst: User, reader: User) -> None:
    item = make_proposal(by=analyst, published=False, title="Working title").item
    items.edit_item(item, by=analyst, version=None, changes={"title": "Public title"})
    items.submit_item(item, by=analyst)
    publish_item(item)
    client.force_login(reader)
    assert "Working title" not in client.get(f"/proposals/{item.reference}/history/").content.decode()
    client.force_login(analyst)
    assert "Working title" in client.get(f"/proposals/{item.reference}/history/").content.decode()
