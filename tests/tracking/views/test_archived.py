"""What is archived leaves every list and figure, by whatever door it was archived, and is shown where someone asks."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from brics_tracker.accounts.models import User
from brics_tracker.tracking.models import TrackedItem
from brics_tracker.tracking.selectors.documents import coverage_of_documents
from brics_tracker.tracking.selectors.review import Queue
from brics_tracker.tracking.services import bulk, items
from proposals.selectors import overview_for
from tests.factories.accounts import make_user
from tests.factories.core import make_theme
from tests.factories.tracking import make_document, make_item, make_update

from .helpers import said

pytestmark = pytest.mark.django_db
Act = Callable[[Client, TrackedItem, User], Any]


def _by_page(client: Client, item: TrackedItem, by: User) -> Any:
    return client.post(reverse("tracking:item-archive", args=[item.reference]), {"reason": "Taken up elsewhere."})


def _by_program(client: Client, item: TrackedItem, by: User) -> Any:
    return client.post(
        f"/api/v1/proposals/{item.reference}/archive/", {"reason": "Taken up elsewhere."},
        content_type="application/json", headers={"Idempotency-Key": str(uuid.uuid4())},
    )  # fmt: skip


def _by_many(client: Client, item: TrackedItem, by: User) -> Any:
    return bulk.edit_many({item.pk: None}, bulk.Wanted(archive="Taken up elsewhere."), by=by, words=[])


@pytest.mark.parametrize("archive", [_by_page, _by_program, _by_many])
def test_an_archived_item_leaves_lists_and_figures_and_comes_back(
    client: Client, administrator: User, analyst: User, reviewer: User, archive: Act
) -> None:
    paragraphs = list(make_document("communique", paragraphs=1).passages.all())
    item = make_item(title="Grain exchange", passages=paragraphs)
    make_update(item, by=analyst, status_claimed="discussion")
    make_update(item, by=analyst, state="submitted")
    client.force_login(administrator)

    def seen() -> dict[str, bool]:
        coverage = {each.document.key: each.cited for each in coverage_of_documents(administrator)}
        return {
            "list": item.reference in said(client.get("/proposals/")),
            "board": item.reference in said(client.get("/proposals/?view=board")),
            "timeline": item.reference in said(client.get("/proposals/?view=timeline")),
            "file": item.reference in b"".join(client.get("/proposals/?export=csv")).decode(),
            "search": item.title in said(client.get("/search/?q=exchange")),
            "figures": overview_for(administrator).whole.items > 0,
            "documents": coverage["communique"] > 0,
            "review": Queue(reviewer).updates().exists(),
            "program": client.get("/api/v1/proposals/").json()["count"] > 0,
        }

    assert set(seen().values()) == {True}
    archive(client, item, administrator)
    item.refresh_from_db()
    assert item.archived_at is not None
    assert "Taken up elsewhere." in item.history.first().history_change_reason
    assert {name for name, there in seen().items() if there} == set()
    assert item.reference in said(client.get("/proposals/?archived=yes"))
    assert "archived" in said(client.get(item.get_absolute_url()))
    assert item.title in said(client.get("/search/?q=exchange&archived=all"))
    assert client.get("/api/v1/proposals/?archived=yes").json()["count"] == 1
    items.restore_item(item, by=administrator)
    assert set(seen().values()) == {True}


def test_the_administration_shows_it_and_changes_nothing(client: Client, administrator: User) -> None:
    item = make_item()
    items.archive_item(item, by=administrator, reason="Old.")
    client.force_login(administrator)
    page = client.get(reverse("admin:tracking_trackeditem_change", args=[item.pk]))
    assert page.status_code == 200
    assert client.post(reverse("admin:tracking_trackeditem_change", args=[item.pk]), {}).status_code == 403


def test_whoever_could_change_it_is_told_that_it_is_archived_and_others_of_their_roles(client: Client) -> None:
    energy, green = make_theme("EN"), make_theme("GR")
    item, foreign = make_item(theme=energy), make_item(theme=green)
    analyst, administrator = make_user(role="analyst", themes=[energy]), make_user(role="administrator")
    for each in (item, foreign):
        items.archive_item(each, by=administrator, reason="Old.")
    client.force_login(analyst)
    doors = {
        "page": "/items/{reference}/log/",
        "edit": "{page}edit/",
        "program": "/api/v1/proposals/{reference}/comments/",
    }
    for name, door in doors.items():
        for each, words in ((item, f"{item.reference} is archived"), (foreign, "Your roles do not cover this")):
            address = door.format(page=each.get_absolute_url(), reference=each.reference)
            if name == "program":
                headers = {"Idempotency-Key": str(uuid.uuid4())}
                answer = client.post(address, {"text": "Well."}, content_type="application/json", headers=headers)
            else:
                answer = client.get(address)
            assert (answer.status_code, words in said(answer)) == (403, True), (name, said(answer)[:300])
