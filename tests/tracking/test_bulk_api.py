"""Many at once through the API: every row has its own outcome, and the same call again does nothing more."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from brics_tracker.accounts.models import User
from brics_tracker.tracking.models import BulkEdit, TrackedItem, Update
from tests.factories import accounts as people
from tests.factories.core import make_theme
from tests.factories.tracking import make_item
from tests.openapi import check_answer
from tests.program import Program

pytestmark = pytest.mark.django_db
MANY = "/api/v1/items/bulk/"
ONE = "/api/v1/bulk-edits/{id}/"
LOG = "/api/v1/updates/bulk/"


@pytest.fixture
def writer(db: None) -> User:
    return people.make_user("energy-analyst", role="analyst", themes=[make_theme("EN")])


@pytest.fixture
def program(writer: User) -> Program:
    return Program(writer)


@pytest.fixture
def references(writer: User) -> list[str]:
    """Changed, stale, not hers to change, not hers to see."""
    energy, green = make_theme("EN"), make_theme("GR")
    hidden = make_item(theme=green, published=False)
    return [
        make_item(theme=energy).reference,
        make_item(theme=energy).reference,
        make_item(theme=green).reference,
        hidden.reference,
    ]


def outcomes(body: dict[str, Any]) -> dict[str, str]:
    return {row["reference"]: row["outcome"] for row in body["rows"]}


class TestEdits:
    def test_each_row_has_its_outcome_and_the_whole_is_undone(self, program: Program, references: list[str]) -> None:
        fresh, stale, foreign, hidden = references
        program.patch(f"proposals/{stale}/", {"priority": "low"})
        sent = {
            "items": [
                {"reference": fresh, "version": 2},
                {"reference": stale, "version": 2},
                {"reference": foreign},
                {"reference": hidden},
            ],
            "priority": "high",
        }
        told = {fresh: "changed", stale: "conflict", foreign: "refused", hidden: "not_found"}
        shown = check_answer(program.post("items/bulk/preview/", sent), f"{MANY}preview/", 200, "post")
        assert (outcomes(shown), shown["id"], BulkEdit.objects.count()) == (told, None, 0)
        key = uuid.uuid4()
        done = check_answer(program.post("items/bulk/", sent, key=key), MANY, 201, "post")
        assert outcomes(done) == told
        assert done["rows"][0]["changes"] == [{"field": "priority", "before": "normal", "after": "high"}]
        assert program.post("items/bulk/", sent, key=key).json() == done
        check_answer(program.post("items/bulk/", sent | {"priority": "low"}, key=key), MANY, 409, "post")
        address = f"bulk-edits/{done['id']}/"
        assert check_answer(program.get(address), ONE)["rows"] == done["rows"][:3]
        undone = check_answer(program.post(f"{address}undo/"), f"{ONE}undo/", 200, "post")
        assert (undone["undoes"], outcomes(undone)) == (done["id"], {fresh: "changed"})
        assert TrackedItem.objects.get(reference=fresh).priority == "normal"
        assert program.get(address).json()["undone_by"] == undone["id"]
        assert program.post(f"{address}undo/").json()["id"] == undone["id"]

    @pytest.mark.parametrize(
        ("sent", "field"),
        [
            ({"items": []}, "items"), ({"items": [{"reference": "EN-01"}]}, None), ({"priority": "high"}, "items"),
            ({"items": [{"reference": "EN-99"}], "priority": "high"}, "items"), ({"items": [{"reference": "EN-01"}, {"reference": "en-01"}], "priority": "high"}, "items"),
            ({"items": [{"reference": "EN-01"}], "title": "x"}, "title"), ({"items": [{"reference": "EN-01"}], "add_assignees": [0]}, "add_assignees"),
            ({"items": [{"reference": "EN-01", "version": 0}], "priority": "high"}, "items"),
        ],
    )  # fmt: skip
    def test_what_cannot_be_is_refused_as_a_whole(
        self, program: Program, references: list[str], sent: dict[str, Any], field: str | None
    ) -> None:
        refused = check_answer(program.post("items/bulk/", sent), MANY, 400, "post")
        assert list(refused.get("errors", {})) == ([field] if field else [])
        assert not BulkEdit.objects.exists()


class TestLogging:
    def test_each_row_is_answered_for_itself_and_once(self, program: Program, references: list[str]) -> None:
        entry = {"happened": "2024-05", "text": "Talks began."}
        rows: list[dict[str, Any]] = [
            {"item": references[0], **entry, "submit": True}, {"item": references[1], "happened": "soon", "text": "x"},
            {"item": references[2], **entry}, {"item": references[3], **entry}, {**entry, "x": 1}, {"item": references[1], **entry},
        ]  # fmt: skip
        key = uuid.uuid4()
        first = check_answer(program.post("updates/bulk/", {"updates": rows}, key=key), LOG, 200, "post")["rows"]
        assert [row["status"] for row in first] == [201, 400, 403, 404, 400, 201]
        assert [list(row["errors"]) for row in first] == [[], ["happened"], [], [], ["x"], []]
        assert Update.objects.get(pk=first[0]["id"]).review_state == "submitted"
        rows[1]["happened"] = "2024"
        again = program.post("updates/bulk/", {"updates": rows}, key=key).json()["rows"]
        assert [row["status"] for row in again] == [201, 201, 403, 404, 400, 201]
        assert (again[0], again[5]) == (first[0], first[5])
        rows[0]["text"] = "Other words."
        assert program.post("updates/bulk/", {"updates": rows}, key=key).json()["rows"][0]["status"] == 409
        assert Update.objects.count() == 3

    @pytest.mark.parametrize("sent", [{}, {"updates": []}, {"updates": ["x"]}, {"updates": [{}] * 101}])
    def test_what_is_no_list_of_entries_is_refused(self, program: Program, sent: dict[str, Any]) -> None:
        check_answer(program.post("updates/bulk/", sent), LOG, 400, "post")
