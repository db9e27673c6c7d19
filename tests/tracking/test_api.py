"""What hangs on an item, and documents, through the API."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from brics_tracker.accounts.models import User
from brics_tracker.tracking.models import TrackedItem
from brics_tracker.tracking.services import items, milestones, updates
from brics_tracker.tracking.services.checks import Claim
from tests.factories.accounts import make_user
from tests.factories.core import make_theme
from tests.factories.tracking import (
    make_document,
    make_draft,
    make_evidence,
    make_item,
    make_milestone,
    make_system,
    make_update,
)
from tests.growth import queries_of
from tests.openapi import check_answer

pytestmark = pytest.mark.django_db
HANGING = ("updates", "milestones", "evidence", "relations", "statuses", "history")


@pytest.fixture
def item() -> TrackedItem:
    return make_item(theme=make_theme("EN"))


@pytest.fixture
def api(client: Client, reader: User) -> Client:
    client.force_login(reader)
    return client


def rows(client: Client, hanging: str, reference: str = "EN-01") -> list[dict[str, Any]]:
    response = client.get(f"/api/v1/proposals/{reference}/{hanging}/")
    found: list[dict[str, Any]] = check_answer(response, f"/api/v1/proposals/{{reference}}/{hanging}/")["results"]
    return found


class TestUpdates:
    def test_newest_first_with_what_they_claim(self, api: Client, item: TrackedItem) -> None:
        step = make_milestone(item, title="Talks")
        make_update(item, text="Old.", happened="2020")
        claims = [Claim(step, "completed")]
        make_update(
            item, text="New.", happened="2021-05", status_claimed="agreed", sources=1, checked=True, claims=claims
        )
        new, old = rows(api, "updates")
        assert (new["text"], new["happened"], new["status_claimed"]) == ("New.", "2021-05", "agreed")
        assert (new["milestones"][0]["milestone"], new["milestones"][0]["kind"]) == (step.pk, "completed")
        assert new["evidence_checked"]
        assert len(new["evidence"]) == 1
        assert (old["text"], old["status_claimed"], old["evidence"]) == ("Old.", None, [])

    def test_a_draft_is_its_authors_and_the_overseers(self, client: Client, item: TrackedItem, analyst: User) -> None:
        make_draft(item, by=analyst)
        for person, seen in (
            (analyst, 1),
            (make_user(role="reviewer"), 1),
            (make_user(role="analyst"), 0),
            (make_user(), 0),
        ):
            client.force_login(person)
            assert len(rows(client, "updates")) == seen

    def test_what_was_retracted_stays_in_sight_and_says_so(
        self, api: Client, item: TrackedItem, reviewer: User
    ) -> None:
        update = make_update(item)
        updates.retract_update(update, by=reviewer, reason="Not so.")
        (row,) = rows(api, "updates")
        assert (row["review_state"], row["retraction_reason"]) == ("retracted", "Not so.")


class TestEvidence:
    def test_it_is_seen_once_an_update_that_uses_it_is_published(
        self, api: Client, item: TrackedItem, analyst: User
    ) -> None:
        update = make_update(item, by=analyst, sources=1, state="submitted")
        assert rows(api, "evidence") == []
        updates.publish_update(update, by=make_user(role="reviewer"), evidence_checked=False)
        (row,) = rows(api, "evidence")
        assert row["updates"] == [update.pk]

    def test_the_confidential_is_invisible_here_and_in_the_update_that_uses_it(
        self, client: Client, item: TrackedItem, analyst: User, reviewer: User
    ) -> None:
        update = make_draft(item, by=analyst)
        make_evidence(item, by=analyst, update=update, title="Secret", confidential=True)
        updates.submit_update(update, by=analyst)
        updates.publish_update(update, by=reviewer, evidence_checked=False)
        for person, seen in ((analyst, 1), (reviewer, 1), (make_user(role="analyst"), 0), (make_user(), 0)):
            client.force_login(person)
            assert len(rows(client, "evidence")) == seen
            assert len(rows(client, "updates")[0]["evidence"]) == seen
            assert ("Secret" in client.get("/api/v1/proposals/EN-01/history/").content.decode()) is False


class TestMilestones:
    def test_the_plan_in_its_order_with_every_move(self, api: Client, item: TrackedItem, analyst: User) -> None:
        step = make_milestone(item, title="Talks", due="2030-01-01")
        milestones.edit_milestone(
            step, by=analyst, version=None, changes={"due": dt.date(2030, 6, 1)}, reason="Elections."
        )
        make_milestone(item, title="Text")
        talks, text = rows(api, "milestones")
        assert (talks["title"], talks["due"], text["title"]) == ("Talks", "2030-06-01", "Text")
        (move,) = talks["moves"]
        assert (move["old_due"], move["new_due"], move["reason"]) == ("2030-01-01", "2030-06-01", "Elections.")


class TestRelations:
    def test_ties_both_ways_but_none_to_what_is_hidden(self, api: Client, item: TrackedItem, analyst: User) -> None:
        system = make_system()
        other, hidden = make_item(title="Other"), make_item(published=False, by=analyst)
        items.relate(item, other, kind="carries", by=system)
        items.relate(other, item, kind="repeats", by=system)
        items.relate(item, hidden, kind="part_of", by=system)
        assert [(row["kind"], row["direction"], row["reference"]) for row in rows(api, "relations")] == [
            ("carries", "out", other.reference),
            ("repeats", "in", other.reference),
        ]


class TestHistory:
    def test_every_change_with_who_and_what_it_was(self, api: Client, item: TrackedItem, analyst: User) -> None:
        items.edit_item(item, by=analyst, version=None, changes={"title": "Better words"})
        newest = rows(api, "history")[0]
        assert newest["by"] == "analyst"
        assert [(each["field"], each["after"]) for each in newest["changes"]] == [("Title", "Better words")]

    def test_what_came_before_publication_is_not_for_everyone(
        self, client: Client, analyst: User, reviewer: User
    ) -> None:
        draft = make_item(by=analyst, published=False, title="Rough", theme=make_theme("EN"))
        items.edit_item(draft, by=analyst, version=None, changes={"title": "Fine"})
        items.submit_item(draft, by=analyst)
        items.publish_item(draft, by=reviewer)
        for person, sees in ((analyst, True), (reviewer, True), (make_user(), False)):
            client.force_login(person)
            rows(client, "history")
            assert ("Rough" in client.get("/api/v1/proposals/EN-01/history/").content.decode()) is sees

    def test_what_was_shown_from_when_until_when(self, api: Client, item: TrackedItem) -> None:
        update = make_update(item, status_claimed="discussion")
        *_before, last = rows(api, "statuses")
        assert (last["status"], last["until"], last["update"]) == ("discussion", None, update.pk)


@pytest.mark.parametrize("hanging", HANGING)
def test_queries_do_not_grow(api: Client, item: TrackedItem, analyst: User, hanging: str) -> None:
    reviewer, system = make_user(role="reviewer"), make_system()

    def more(times: int) -> None:
        for _n in range(times):
            step = make_milestone(item, due="2030-01-01")
            milestones.edit_milestone(
                step, by=analyst, version=None, changes={"due": dt.date(2030, 6, 1)}, reason="Late."
            )
            claims = [Claim(step, "completed")]
            make_update(item, by=analyst, reviewer=reviewer, sources=1, claims=claims)
            items.relate(item, make_item(), kind="carries", by=system)

    more(2)
    few = queries_of(lambda: rows_response(api, hanging))
    more(10)
    assert queries_of(lambda: rows_response(api, hanging)) == few


def rows_response(api: Client, hanging: str) -> Any:
    return api.get(f"/api/v1/proposals/EN-01/{hanging}/")


class TestDocuments:
    def test_a_document_with_the_number_of_its_paragraphs(self, api: Client) -> None:
        make_document("declaration-2030", paragraphs=4)
        body = check_answer(api.get("/api/v1/documents/declaration-2030/"), "/api/v1/documents/{key}/")
        assert (body["paragraphs"], body["date"], body["address"]) == (4, None, None)
        listed = check_answer(api.get("/api/v1/documents/"), "/api/v1/documents/")
        assert listed["results"] == [body]

    def test_each_paragraph_leads_to_what_cites_it(self, api: Client) -> None:
        document = make_document("declaration-2030")
        cites = make_item(passages=[document.passages.get(number=2)])
        path = "/api/v1/documents/{key}/passages/"
        body = check_answer(api.get("/api/v1/documents/declaration-2030/passages/"), path)
        assert [row["number"] for row in body["results"]] == [1, 2, 3]
        found = [api.get(row["tracked_url"]).json()["results"] for row in body["results"]]
        assert [[row["reference"] for row in rows] for rows in found] == [[], [cites.reference], []]

    def test_queries_do_not_grow(self, api: Client) -> None:
        make_document("one", 2), make_document("two", 2)
        make_item(), make_item()
        addresses = ("/api/v1/documents/", "/api/v1/documents/one/passages/", "/api/v1/items/")
        few = [queries_of(lambda path=path: api.get(path)) for path in addresses]  # type: ignore[misc]
        for number in range(10):
            make_document(f"more-{number}", 12)
            make_item()
        assert [queries_of(lambda path=path: api.get(path)) for path in addresses] == few  # type: ignore[misc]
