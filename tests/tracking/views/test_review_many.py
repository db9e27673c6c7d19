"""Review of many: ticked in the queue, shown with what publishing would change, decided once, told row by row."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from brics_tracker.accounts.models import User
from brics_tracker.tracking import integrity
from brics_tracker.tracking.models import BulkReview, TrackedItem, Update
from brics_tracker.tracking.services import items, updates
from brics_tracker.tracking.services.checks import Claim
from tests.factories.accounts import make_user
from tests.factories.core import make_theme
from tests.factories.tracking import make_item, make_milestone, make_update
from tests.tracking.views.helpers import said

pytestmark = pytest.mark.django_db
QUEUE, MANY = reverse("tracking:review-queue"), reverse("tracking:review-many")


@pytest.fixture
def signed(client: Client, reviewer: User) -> Client:
    client.force_login(reviewer)
    return client


def submitted(item: TrackedItem | None = None, **fields: Any) -> Update:
    return make_update(item or make_item(), state="submitted", **fields)


def ticked(*chosen: Update | TrackedItem) -> dict[str, Any]:
    return {
        "update": [f"{row.pk}:{row.version}" for row in chosen if isinstance(row, Update)],
        "item": [f"{row.pk}:{row.version}" for row in chosen if isinstance(row, TrackedItem)],
    }


def decide(client: Client, data: dict[str, Any], then: str, **fields: Any) -> Any:
    """See it first, as a browser does, then decide with the form that was shown."""
    page = client.post(MANY, data)
    key = re.search(r'name="form_key" value="([^"]+)"', page.content.decode())
    assert key is not None
    return client.post(MANY, {**data, "form_key": key[1], "then": then, **fields})


def outcomes() -> dict[int | None, str]:
    return dict(BulkReview.objects.latest("pk").rows.values_list("update", "outcome"))


def test_what_was_ticked_is_shown_and_published_in_one_go(signed: Client) -> None:
    item = make_item(title="Grain")
    step = make_milestone(item, title="Text agreed", due=dt.date(2024, 5, 1))
    first = submitted(item, status_claimed="discussion", claims=[Claim(step, "completed")])
    second = submitted(make_item(title="Rail"), status_claimed="agreed", sources=1)
    new = items.submit_item(make_item(published=False, by=first.author), by=first.author)
    queue = signed.get(QUEUE).content.decode()
    assert f'name="update" value="{first.pk}:{first.version}" form="review-many"' in queue
    assert f'name="item" value="{new.pk}:{new.version}" form="review-many"' in queue
    page = signed.post(MANY, ticked(first, second, new))
    assert "<del>Proposed</del> <ins>Under discussion</ins>" in page.content.decode()
    assert "Text agreed: open completed" in said(page)
    assert not BulkReview.objects.exists()
    assert Update.objects.get(pk=first.pk).review_state == "submitted"
    done = decide(signed, ticked(first, second, new), "publish")
    review = BulkReview.objects.get()
    assert done.headers["Location"] == reverse("tracking:review-done", args=[review.pk])
    assert set(outcomes().values()) == {"changed"}
    assert {item.status for item in TrackedItem.objects.all()} == {"discussion", "agreed", "proposed"}
    assert TrackedItem.objects.get(pk=new.pk).is_published
    assert said(signed.get(done.headers["Location"])).count("published") >= 3
    assert list(integrity.maintained_columns()) == []


def test_evidence_counts_as_checked_only_where_it_was_ticked(signed: Client) -> None:
    read, unread = submitted(status_claimed="agreed", sources=1), submitted(status_claimed="agreed", sources=1)
    bare = submitted(status_claimed="discussion")
    page = signed.post(MANY, ticked(read, unread, bare)).content.decode()
    assert not re.search(r'name="checked"[^>]* checked', page)
    assert page.count('name="checked"') == 2
    decide(signed, ticked(read, unread, bare), "publish", checked=[read.pk])
    proofs = {update.pk: update.item.proof for update in Update.objects.select_related("item")}
    assert proofs == {read.pk: "verified", unread.pk: "documented", bare.pk: "claimed"}


def test_many_are_handed_back_with_one_reason(signed: Client) -> None:
    first, second = submitted(), submitted()
    answer = decide(signed, ticked(first, second), "return", reason=" ")
    assert answer.status_code == 422
    assert "Give a reason" in said(answer)
    decide(signed, ticked(first, second), "return", reason="Name the source.")
    for update in (first, second):
        assert update.returns.get().reason == "Name the source."
        assert Update.objects.get(pk=update.pk).review_state == "returned"


def test_each_refusal_and_conflict_stands_in_its_row_and_the_rest_goes_on(signed: Client, reviewer: User) -> None:
    own = submitted(by=reviewer)
    changed, free = submitted(), submitted(status_claimed="discussion")
    waits = items.submit_item(make_item(published=False, by=changed.author), by=changed.author)
    data = ticked(own, changed, free)
    updates.withdraw_update(changed, by=changed.author)
    updates.submit_update(changed, by=changed.author)
    decide(signed, data, "publish")
    assert outcomes() == {own.pk: "refused", changed.pk: "conflict", free.pk: "changed"}
    words = dict(BulkReview.objects.get().rows.values_list("update", "words"))
    assert "four-eyes" in words[own.pk][0]
    assert "read it again" in words[changed.pk][0]
    items.withdraw_item(waits, by=changed.author)
    decide(signed, ticked(waits), "publish")
    assert outcomes() == {None: "conflict"}


def test_what_lies_outside_ones_scope_is_neither_shown_nor_touched(client: Client) -> None:
    energy, green = make_theme("EN"), make_theme("GR")
    inside, outside = submitted(make_item(theme=energy)), submitted(make_item(theme=green))
    limited = make_user(role="reviewer", themes=[energy])
    client.force_login(limited)
    page = client.post(MANY, ticked(inside, outside)).content.decode()
    assert outside.item.reference not in page
    decide(client, ticked(inside, outside), "publish")
    assert outcomes() == {inside.pk: "changed"}
    assert Update.objects.get(pk=outside.pk).review_state == "submitted"
    other = make_user(role="reviewer")
    client.force_login(other)
    assert client.get(reverse("tracking:review-done", args=[BulkReview.objects.get().pk])).status_code == 404


def test_a_double_submit_decides_once(signed: Client) -> None:
    update = submitted()
    page = signed.post(MANY, ticked(update)).content.decode()
    key = re.search(r'name="form_key" value="([^"]+)"', page)
    assert key is not None
    data = {**ticked(update), "form_key": key[1], "then": "publish"}
    assert signed.post(MANY, data).headers["Location"] == signed.post(MANY, data).headers["Location"]
    assert BulkReview.objects.count() == 1


@pytest.mark.parametrize("marks", [[], ["x:1"], ["1"], [f"{n}:1" for n in range(60)], ["1" * 30 + ":1"]])
def test_ticks_that_are_none_lead_back_with_words(signed: Client, marks: list[str]) -> None:
    answer = signed.post(MANY, {"update": marks}, follow=True)
    assert answer.redirect_chain[0][0] == QUEUE
    assert 'class="messages' in answer.content.decode()
