"""Progress, plans and ties written by programs."""

import datetime as dt
from typing import Any

import pytest

from brics_tracker.accounts.models import User
from brics_tracker.tracking.models import Evidence, Relation, TrackedItem, Update
from tests.factories.tracking import make_draft, make_item, make_milestone, make_update
from tests.openapi import check_answer
from tests.program import Program

pytestmark = pytest.mark.django_db
UPDATES = "/api/v1/proposals/{reference}/updates/"
UPDATE = "/api/v1/updates/{id}/"
STEPS = "/api/v1/proposals/{reference}/milestones/"
STEP = "/api/v1/milestones/{id}/"
TIES = "/api/v1/proposals/{reference}/relations/"


@pytest.fixture
def item() -> TrackedItem:
    return make_item()


@pytest.fixture
def program(analyst: User, item: TrackedItem) -> Program:
    return Program(analyst)


@pytest.fixture
def judge(reviewer: User) -> Program:
    return Program(reviewer)


def entry(**more: Any) -> dict[str, Any]:
    return {"happened": "2024-05", "text": "Talks *began*.", **more}


class TestProgress:
    def test_logged_with_a_claim_a_source_and_handed_in(self, program: Program, item: TrackedItem) -> None:
        step = make_milestone(item)
        sent = entry(
            status_claimed="agreed", submit=True, milestones=[{"milestone": step.pk, "kind": "completed"}],
            sources=[{"url": "https://example.org/communique", "confidential": True}],
        )  # fmt: skip
        made = check_answer(program.post("proposals/EN-01/updates/", sent), UPDATES, 201, "post")
        assert (made["review_state"], made["status_claimed"], made["item"]) == ("submitted", "agreed", "EN-01")
        assert [claim["milestone"] for claim in made["milestones"]] == [step.pk]
        source = Evidence.objects.get()
        assert (made["evidence"], source.url, source.confidential) == (
            [source.pk], "https://example.org/communique", True,
        )  # fmt: skip

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"happened": "2999"}, "happened"), ({"happened": "soon"}, "happened"), ({"text": ""}, "text"),
            ({"status_claimed": "agreed", "submit": True}, "evidence"), ({"percent_claimed": 101}, "percent_claimed"),
            ({"percent_claimed": "NaN"}, "percent_claimed"), ({"milestones": [{"milestone": 99999, "kind": "completed"}]}, "milestones"),
            ({"milestones": [{"kind": "completed"}]}, "milestones"),
            ({"sources": [{"url": "ftp://example.org/x"}]}, "sources"), ({"sources": [{"title": "No address"}]}, "sources"),
            ({"sources": [{"url": "https://example.org", "source_date": "2999"}]}, "sources"),
            ({"review_state": "published"}, "review_state"),
        ],
    )  # fmt: skip
    def test_what_cannot_be_is_said_at_its_field_and_nothing_is_kept(
        self, program: Program, wrong: dict[str, Any], field: str
    ) -> None:
        refused = check_answer(program.post("proposals/EN-01/updates/", entry(**wrong)), UPDATES, 400, "post")
        assert list(refused["errors"]) == [field]
        assert not Update.objects.exists()
        assert not Evidence.objects.exists()

    def test_a_draft_is_changed_where_it_is_named_and_keeps_the_rest(self, program: Program, item: TrackedItem) -> None:
        step = make_milestone(item)
        sent = entry(
            milestones=[{"milestone": step.pk, "kind": "completed"}], sources=[{"url": "https://example.org/1"}]
        )
        made = program.post("proposals/EN-01/updates/", sent).json()
        changed = check_answer(
            program.patch(f"updates/{made['id']}/", {"text": "Talks ended.", "sources": [{"url": "https://example.org/2"}]}),
            UPDATE, 200, "patch",
        )  # fmt: skip
        assert (changed["text"], changed["happened"]) == ("Talks ended.", "2024-05")
        assert changed["milestones"] == made["milestones"]
        assert len(changed["evidence"]) == 2
        assert program.patch(f"updates/{made['id']}/", {"milestones": []}).json()["milestones"] == []

    def test_a_stale_change_is_refused_with_what_stands(self, program: Program, item: TrackedItem) -> None:
        made = program.post("proposals/EN-01/updates/", entry())
        address = f"updates/{made.json()['id']}/"
        program.patch(address, {"text": "First."}, match=made["ETag"])
        response = program.patch(address, {"reason": "Second."}, match=made["ETag"])
        assert check_answer(response, UPDATE, 412, "patch")["current"]["text"] == "First."

    def test_a_draft_is_thrown_away_as_it_was_read(self, program: Program) -> None:
        made = program.post("proposals/EN-01/updates/", entry())
        address = f"updates/{made.json()['id']}/"
        check_answer(program.delete(address), UPDATE, 428, "delete")
        check_answer(program.delete(address, match='"0"'), UPDATE, 412, "delete")
        assert program.delete(address, match=made["ETag"]).status_code == 204
        assert program.get(address).status_code == 404

    def test_handed_in_returned_mended_published_retracted(self, program: Program, judge: Program) -> None:
        address = f"updates/{program.post('proposals/EN-01/updates/', entry()).json()['id']}/"
        program.post(f"{address}submit/")
        assert program.post(f"{address}withdraw/").json()["review_state"] == "draft"
        program.post(f"{address}submit/")
        read = judge.get(address)["ETag"]
        assert judge.post(f"{address}return/", {"reason": "Who?"}, match=read).json()["review_state"] == "returned"
        program.patch(address, {"text": "Both sides met."})
        program.post(f"{address}submit/")
        check_answer(judge.post(f"{address}publish/", match=read), f"{UPDATE}publish/", 412, "post")
        published = judge.post(f"{address}publish/", match=judge.get(address)["ETag"])
        assert check_answer(published, f"{UPDATE}publish/", 200, "post")["review_state"] == "published"
        gone = judge.post(f"{address}retract/", {"reason": "Not so."}, match=published["ETag"]).json()
        assert (gone["review_state"], gone["retraction_reason"]) == ("retracted", "Not so.")

    def test_what_the_reviewer_checked_is_verified(self, program: Program, judge: Program, item: TrackedItem) -> None:
        sent = entry(status_claimed="agreed", submit=True, sources=[{"url": "https://example.org/1"}])
        address = f"updates/{program.post('proposals/EN-01/updates/', sent).json()['id']}/"
        judge.post(f"{address}publish/", {"evidence_checked": True}, match=judge.get(address)["ETag"])
        shown = judge.get("proposals/EN-01/").json()
        assert (shown["status"], shown["proof"]) == ("agreed", "verified")

    def test_another_mans_draft_is_not_there(self, program: Program, item: TrackedItem, other_analyst: User) -> None:
        draft = make_draft(item, by=other_analyst)
        assert program.patch(f"updates/{draft.pk}/", {"text": "x"}, match='"1"').status_code == 404
        assert program.post(f"updates/{draft.pk}/submit/").status_code == 404

    def test_what_is_public_is_corrected_not_changed(self, program: Program, item: TrackedItem, analyst: User) -> None:
        update = make_update(item, by=analyst)
        assert program.patch(f"updates/{update.pk}/", {"text": "x"}).status_code == 403


