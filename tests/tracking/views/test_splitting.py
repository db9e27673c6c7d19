"""Splitting on its page and over the API."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from brics_tracker.accounts.models import User
from brics_tracker.tracking.models import ItemSplit, TrackedItem, Update
from brics_tracker.tracking.services import items
from tests.factories.tracking import make_document, make_item, make_milestone, make_update

from .helpers import said

pytestmark = pytest.mark.django_db


@pytest.fixture
def origin(db: None) -> TrackedItem:
    return make_item(
        title="Grain exchange and reserve", passages=make_document("communique", paragraphs=2).passages.all()
    )


def split_url(item: TrackedItem) -> str:
    return reverse("tracking:item-split", args=[item.reference])


def shown(response: Any) -> dict[str, Any]:
    return {bound.html_name: bound.value() for bound in response.context["form"] if bound.value() not in (None, "")}


def test_parts_are_named_given_their_share_and_told_in_the_record(
    client: Client, origin: TrackedItem, administrator: User
) -> None:
    update, step = make_update(origin, status_claimed="discussion"), make_milestone(origin)
    client.force_login(administrator)
    first = client.get(split_url(origin))
    data = shown(first) | {"title_1": "Grain exchange", f"update_{update.pk}": "1", "reason": "Two things."}
    longer = client.post(split_url(origin), {**data, "then": "more"})
    assert longer.status_code == 200
    data = shown(longer)
    assert (data["count"], data["title_1"], data[f"update_{update.pk}"]) == (3, "Grain exchange", "1")
    data |= {"title_2": "Grain reserve", "title_3": "Grain fund", f"step_{step.pk}": "2"}
    missing = client.post(
        split_url(origin), {**data, "title_3": "grain fund", "title_2": "Grain Fund", "then": "split"}
    )
    assert missing.status_code == 422
    assert "a title of its own" in said(missing)
    done = client.post(split_url(origin), {**data, "then": "split"}, follow=True)
    split = ItemSplit.objects.get()
    references = [part["reference"] for part in split.parts]
    assert f"is split into {', '.join(references)}" in said(done)
    assert Update.objects.get(pk=update.pk).item.reference == references[0]
    assert "Two things." in said(client.get(f"/proposals/{origin.reference}/history/"))
    assert "Grain reserve" in said(client.get("/proposals/"))
    assert "split from" in said(client.get(f"/proposals/{references[1]}/history/"))


def test_what_someone_changed_meanwhile_is_looked_at_again(
    client: Client, origin: TrackedItem, administrator: User, analyst: User
) -> None:
    client.force_login(administrator)
    data = shown(client.get(split_url(origin))) | {
        "title_1": "One",
        "title_2": "Two",
        "reason": "Two.",
        "then": "split",
    }
    items.edit_item(origin, by=analyst, version=None, changes={"summary": "Newer."})
    late = client.post(split_url(origin), data)
    assert late.status_code == 422
    assert "Someone changed this" in said(late)
    assert 'value="One"' in late.content.decode()
    assert client.post(split_url(origin), data | {"version": late.context["item"].version}).status_code == 302


def test_a_program_splits_what_it_read(client: Client, origin: TrackedItem, administrator: User) -> None:
    client.force_login(administrator)
    address = f"/api/v1/proposals/{origin.reference}/"
    etag = client.get(address).headers["ETag"]
    cited = [{"document": "communique", "paragraph": 1}]
    body = {"reason": "Two.", "parts": [{"title": "Exchange", "citations": cited}], "keeps": cited}
    headers = {"Idempotency-Key": str(uuid.uuid4()), "If-Match": etag}

    def post(what: Any, **more: str) -> Any:
        return client.post(f"{address}split/", what, content_type="application/json", headers={**headers, **more})

    assert post(body, **{"If-Match": '"99"'}).status_code == 412
    assert post({**body, "parts": [{"title": "Exchange"}]}).status_code == 400
    assert post(body).status_code == 200
    assert post(body).status_code == 200
    part = ItemSplit.objects.get().parts[0]["reference"]
    assert client.get(f"/api/v1/proposals/{part}/").json()["citations"] == cited
    assert client.get(address).json()["citations"] == cited
