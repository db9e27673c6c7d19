"""The plan and the ties of an item through their forms."""

import datetime as dt
import uuid
from typing import Any

import pytest
from django.test import Client

from brics_tracker.accounts.models import User
from brics_tracker.tracking.models import Milestone, Relation
from brics_tracker.tracking.services import milestones
from tests.factories.tracking import make_item, make_milestone, make_proposal

pytestmark = pytest.mark.django_db


@pytest.fixture
def writer(client: Client, analyst: User) -> Client:
    client.force_login(analyst)
    return client


@pytest.fixture
def overseer(reviewer: User) -> Client:
    client = Client()
    client.force_login(reviewer)
    return client


def typed(step: Milestone | None = None, **fields: Any) -> dict[str, Any]:
    shown: dict[str, Any] = {"title": "Text agreed", "weight": "2", "due": "2031-04-14", "confirmed": "on"}
    if step is not None:
        shown = {"title": step.title, "weight": step.weight, "due": step.due or "", "version": step.version}
        shown |= {"confirmed": "on"} if step.confirmed else {}
    return {"form_key": str(uuid.uuid4()), **shown, **fields}


def test_a_step_is_added_once_however_often_it_is_sent(overseer: Client) -> None:
    item = make_item()
    fields = typed()
    for _again in range(2):
        assert overseer.post(f"/items/{item.reference}/milestones/new/", fields).status_code == 302
    step = item.milestones.get()
    assert (step.title, step.due, step.weight, step.confirmed) == ("Text agreed", dt.date(2031, 4, 14), 2, True)
    item.refresh_from_db()
    assert item.next_due == dt.date(2031, 4, 14)


@pytest.mark.parametrize(
    ("field", "value"), [("due", "soon"), ("due", "0001-01-01"), ("weight", "0"), ("weight", "101"), ("title", "")]
)
def test_a_wrong_value_is_said_at_its_field(writer: Client, field: str, value: str) -> None:
    answer = writer.post(f"/items/{make_item().reference}/milestones/new/", typed(None, **{field: value}))
    assert answer.status_code == 422
    assert field in answer.context["form"].errors


def test_moving_a_confirmed_date_needs_a_reason(writer: Client) -> None:
    step = make_milestone(make_item(), due=dt.date(2031, 1, 1))
    later = typed(step, due="2031-02-01")
    answer = writer.post(f"/milestones/{step.pk}/edit/", later)
    assert "reason" in answer.context["form"].errors
    assert writer.post(f"/milestones/{step.pk}/edit/", {**later, "reason": "Elections."}).status_code == 302
    step.refresh_from_db()
    assert step.due == dt.date(2031, 2, 1)
    assert step.due_date_changes.get().reason == "Elections."


def test_a_stale_step_comes_back_with_both_versions(writer: Client, other_analyst: User) -> None:
    step = make_milestone(make_item(), title="As it was")
    mine = typed(step, title="My words")
    milestones.edit_milestone(step, by=other_analyst, version=None, changes={"title": "Their words", "weight": 7})
    answer = writer.post(f"/milestones/{step.pk}/edit/", mine)
    assert answer.status_code == 422
    clash = answer.context["form"].clashes[0]
    assert (clash.theirs, clash.mine) == ("Their words", "My words")
    assert answer.context["form"]["weight"].value() == "7"


def test_the_template_is_confirmed_as_a_whole_by_those_who_oversee(writer: Client, overseer: Client) -> None:
    item = make_proposal(plan="agreement").item
    assert writer.post(f"/items/{item.reference}/plan/confirm/").status_code == 403
    assert not item.milestones.filter(confirmed=True).exists()
    assert overseer.post(f"/items/{item.reference}/plan/confirm/").status_code == 302
    assert item.milestones.filter(confirmed=True).count() == 5


