"""Proposals made, changed and judged by programs."""

import uuid
from typing import Any

import pytest
from django.test import Client

from brics_tracker.accounts.models import User
from brics_tracker.tracking.models import TrackedItem
from tests.factories.core import make_member, make_organisation, make_theme
from tests.factories.tracking import make_document, make_item
from tests.openapi import check_answer
from tests.program import Program

pytestmark = pytest.mark.django_db
LIST = "/api/v1/proposals/"
ONE = f"{LIST}{{reference}}/"


@pytest.fixture
def program(analyst: User) -> Program:
    make_theme("EN")
    return Program(analyst)


def body(**more: Any) -> dict[str, Any]:
    return {"title": "Grain exchange", "lead_theme": "EN", **more}


class TestMaking:
    def test_a_program_makes_a_draft_with_everything_in_it(self, program: Program, analyst: User) -> None:
        make_theme("EC")
        make_organisation("energy-council")
        make_member("BR")
        make_document("declaration-2030")
        sent = body(
            summary="In words.", kind="goal", themes=["EC"], owner="energy-council", members=["BR"], phase="long",
            priority="high", start_date=None, target_date="2031-04",
            citations=[{"document": "declaration-2030", "paragraph": 2}],
        )  # fmt: skip
        made = check_answer(program.post("proposals/", sent), LIST, 201, "post")
        assert made["review_state"] == "draft"
        assert {name: made[name] for name in sent} == {**sent, "themes": ["EC", "EN"]}
        assert TrackedItem.objects.get().author == analyst

    def test_it_can_be_handed_in_at_once_or_is_not_made(self, program: Program) -> None:
        refused = check_answer(program.post("proposals/", body(submit=True)), LIST, 400, "post")
        assert list(refused["errors"]) == ["citations"]
        assert not TrackedItem.objects.exists()
        make_document("declaration-2030")
        cited = [{"document": "declaration-2030", "paragraph": 1}]
        assert program.post("proposals/", body(submit=True, citations=cited)).json()["review_state"] == "submitted"

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"title": ""}, "title"), ({"title": "x" * 201}, "title"), ({"title": "a\u202eb"}, "title"),
            ({"title": "a\x00"}, "title"), ({"title": "\ud800"}, "title"), ({"lead_theme": "XX"}, "lead_theme"),
            ({"lead_theme": 7}, "lead_theme"), ({"title": 7}, "title"), ({"summary": 1.5}, "summary"),
            ({"lead_theme": "\x00"}, "lead_theme"), ({"themes": "EN"}, "themes"),
            ({"themes": ["XX"]}, "themes"), ({"target_date": "2031-13"}, "target_date"),
            ({"start_date": "2032", "target_date": "2031"}, "target_date"), ({"kind": "wish"}, "kind"),
            ({"all_members": True, "members": ["BR"]}, "members"), ({"colour": "red"}, "colour"),
            ({"plan": "none"}, "plan"), ({"citations": [{"document": "no", "paragraph": 1}]}, "citations"),
            ({"citations": [{"document": "declaration-2030"}]}, "citations"),
            ({"citations": [{"document": "declaration-2030", "paragraph": 99}]}, "citations"),
        ],
    )  # fmt: skip
    def test_what_cannot_be_is_said_at_its_field_and_nothing_is_kept(
        self, program: Program, wrong: dict[str, Any], field: str
    ) -> None:
        make_member("BR")
        make_document("declaration-2030")
        refused = check_answer(program.post("proposals/", body(**wrong)), LIST, 400, "post")
        assert list(refused["errors"]) == [field]
        assert not TrackedItem.objects.exists()

    @pytest.mark.parametrize("sent", [[], "text", 7, None])
    def test_what_is_no_object_is_refused(self, program: Program, sent: Any) -> None:
        headers = {"idempotency-key": str(uuid.uuid4())}
        text = "{" if sent is None else sent
        response = program.client.post(LIST, text, content_type="application/json", headers=headers)
        check_answer(response, LIST, 400, "post")


