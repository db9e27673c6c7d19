"""The conversation on its pages: in the story of the item, beside the update in review, and as of a past day."""

import datetime as dt
import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from brics_tracker.accounts.models import User
from brics_tracker.tracking.models import Comment, ReviewRequest, TrackedItem, Watch
from brics_tracker.tracking.services import conversation as talk
from tests.factories.tracking import make_item, make_update
from tests.growth import queries_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def item() -> TrackedItem:
    return make_item()


def say(client: Client, address: str, text: str, **more: str) -> Any:
    return client.post(address, {"form_key": str(uuid.uuid4()), "text": text, **more}, follow=True)


def test_a_comment_stands_in_the_story_and_names_whom_it_missed(
    client: Client, item: TrackedItem, analyst: User, reader: User
) -> None:
    client.force_login(analyst)
    page = say(client, reverse("tracking:item-comment", args=[item.reference]), "Who knows? @nobody").content.decode()
    assert "Who knows?" in page
    assert "@nobody was not told" in page
    refused = say(client, reverse("tracking:item-comment", args=[item.reference]), "x" * 5001)
    assert refused.status_code == 422
    assert "x" * 5001 in refused.content.decode()
    said = Comment.objects.get()
    client.post(reverse("tracking:comment-remove", args=[said.pk]))
    client.force_login(reader)
    page = client.get(item.get_absolute_url()).content.decode()
    assert "Removed by its author." in page
    assert "Who knows?" not in page


def test_what_is_said_of_a_submitted_update_stands_beside_it_in_review_and_is_seen_by_no_reader(
    client: Client, item: TrackedItem, analyst: User, reviewer: User, reader: User
) -> None:
    update = make_update(item, by=analyst, state="submitted")
    client.force_login(reviewer)
    review = reverse("tracking:update-review", args=[update.pk])
    page = say(client, reverse("tracking:update-comment", args=[update.pk]), "Which minister?", back=review)
    assert page.request["PATH_INFO"] == review
    assert "Which minister?" in page.content.decode()
    for person, seen in ((analyst, True), (reader, False)):
        client.force_login(person)
        assert ("Which minister?" in client.get(item.get_absolute_url()).content.decode()) is seen
        found = client.get(reverse("api:search"), {"q": "minister"}).json()
        assert bool([hit for hit in found["results"] if hit["kind"] == "comment"]) is seen


def test_people_are_offered_who_may_see_it(client: Client, item: TrackedItem, analyst: User, reader: User) -> None:
    client.force_login(analyst)
    address = reverse("tracking:people", args=[item.reference])
    assert "@reader" in client.get(address, {"q": "rea"}).content.decode()
    draft = make_update(item, by=analyst, state="draft")
    assert "@reader" not in client.get(address, {"q": "rea", "update": str(draft.pk)}).content.decode()


def test_a_review_is_asked_for_from_the_story(client: Client, item: TrackedItem, analyst: User, reviewer: User) -> None:
    update = make_update(item, by=analyst, state="submitted")
    client.force_login(analyst)
    address = reverse("tracking:review-ask", args=[update.pk])
    assert address in client.get(item.get_absolute_url()).content.decode()
    assert client.post(address, {"form_key": uuid.uuid4(), "reviewer": "999"}).status_code == 422
    client.post(address, {"form_key": uuid.uuid4(), "reviewer": reviewer.pk})
    assert ReviewRequest.objects.get().reviewer == reviewer


def test_watching_is_a_switch_on_the_item(client: Client, item: TrackedItem, reader: User) -> None:
    client.force_login(reader)
    client.post(reverse("tracking:item-watch", args=[item.reference]), {"on": "1"})
    client.post(reverse("tracking:theme-watch"), {"theme": "EN", "on": "1"})
    assert "Stop watching" in client.get(item.get_absolute_url()).content.decode()
    page = client.get(reverse("tracking:watching")).content.decode()
    assert item.title in page
    client.post(reverse("tracking:item-watch", args=[item.reference]), {"on": "0", "then": "list"})
    assert not Watch.objects.get(item=item).on


def test_a_past_day_shows_what_had_been_said_by_then(client: Client, item: TrackedItem, analyst: User) -> None:
    said = talk.add_comment(item, by=analyst, text="As it was")
    day = timezone.localdate() - dt.timedelta(days=1)
    earlier = timezone.now() - dt.timedelta(days=2)
    Comment.history.filter(id=said.pk).update(history_date=earlier, created_at=earlier)
    TrackedItem.history.filter(id=item.pk).update(history_date=earlier)
    type(item.proposal).history.filter(item=item.pk).update(history_date=earlier)
    talk.edit_comment(said, by=analyst, text="As it is")
    client.force_login(analyst)
    past = client.get(item.get_absolute_url(), {"as_of": day.isoformat()}).content.decode()
    assert "As it was" in past
    assert "As it is" not in past


def test_many_comments_cost_no_more(client: Client, item: TrackedItem, analyst: User) -> None:
    update = make_update(item, by=analyst)
    client.force_login(analyst)
    costs = []
    for number in range(1, 8):
        talk.add_comment(item, by=analyst, text=f"Of the item {number}")
        talk.add_comment(item, by=analyst, text=f"Of the update {number} @analyst", update=update)
        if number in {1, 7}:
            costs.append(queries_of(lambda: client.get(item.get_absolute_url())))
    assert costs[0] == costs[1]
