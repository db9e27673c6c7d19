"""Saved views read and written by programs, under the rules of the pages."""

from __future__ import annotations

import pytest

from brics_tracker.accounts.models import SavedView, User
from tests.factories.tracking import make_proposal
from tests.openapi import check_answer
from tests.program import Program

pytestmark = pytest.mark.django_db
LIST, ONE = "/api/v1/saved-views/", "/api/v1/saved-views/{id}/"
SENT = {
    "list": "proposals",
    "name": "Late",
    "query": "overdue=true&kind=",
    "columns": ["status", "next_due"],
    "sort": "due",
}


def test_a_program_saves_reads_changes_and_deletes(analyst: User, reader: User) -> None:
    make_proposal()
    mine, theirs = Program(analyst), Program(reader)
    made = check_answer(mine.post("saved-views/", SENT | {"shared": True}), LIST, 201, "post")
    assert (made["query"], made["columns"]) == ("overdue=true", ["reference", "title", "status", "next_due"])
    assert made["url"].endswith(f"/proposals/?saved={made['id']}")
    address = f"saved-views/{made['id']}/"
    seen = check_answer(theirs.get(address), ONE, 200, "get")
    assert (seen["is_own"], seen["owner"]) == (False, "analyst")
    assert theirs.patch(address, {"name": "Mine"}).status_code == 403
    changed = check_answer(mine.patch(address, {"shared": False}), ONE, 200, "patch")
    assert (changed["shared"], changed["name"], changed["version"]) == (False, "Late", 2)
    assert theirs.get(address).status_code == 404
    assert mine.patch(address, {"name": "Old"}, match='"1"').status_code == 412
    assert [row["name"] for row in mine.get("saved-views/?list=proposals").json()["results"]] == ["Late"]
    assert mine.delete(address, match='"2"').status_code == 204
    assert not SavedView.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"query": "colour=red"}, "query"), ({"query": "kind=party"}, "query"), ({"columns": ["password"]}, "columns"),
     ({"sort": "password"}, "sort"), ({"list": "secrets"}, "list"), ({"name": ""}, "name"), ({"shared": True}, "shared"),
     ({"owner": 1}, "owner")],
)  # fmt: skip
def test_what_cannot_be_is_said_at_its_field(reader: User, wrong: dict[str, object], field: str) -> None:
    refused = check_answer(Program(reader).post("saved-views/", SENT | wrong), LIST, 400, "post")
    assert list(refused["errors"]) == [field]
    assert not SavedView.objects.exists()


def test_only_administrators_say_for_whom_it_is_the_default(analyst: User, administrator: User) -> None:
    made = Program(analyst).post("saved-views/", SENT | {"shared": True}).json()
    address = f"saved-views/{made['id']}/"
    assert Program(analyst).patch(address, {"default_for": "reader"}).status_code == 403
    assert Program(administrator).patch(address, {"default_for": "reader"}).json()["default_for"] == "reader"
    assert Program(administrator).patch(address, {"default_for": ""}).json()["default_for"] is None
