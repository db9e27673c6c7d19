"""Merging on its page and over the API; where an old reference leads afterwards."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from brics_tracker.accounts.models import User
from brics_tracker.tracking.models import ItemMerge, TrackedItem
from brics_tracker.tracking.selectors.between import Sort, differences
from brics_tracker.tracking.services import items, merging
from brics_tracker.tracking.services.merging import Choice
from tests.factories.core import make_theme
from tests.factories.tracking import make_draft, make_item, make_milestone, make_update

from .helpers import said, sheet

pytestmark = pytest.mark.django_db


def merge_url(keep: TrackedItem, other: TrackedItem) -> str:
    return reverse("tracking:item-merge", args=[keep.reference, other.reference])


def sent(client: Client, keep: TrackedItem, other: TrackedItem, **changes: Any) -> dict[str, Any]:
    """What the form of two items would send."""
    form = client.get(merge_url(keep, other)).context["form"]
    data = {bound.html_name: bound.value() for bound in form}
    return {name: value for name, value in data.items() if value is not None} | {"reason": "Twice."} | changes


def merged(keep: TrackedItem, other: TrackedItem, by: User) -> None:
    merging.merge_items(keep, other, by=by, seen=(None, None), choice=Choice("One thing twice."))


def test_two_items_are_compared_shown_and_merged(client: Client, administrator: User) -> None:
    keep, other = make_item(title="Grain exchange"), make_item(title="A grain exchange", theme=make_theme("GR"))
    make_update(other, status_claimed="discussion")
    make_milestone(other)
    client.force_login(administrator)
    chosen = client.get(reverse("tracking:merge-choose"), {"keep": keep.reference.lower(), "other": other.reference})
    assert chosen.url == merge_url(keep, other)  # type: ignore[attr-defined]
    data = sent(client, keep, other, value_title="other", plan="add")
    shown = client.post(merge_url(keep, other), {**data, "then": "preview"})
    assert "Under discussion" in said(shown)
    assert not ItemMerge.objects.exists()
    done = client.post(merge_url(keep, other), {**data, "then": "apply"}, follow=True)
    assert f"{other.reference} is merged into {keep.reference}" in said(done)
    assert "A grain exchange" in said(done)
    client.post(merge_url(keep, other), {**data, "then": "apply"})
    assert ItemMerge.objects.count() == 1


def test_what_is_refused_is_said_and_nothing_chosen_is_lost(client: Client, administrator: User, analyst: User) -> None:
    keep, other = make_item(title="Grain exchange"), make_item(title="A grain exchange")
    client.force_login(administrator)
    data = sent(client, keep, other, value_title="other", then="apply")
    items.edit_item(other, by=analyst, version=None, changes={"summary": "Newer words."})
    late = client.post(merge_url(keep, other), data)
    assert late.status_code == 422
    assert f"Someone changed {other.reference}" in said(late)
    assert re.search(r'name="value_title" value="other"[^>]*checked', late.content.decode())
    without = client.post(merge_url(keep, other), {**data, "reason": " "})
    assert without.status_code == 422
    again = {**data, "other_version": late.context["form"]["other_version"].value()}
    assert client.post(merge_url(keep, other), again).status_code == 302


@pytest.mark.parametrize(
    ("keep", "other", "words"), [("EN-999", "EN-998", "no item EN-999"), ("it", "it", "one item already")]
)
def test_two_items_must_be_named(client: Client, administrator: User, keep: str, other: str, words: str) -> None:
    item = make_item()
    client.force_login(administrator)
    asked = {"keep": keep.replace("it", item.reference), "other": other.replace("it", item.reference)}
    refused = client.get(reverse("tracking:merge-choose"), asked)
    assert refused.status_code == 422
    assert words in said(refused)


def test_the_old_reference_leads_to_the_new_and_its_record_stays(
    client: Client, administrator: User, reader: User
) -> None:
    keep, other = make_item(), make_item(title="Found twice")
    merged(keep, other, administrator)
    client.force_login(reader)
    page = client.get(f"/proposals/{other.reference}/?tab=1", follow=True)
    assert page.redirect_chain == [(f"/proposals/{keep.reference}/?tab=1", 302)]
    assert f"{other.reference} was merged into {keep.reference}" in said(page)
    record = client.get(f"/proposals/{other.reference}/history/")
    assert f"merged into {keep.reference}" in said(record)
    assert "One thing twice." in said(client.get(f"/proposals/{keep.reference}/history/"))
    listed = said(client.get("/proposals/"))
    assert other.reference not in listed
    assert "merged into another" in said(client.get("/proposals/?archived=yes"))
    assert client.get(f"/proposals/?related={other.reference}").status_code == 200


def test_whoever_was_writing_is_told_and_shown_what_they_wrote(
    client: Client, administrator: User, analyst: User
) -> None:
    keep, other = make_item(), make_item()
    client.force_login(analyst)
    typed = sheet(text="The ministers agreed on a text for grain.")
    merged(keep, other, administrator)
    refused = client.post(reverse("tracking:update-create", args=[other.reference]), typed)
    assert refused.status_code == 409
    assert "The ministers agreed on a text for grain." in said(refused)
    assert reverse("tracking:update-create", args=[keep.reference]) in refused.content.decode()


def test_search_finds_the_old_reference_and_says_where_it_leads(
    client: Client, administrator: User, reader: User
) -> None:
    keep, other = make_item(title="Grain exchange"), make_item(title="Grain exchange again")
    merged(keep, other, administrator)
    client.force_login(reader)
    assert "merged into another" in said(client.get("/search/", {"q": other.reference}))
    assert "Grain exchange again" not in said(client.get("/search/", {"q": "grain exchange"}))


def test_before_the_merge_both_stand_as_they_were_and_the_change_says_merged(
    client: Client, administrator: User, reader: User
) -> None:
    def on(day: int) -> time_machine.travel:
        return time_machine.travel(dt.datetime(2031, 3, day, 9, tzinfo=dt.UTC), tick=False)

    with on(1):
        keep, other = make_item(title="Grain exchange"), make_item(title="Found twice")
        make_update(other, status_claimed="agreed", sources=1, text="The ministers agreed.", happened="2031-02")
        make_milestone(other, title="Sign the text")
    with on(5):
        merged(keep, other, administrator)
    with on(9):
        client.force_login(reader)
        then = said(client.get(f"/proposals/{other.reference}/?as_of=2031-03-03"))
        assert all(words in then for words in ("Found twice", "The ministers agreed.", "Source", "Sign the text"))
        assert "The ministers agreed." not in said(client.get(f"/proposals/{keep.reference}/?as_of=2031-03-03"))
        assert "The ministers agreed." in said(client.get(f"/proposals/{keep.reference}/?as_of=2031-03-06"))
        led = client.get(f"/proposals/{other.reference}/?as_of=2031-03-06")
        assert led.url == f"/proposals/{keep.reference}/?as_of=2031-03-06"  # type: ignore[attr-defined]
        told = differences(reader, dt.date(2031, 3, 3), dt.date(2031, 3, 9))
        assert [(each.reference, each.after) for each in told if each.sort == Sort.MERGED] == [
            (other.reference, keep.reference)
        ]
        assert [each.sort for each in told if each.sort == Sort.ARCHIVED] == []


def test_the_api_leads_on_refuses_writes_and_merges_by_version(client: Client, administrator: User) -> None:
    keep, other = make_item(), make_item()
    root = "/api/v1/proposals/"
    client.force_login(administrator)
    etag = client.get(f"{root}{keep.reference}/").headers["ETag"]
    body = {"merge": other.reference, "merge_version": other.version, "reason": "Twice.", "values": {"title": "other"}}

    def post(address: str, what: Any, **headers: str) -> Any:
        sent = {"Idempotency-Key": str(uuid.uuid4()), "If-Match": etag, **headers}
        return client.post(f"{root}{address}", what, content_type="application/json", headers=sent)

    stale = post(f"{keep.reference}/merge/", {**body, "merge_version": 99})
    assert (stale.status_code, ItemMerge.objects.count()) == (400, 0)
    unknown = post(f"{keep.reference}/merge/", {**body, "values": {"colour": "other"}})
    assert "colour" in unknown.json()["errors"]
    done = post(f"{keep.reference}/merge/", body)
    assert (done.status_code, done.json()["title"]) == (200, other.title)
    moved = client.get(f"{root}{other.reference}/?page=1")
    assert (moved.status_code, moved.json()["merged_into"]) == (301, keep.reference)
    assert moved.headers["Location"] == f"{root}{keep.reference}/?page=1"
    assert client.get(f"{root}{other.reference}/updates/").status_code == 301
    assert client.get(f"{root}{other.reference}/history/").status_code == 200
    refused = post(f"{other.reference}/archive/", {"reason": "Old."})
    assert (refused.status_code, refused.json()["merged_into"]) == (409, keep.reference)
    rows = {row["reference"]: row["merged_into"] for row in client.get(f"{root}?archived=all").json()["results"]}
    assert rows == {keep.reference: None, other.reference: keep.reference}


def test_a_draft_of_an_update_stays_its_authors(client: Client, administrator: User, analyst: User) -> None:
    keep, other = make_item(), make_item()
    draft = make_draft(other, by=analyst)
    merged(keep, other, administrator)
    client.force_login(analyst)
    assert keep.reference in said(client.get(reverse("tracking:update-edit", args=[draft.pk])))
