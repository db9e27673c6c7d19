"""Review: oldest first, never one's own, with what publishing would change; publish or hand back with a reason."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from brics_tracker.accounts.models import User
from brics_tracker.tracking.models import TrackedItem, Update
from brics_tracker.tracking.services import items, updates
from brics_tracker.tracking.services.checks import Claim
from tests.factories.accounts import make_user
from tests.factories.core import make_theme
from tests.factories.tracking import make_draft, make_evidence, make_item, make_milestone, make_update
from tests.growth import queries_of
from tests.tracking.views.helpers import pdf, said

pytestmark = pytest.mark.django_db
QUEUE = reverse("tracking:review-queue")


@pytest.fixture
def signed(client: Client, reviewer: User) -> Client:
    client.force_login(reviewer)
    return client


def page_of(update: Update) -> str:
    return reverse("tracking:update-review", args=[update.pk])


def publish(client: Client, update: Update, **fields: Any) -> Any:
    data = {"publish-version": update.version, **{f"publish-{name}": value for name, value in fields.items()}}
    return client.post(reverse("tracking:update-publish", args=[update.pk]), data)


def hand_back(client: Client, update: Update, reason: str = "Name the source.", **fields: Any) -> Any:
    data = {"return-version": update.version, "return-reason": reason, **fields}
    return client.post(reverse("tracking:update-return", args=[update.pk]), data)


# --- the queue ---------------------------------------------------------------------------------------------
def test_what_was_handed_in_first_stands_first(signed: Client) -> None:
    first, second = make_update(make_item(), state="submitted"), make_update(make_item(), state="submitted")
    rows = signed.get(QUEUE).context["page_obj"].rows
    assert [row.pk for row in rows] == [first.pk, second.pk]


def test_the_queue_is_a_file_too_of_what_this_reviewer_may_judge(signed: Client, reviewer: User) -> None:
    update = make_update(make_item(title="Grain"), state="submitted", text="=Talks ended.", status_claimed="discussion")
    make_update(make_item(), by=reviewer, state="submitted")
    assert "export=xlsx" in signed.get(QUEUE).content.decode()
    [row] = json.loads(b"".join(signed.get(f"{QUEUE}?export=json")))["rows"]
    assert (row["title"], row["text"], row["status_claimed"]) == ("Grain", "=Talks ended.", "discussion")
    assert row["address"] == f"http://testserver{page_of(update)}"


def test_ones_own_wait_for_someone_else(signed: Client, reviewer: User) -> None:
    own = make_update(make_item(), by=reviewer, state="submitted")
    context = signed.get(QUEUE).context
    assert not context["page_obj"].rows
    assert [row.pk for row in context["own"]] == [own.pk]
    assert "someone else reviews it" in said(signed.get(page_of(own)))
    assert publish(signed, own).status_code == 422


def test_control_with_four_eyes_off_ones_own_stand_in_the_queue(
    signed: Client, reviewer: User, settings: LazySettings
) -> None:
    settings.FOUR_EYES = False
    own = make_update(make_item(), by=reviewer, state="submitted")
    assert [row.pk for row in signed.get(QUEUE).context["page_obj"].rows] == [own.pk]
    assert publish(signed, own).status_code == 302


def test_only_what_lies_in_scope_is_shown(client: Client) -> None:
    energy, culture = make_theme("EN"), make_theme("CU")
    inside = make_update(make_item(theme=energy), state="submitted")
    outside = make_update(make_item(theme=culture), state="submitted")
    client.force_login(make_user(role="reviewer", themes=[energy]))
    assert [row.pk for row in client.get(QUEUE).context["page_obj"].rows] == [inside.pk]
    assert client.get(page_of(outside)).status_code == 404
    assert publish(client, outside).status_code == 404


@pytest.mark.parametrize("role", ["", "reader", "analyst", "administrator"])
def test_who_is_no_reviewer_has_no_queue(client: Client, role: str) -> None:
    update = make_update(make_item(), state="submitted")
    client.force_login(make_user(role=role))
    assert client.get(QUEUE).status_code == 403
    assert client.get(page_of(update)).status_code in {403, 404}
    assert publish(client, update).status_code in {403, 404}
    assert Update.objects.get().review_state == "submitted"


def test_an_author_sees_their_update_in_review_but_may_not_judge_it(client: Client, analyst: User) -> None:
    update = make_update(make_item(), by=analyst, state="submitted")
    client.force_login(analyst)
    assert client.get(page_of(update)).status_code == 403
    assert hand_back(client, update).status_code == 403


def test_the_queue_costs_the_same_for_two_rows_and_for_twelve(signed: Client, analyst: User, reviewer: User) -> None:
    def fill(number: int) -> None:
        for _each in range(number):
            make_update(make_item(), by=analyst, state="submitted")
            make_update(make_item(), by=reviewer, state="submitted")
            items.submit_item(make_item(by=analyst, published=False), by=analyst)

    fill(2)
    few = queries_of(lambda: signed.get(QUEUE))
    fill(10)
    assert queries_of(lambda: signed.get(QUEUE)) == few


# --- one update --------------------------------------------------------------------------------------------
def test_the_page_shows_what_it_says_what_it_changes_and_on_what_it_rests(signed: Client, analyst: User) -> None:
    item = make_item()
    first, second = (
        make_milestone(item, title="Text agreed"),
        make_milestone(item, title="Text signed", due=dt.date(2030, 1, 1)),
    )
    update = make_draft(item, by=analyst, text="They **agreed**.", status_claimed="agreed",
                        claims=[Claim(first, "completed"), Claim(second, "moved", dt.date(2030, 6, 1), "The host asked.")])  # fmt: skip
    make_evidence(
        item, by=analyst, update=update, title="Minutes", url="", files=[pdf()], quote="We agree.", confidential=True
    )
    updates.submit_update(update, by=analyst)
    answer = signed.get(page_of(update))
    page = said(answer)
    for words in (
        "Proposed → Agreed",
        "50%",
        "Text agreed",
        "1 Jan 2030 → 1 Jun 2030",
        "Minutes",
        "confidential",
        "We agree.",
        "minutes.pdf",
    ):
        assert words in page, words
    assert "<strong>agreed</strong>" in answer.content.decode()


def test_what_the_page_foretells_is_what_publishing_does(signed: Client, analyst: User) -> None:
    item = make_item()
    first, _second = make_milestone(item, weight=3), make_milestone(item)
    make_update(item, status_claimed="discussion", happened="2024-01")
    update = make_update(item, by=analyst, state="submitted", status_claimed="agreed", sources=1, happened="2024-02",
                         claims=[Claim(first, "completed")])  # fmt: skip
    foretold = signed.get(page_of(update)).context["review"].effect.after
    publish(signed, update)
    item.refresh_from_db()
    assert (item.status, item.percent, item.proof) == (foretold.status, foretold.percent, foretold.proof)


def test_late_news_is_said_to_stay_in_the_past(signed: Client, analyst: User) -> None:
    item = make_item()
    make_update(item, status_claimed="agreed", sources=1, happened="2024-03")
    update = make_update(item, by=analyst, state="submitted", status_claimed="discussion", happened="2023-01")
    assert "takes its place in the past" in said(signed.get(page_of(update)))


def test_publishing_with_the_tick_verifies_and_leads_to_the_next(signed: Client) -> None:
    item, other = make_item(), make_item()
    update = make_update(item, state="submitted", status_claimed="agreed", sources=1)
    make_update(other, state="submitted")
    answer = publish(signed, update, evidence_checked="on")
    assert answer["Location"] == page_of(update)
    item.refresh_from_db()
    assert (item.status, item.proof) == ("agreed", "verified")
    assert f"Next in the queue: {other.reference}" in said(signed.get(page_of(update)))


def test_a_second_click_publishes_once(signed: Client) -> None:
    item = make_item()
    update = make_update(item, state="submitted", status_claimed="discussion")
    for _click in range(2):
        assert publish(signed, update).status_code == 302
    assert item.status_changes.count() == 2


def test_what_the_author_changed_since_is_not_published_unread(signed: Client, analyst: User) -> None:
    update = make_update(make_item(), by=analyst, state="submitted")
    updates.withdraw_update(update, by=analyst)
    updates.edit_update(update, by=analyst, version=None, fields={"text": "Something else."})
    updates.submit_update(update, by=analyst)
    answer = publish(signed, update)
    assert answer.status_code == 422
    assert "changed this update since you opened it" in said(answer)
    assert "Something else." in said(answer)
    assert Update.objects.get().review_state == "submitted"


def test_handing_back_needs_a_reason_and_keeps_every_one(signed: Client, analyst: User) -> None:
    update = make_update(make_item(), by=analyst, state="submitted")
    assert "This field is required" in said(hand_back(signed, update, reason=" "))
    assert hand_back(signed, update, reason="Who signed?").status_code == 302
    update.refresh_from_db()
    assert update.review_state == "returned"
    updates.submit_update(update, by=analyst)
    assert "Who signed?" in said(signed.get(page_of(update)))


def test_a_reason_that_is_too_long_is_kept_on_the_page(signed: Client) -> None:
    update = make_update(make_item(), state="submitted")
    answer = hand_back(signed, update, reason="long " * 200)
    assert answer.status_code == 422
    assert "long long long" in answer.content.decode()
    assert Update.objects.get().review_state == "submitted"


def test_handing_back_what_was_published_meanwhile_keeps_what_was_typed(signed: Client, reviewer: User) -> None:
    update = make_update(make_item(), state="submitted")
    opened = update.version
    updates.publish_update(update, by=make_user(role="reviewer"))
    update.version = opened
    answer = hand_back(signed, update, reason="Typed too late.")
    assert answer.status_code == 422
    assert "Typed too late." in said(answer)


def test_the_tick_is_not_offered_without_evidence(signed: Client) -> None:
    update = make_update(make_item(), state="submitted")
    assert "evidence_checked" not in signed.get(page_of(update)).content.decode()
    answer = publish(signed, update, evidence_checked="on")
    assert answer.status_code == 422
    assert "There is no evidence to check" in said(answer)


def test_a_step_that_is_not_allowed_any_more_is_refused_in_words(signed: Client) -> None:
    item = make_item()
    update = make_update(item, state="submitted", status_claimed="agreed", sources=1, happened="2024-05")
    make_update(item, status_claimed="rejected", happened="2024-01")
    answer = publish(signed, update)
    assert answer.status_code == 422
    assert "From Rejected it can go to" in said(answer)


def test_what_was_published_shows_the_move_as_it_was_made(signed: Client, analyst: User) -> None:
    item = make_item()
    step = make_milestone(item, title="Text signed", due=dt.date(2030, 1, 1))
    claims = [Claim(step, "moved", dt.date(2030, 6, 1), "The host asked.")]
    update = make_update(item, by=analyst, state="submitted", claims=claims)
    publish(signed, update)
    page = said(signed.get(page_of(update)))
    assert "1 Jan 2030 → 1 Jun 2030" in page
    assert "The item stands at" in page


# --- a new item --------------------------------------------------------------------------------------------
@pytest.fixture
def proposed(analyst: User) -> TrackedItem:
    return items.submit_item(make_item(by=analyst, published=False, title="A common gas register"), by=analyst)


def item_url(name: str, item: TrackedItem) -> str:
    return reverse(f"tracking:item-{name}", args=[item.reference])


def test_a_new_item_is_read_and_published(signed: Client, proposed: TrackedItem) -> None:
    assert "A common gas register" in said(signed.get(QUEUE))
    assert "A common gas register" in said(signed.get(item_url("review", proposed)))
    for _click in range(2):
        answer = signed.post(item_url("publish", proposed), {"publish-version": proposed.version})
        assert answer.status_code == 302
    proposed.refresh_from_db()
    assert proposed.is_published


def test_a_new_item_is_handed_back_with_a_reason(signed: Client, proposed: TrackedItem) -> None:
    data = {"return-version": proposed.version, "return-reason": ""}
    assert signed.post(item_url("return", proposed), data).status_code == 422
    assert signed.post(item_url("return", proposed), {**data, "return-reason": "Cite it."}).status_code == 302
    proposed.refresh_from_db()
    assert proposed.review_state == "returned"


def test_a_new_item_changed_since_is_not_published_unread(signed: Client, proposed: TrackedItem) -> None:
    answer = signed.post(item_url("publish", proposed), {"publish-version": proposed.version - 1})
    assert answer.status_code == 422
    assert "changed since you opened it" in said(answer)
    proposed.refresh_from_db()
    assert not proposed.is_published


def test_its_author_may_not_publish_it(client: Client, analyst: User, proposed: TrackedItem) -> None:
    client.force_login(analyst)
    assert client.post(item_url("publish", proposed), {"publish-version": proposed.version}).status_code == 403