def test_an_analysts_step_waits_to_be_confirmed(writer: Client, overseer: Client) -> None:
    item = make_item()
    writer.post(f"/items/{item.reference}/milestones/new/", typed())
    step = item.milestones.get()
    assert (step.confirmed, step.due) == (False, dt.date(2031, 4, 14))
    item.refresh_from_db()
    assert item.next_due is None
    assert [row["reference"] for row in writer.get("/proposals/?to_confirm=true").context["rows"]] == [item.reference]
    assert overseer.post(f"/milestones/{step.pk}/edit/", typed(step, confirmed="on")).status_code == 302
    item.refresh_from_db()
    assert item.next_due == step.due


def test_who_may_not_confirm_is_not_asked_but_told_who_does(writer: Client, overseer: Client) -> None:
    item = make_proposal(plan="agreement").item
    step = item.milestones.order_by("position")[0]
    told = "a reviewer or an administrator confirms"
    for address in (f"/items/{item.reference}/milestones/new/", f"/milestones/{step.pk}/edit/"):
        assert 'name="confirmed"' not in writer.get(address).content.decode()
        assert told in writer.get(address).content.decode()
        assert 'name="confirmed"' in overseer.get(address).content.decode()
        assert told not in overseer.get(address).content.decode()
    mine, theirs = (client.get(f"/proposals/{item.reference}/").content.decode() for client in (writer, overseer))
    assert ("Confirm the plan" in mine, told in mine) == (False, True)
    assert ("Confirm the plan" in theirs, told in theirs) == (True, False)


def test_an_analysts_edit_leaves_a_confirmed_step_confirmed(writer: Client) -> None:
    step = make_milestone(make_item())
    shown = writer.get(f"/milestones/{step.pk}/edit/").content.decode()
    assert "a reviewer or an administrator confirms" not in shown
    fields = typed(step, title="Text initialled")
    del fields["confirmed"]
    assert writer.post(f"/milestones/{step.pk}/edit/", fields).status_code == 302
    step.refresh_from_db()
    assert (step.title, step.confirmed) == ("Text initialled", True)


def test_a_step_is_dropped_with_a_reason(writer: Client) -> None:
    step = make_milestone(make_item())
    assert writer.post(f"/milestones/{step.pk}/drop/", {"reason": ""}).status_code == 422
    assert writer.post(f"/milestones/{step.pk}/drop/", {"reason": "Out of date."}).status_code == 302
    step.refresh_from_db()
    assert step.dropped_at is not None


def test_items_are_tied_by_reference_and_untied(writer: Client) -> None:
    part, whole = make_item(), make_item()
    fields = {"kind": "part_of", "target": whole.reference.lower(), "note": ""}
    assert writer.post(f"/items/{part.reference}/relations/new/", fields).status_code == 302
    tie = Relation.objects.get()
    assert (tie.source, tie.target, tie.kind) == (part, whole, "part_of")
    assert writer.post(f"/relations/{tie.pk}/remove/").status_code == 302
    assert not Relation.objects.exists()


@pytest.mark.parametrize("target", ["EN-999", "itself", "x"])
def test_a_tie_to_what_is_not_there_or_to_itself_is_refused(writer: Client, target: str) -> None:
    item = make_item()
    reference = item.reference if target == "itself" else target
    answer = writer.post(f"/items/{item.reference}/relations/new/", {"kind": "part_of", "target": reference})
    assert answer.status_code == 422
    assert "target" in answer.context["form"].errors


def test_a_hidden_item_is_as_unknown_as_one_that_is_not_there(writer: Client, other_analyst: User) -> None:
    hidden = make_proposal(by=other_analyst, published=False).item
    fields = {"kind": "part_of", "target": hidden.reference}
    answer = writer.post(f"/items/{make_item().reference}/relations/new/", fields)
    assert "target" in answer.context["form"].errors


def test_readers_change_no_plan(client: Client, reader: User) -> None:
    step = make_milestone(make_item())
    client.force_login(reader)
    for act in ("edit", "drop"):
        assert client.get(f"/milestones/{step.pk}/{act}/").status_code == 403
    assert client.get("/milestones/999999/edit/").status_code == 404