class TestKeys:
    def test_the_same_request_again_makes_nothing_new_and_is_answered_alike(self, program: Program) -> None:
        key = uuid.uuid4()
        first, again = (program.post("proposals/", body(), key=key) for _time in range(2))
        assert (first.status_code, again.status_code) == (201, 201)
        assert first.json() == again.json()
        assert TrackedItem.objects.count() == 1

    def test_the_key_with_another_request_is_refused(self, program: Program) -> None:
        key = uuid.uuid4()
        program.post("proposals/", body(), key=key)
        refused = check_answer(program.post("proposals/", body(title="Another"), key=key), LIST, 409, "post")
        assert "key" in refused["detail"]
        assert TrackedItem.objects.count() == 1

    def test_a_key_belongs_to_its_person(self, program: Program, other_analyst: User) -> None:
        key = uuid.uuid4()
        program.post("proposals/", body(), key=key)
        assert Program(other_analyst).post("proposals/", body(), key=key).json()["reference"] == "EN-02"

    @pytest.mark.parametrize("key", ["", "7", "not-a-uuid"])
    def test_without_a_key_nothing_is_made(self, program: Program, key: str) -> None:
        headers = {"idempotency-key": key} if key else {}
        response = program.client.post(LIST, body(), content_type="application/json", headers=headers)
        assert list(check_answer(response, LIST, 400, "post")["errors"]) == ["Idempotency-Key"]
        assert not TrackedItem.objects.exists()

    def test_a_refused_request_leaves_its_key_free(self, program: Program) -> None:
        key = uuid.uuid4()
        assert program.post("proposals/", body(title=""), key=key).status_code == 400
        assert program.post("proposals/", body(), key=key).status_code == 201


class TestChanging:
    @pytest.fixture(autouse=True)
    def _item(self, program: Program) -> None:
        make_item(title="Old", kind="goal", members=[make_member("BR")])

    def test_only_what_is_sent_changes(self, program: Program) -> None:
        before = program.get("proposals/EN-01/").json()
        after = check_answer(program.patch("proposals/EN-01/", {"title": "New"}), ONE, 200, "patch")
        assert after["title"] == "New"
        moved = {"title", "version", "updated_at"}
        assert {name: value for name, value in after.items() if name not in moved} == {
            name: value for name, value in before.items() if name not in moved
        }

    def test_the_kind_and_the_citations_change_too(self, program: Program) -> None:
        make_document("declaration-2030")
        cited = [{"document": "declaration-2030", "paragraph": 3}]
        after = program.patch("proposals/EN-01/", {"kind": "commitment", "citations": cited}).json()
        assert (after["kind"], after["citations"]) == ("commitment", cited)

    def test_without_a_version_nothing_changes(self, program: Program) -> None:
        check_answer(program.patch("proposals/EN-01/", {"title": "New"}, match=""), ONE, 428, "patch")
        check_answer(program.patch("proposals/EN-01/", {"title": "New"}, match="*"), ONE, 428, "patch")
        assert TrackedItem.objects.get().title == "Old"

    @pytest.mark.parametrize("theirs", [{"summary": "Theirs."}, {"kind": "commitment"}])
    def test_of_two_who_read_the_same_the_second_is_shown_what_the_first_made_of_it(
        self, program: Program, reviewer: User, theirs: dict[str, str]
    ) -> None:
        read = program.get("proposals/EN-01/")["ETag"]
        Program(reviewer).patch("proposals/EN-01/", theirs, match=read)
        response = program.patch("proposals/EN-01/", {"title": "Mine"}, match=read)
        refused = check_answer(response, ONE, 412, "patch")
        assert refused["current"] == program.get("proposals/EN-01/").json()
        assert TrackedItem.objects.get().title == "Old"
        assert program.patch("proposals/EN-01/", {"title": "Mine"}, match=response["ETag"]).status_code == 200

    def test_an_etag_weakened_on_the_way_still_names_the_version(self, program: Program) -> None:
        read = program.get("proposals/EN-01/")["ETag"]
        assert program.patch("proposals/EN-01/", {"title": "New"}, match=f"W/{read}").status_code == 200

    def test_all_members_or_some_is_asked_of_what_would_be(self, program: Program) -> None:
        refused = check_answer(program.patch("proposals/EN-01/", {"all_members": True}), ONE, 400, "patch")
        assert list(refused["errors"]) == ["members"]
        assert program.patch("proposals/EN-01/", {"all_members": True, "members": []}).status_code == 200

    def test_a_published_proposal_keeps_its_last_citation(self, program: Program) -> None:
        refused = check_answer(program.patch("proposals/EN-01/", {"citations": []}), ONE, 400, "patch")
        assert list(refused["errors"]) == ["citations"]