class TestPlan:
    def test_an_analysts_step_waits_for_a_reviewer(self, program: Program, judge: Program) -> None:
        made = check_answer(
            program.post("proposals/EN-01/milestones/", {"title": "Talks", "due": "2031-05-01"}), STEPS, 201, "post"
        )
        assert (made["title"], made["due"], made["confirmed"]) == ("Talks", "2031-05-01", False)
        address = f"milestones/{made['id']}/"
        assert program.patch(address, {"confirmed": True}).status_code == 403
        assert check_answer(judge.patch(address, {"confirmed": True}), STEP, 200, "patch")["confirmed"]

    def test_moving_a_confirmed_date_needs_a_reason(self, program: Program, item: TrackedItem) -> None:
        address = f"milestones/{make_milestone(item, due=dt.date(2031, 5, 1)).pk}/"
        refused = check_answer(program.patch(address, {"due": "2031-06-01"}), STEP, 400, "patch")
        assert list(refused["errors"]) == ["reason"]
        moved = program.patch(address, {"due": "2031-06-01", "reason": "Talks took longer."}).json()
        assert (moved["due"], moved["moves"][0]["reason"]) == ("2031-06-01", "Talks took longer.")

    def test_a_stale_change_is_refused_with_what_stands(self, program: Program, item: TrackedItem) -> None:
        address = f"milestones/{make_milestone(item).pk}/"
        read = program.get(address)["ETag"]
        program.patch(address, {"title": "First"}, match=read)
        refused = check_answer(program.patch(address, {"weight": 5}, match=read), STEP, 412, "patch")
        assert refused["current"]["title"] == "First"

    @pytest.mark.parametrize(
        ("wrong", "field"), [({"due": "0001-01-01"}, "due"), ({"weight": 0}, "weight"), ({"title": None}, "title")]
    )
    def test_what_cannot_be_is_said_at_its_field(self, program: Program, wrong: dict[str, Any], field: str) -> None:
        sent = {"title": "Talks", **wrong}
        assert list(program.post("proposals/EN-01/milestones/", sent).json()["errors"]) == [field]