class TestActs:
    def test_from_draft_to_the_lists_by_two_people(self, program: Program, reviewer: User) -> None:
        make_document("declaration-2030")
        program.post("proposals/", body(citations=[{"document": "declaration-2030", "paragraph": 1}]))
        assert program.post("proposals/EN-01/submit/").json()["review_state"] == "submitted"
        judge = Program(reviewer)
        read = judge.get("proposals/EN-01/")["ETag"]
        check_answer(judge.post("proposals/EN-01/publish/"), f"{ONE}publish/", 428, "post")
        answer = check_answer(judge.post("proposals/EN-01/publish/", match=read), f"{ONE}publish/", 200, "post")
        assert answer["review_state"] == "published"

    def test_what_changed_since_it_was_read_is_not_published(self, program: Program, reviewer: User) -> None:
        make_document("declaration-2030")
        cited = [{"document": "declaration-2030", "paragraph": 1}]
        program.post("proposals/", body(submit=True, citations=cited))
        judge = Program(reviewer)
        read = judge.get("proposals/EN-01/")["ETag"]
        program.patch("proposals/EN-01/", {"summary": "Meanwhile."})
        check_answer(judge.post("proposals/EN-01/publish/", match=read), f"{ONE}publish/", 412, "post")
        assert not TrackedItem.objects.get().is_published

    def test_nobody_publishes_their_own(self, reviewer: User, program: Program) -> None:
        make_document("declaration-2030")
        own = Program(reviewer)
        own.post("proposals/", body(submit=True, citations=[{"document": "declaration-2030", "paragraph": 1}]))
        read = own.get("proposals/EN-01/")["ETag"]
        assert (
            "four-eyes"
            in check_answer(own.post("proposals/EN-01/publish/", match=read), f"{ONE}publish/", 400, "post")["detail"]
        )

    def test_archived_with_a_reason_and_brought_back(self, program: Program, administrator: User) -> None:
        make_item()
        keeper = Program(administrator)
        refused = check_answer(keeper.post("proposals/EN-01/archive/"), f"{ONE}archive/", 400, "post")
        assert list(refused["errors"]) == ["reason"]
        assert keeper.post("proposals/EN-01/archive/", {"reason": "Twice."}).json()["archived"]
        assert not keeper.post("proposals/EN-01/restore/").json()["archived"]

    def test_owner_and_plan_are_confirmed_by_those_who_oversee(self, program: Program, reviewer: User) -> None:
        make_item(owner=make_organisation("energy-council"), plan="agreement")
        judge = Program(reviewer)
        assert program.post("proposals/EN-01/confirm-owner/").status_code == 403
        assert judge.post("proposals/EN-01/confirm-owner/").json()["owner_confirmed"]
        judge.post("proposals/EN-01/confirm-plan/")
        steps = judge.get("proposals/EN-01/milestones/").json()["results"]
        assert steps
        assert all(step["confirmed"] for step in steps)


class TestDoors:
    def test_a_token_for_reading_changes_nothing(self, program: Program, analyst: User) -> None:
        refused = check_answer(Program(analyst, "read").post("proposals/", body()), LIST, 403, "post")
        assert "token" in refused["detail"]
        assert not TrackedItem.objects.exists()

    def test_a_browser_needs_the_word_against_forged_requests(self, analyst: User, program: Program) -> None:
        browser = Client(enforce_csrf_checks=True)
        browser.force_login(analyst)
        headers = {"idempotency-key": str(uuid.uuid4())}
        assert browser.post(LIST, body(), content_type="application/json", headers=headers).status_code == 403
        assert not TrackedItem.objects.exists()

    def test_a_form_is_not_taken_for_json(self, program: Program) -> None:
        headers = {"idempotency-key": str(uuid.uuid4())}
        check_answer(program.client.post(LIST, body(), headers=headers), LIST, 415, "post")

    def test_too_many_changes_in_a_minute_wait(self, program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("brics_tracker.core.api_writes.WriteThrottle.rate", "2/min")
        answers = [program.post("proposals/", body()) for _time in range(3)]
        assert [each.status_code for each in answers] == [201, 201, 429]
        assert int(answers[2]["Retry-After"]) > 0
        check_answer(answers[2], LIST, 429, "post")
        assert program.get("proposals/").status_code == 200