class TestWhatElseAPageDoes:
    def test_a_step_is_dropped_as_it_was_read_with_a_reason(self, program: Program, item: TrackedItem) -> None:
        address = f"milestones/{make_milestone(item, title='Text agreed').pk}/"
        read = program.get(address)["ETag"]
        check_answer(program.post(f"{address}drop/", {"reason": "Twice."}), f"{STEP}drop/", 428, "post")
        refused = check_answer(program.post(f"{address}drop/", match=read), f"{STEP}drop/", 400, "post")
        assert list(refused["errors"]) == ["reason"]
        dropped = program.post(f"{address}drop/", {"reason": "Twice."}, match=read)
        assert check_answer(dropped, f"{STEP}drop/", 200, "post")["title"] == "Text agreed"
        assert program.get(STEPS.removeprefix("/api/v1/").format(reference="EN-01")).json()["count"] == 0

    def test_a_published_update_is_corrected_once(self, program: Program, item: TrackedItem, analyst: User) -> None:
        update = make_update(item, by=analyst, text="They met.")
        address = f"updates/{update.pk}/correct/"
        draft = check_answer(program.post(address), f"{UPDATE}correct/", 201, "post")
        assert (draft["corrects"], draft["text"], draft["review_state"]) == (update.pk, "They met.", "draft")
        assert program.post(address).json()["id"] == draft["id"]
        assert program.patch(f"updates/{draft['id']}/", {"wording_only": True}).json()["wording_only"]
        sent = entry(wording_only=True)
        assert list(program.post("proposals/EN-01/updates/", sent).json()["errors"]) == ["wording_only"]

    def test_no_change_in_one_call(self, program: Program) -> None:
        path = "/api/v1/proposals/{reference}/no-change/"
        made = check_answer(program.post("proposals/EN-01/no-change/"), path, 201, "post")
        assert (made["no_change"], made["review_state"]) == (True, "submitted")

    def test_people_are_assigned_by_number_and_a_rhythm_is_set(self, program: Program, other_analyst: User) -> None:
        people = check_answer(program.get("people/"), "/api/v1/people/")["results"]
        assert {"id": other_analyst.pk, "name": other_analyst.name} in people
        sent = {"assignees": [other_analyst.pk], "rhythm_days": 30}
        changed = program.patch("proposals/EN-01/", sent).json()
        assert changed["assignees"] == [{"id": other_analyst.pk, "name": other_analyst.name}]
        assert changed["rhythm_days"] == 30
        refused = program.patch("proposals/EN-01/", {"assignees": [999999], "rhythm_days": 0}).json()
        assert set(refused["errors"]) == {"assignees", "rhythm_days"}


class TestTies:
    def test_made_and_undone(self, program: Program) -> None:
        make_item()
        made = check_answer(
            program.post("proposals/EN-01/relations/", {"kind": "repeats", "target": "EN-02"}), TIES, 201, "post"
        )
        assert (made["reference"], made["direction"]) == ("EN-02", "out")
        assert program.delete(f"relations/{made['id']}/").status_code == 204
        assert not Relation.objects.exists()

    def test_an_item_that_is_not_seen_is_as_unknown_as_one_that_is_not_there(self, program: Program) -> None:
        hidden = make_item(published=False)
        for reference in (hidden.reference, "EN-99"):
            answer = program.post("proposals/EN-01/relations/", {"kind": "repeats", "target": reference})
            assert check_answer(answer, TIES, 400, "post")["errors"] == {"target": [f"There is no item {reference}."]}
