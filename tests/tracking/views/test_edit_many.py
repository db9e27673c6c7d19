"""Edit many through its page: choose, see, do, undo; nothing typed or ticked is lost on the way."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from typing import Any

import pytest
from django.test import Client

from brics_tracker.accounts.models import User
from brics_tracker.tracking.models import BulkEdit, DueDateChange, Milestone, TrackedItem
from tests.factories.tracking import make_item, make_milestone

pytestmark = pytest.mark.django_db
ADDRESS = "/items/edit-many/"


def ticked(*items: TrackedItem) -> dict[str, Any]:
    return {"item": [f"{item.pk}:{item.version}" for item in items], "back": "/proposals/?to_confirm=true"}


def test_ticks_in_the_list_lead_to_the_edit_and_its_undoing(client: Client, analyst: User) -> None:
    first, second = make_item(), make_item()
    client.force_login(analyst)
    page = client.get("/proposals/").content.decode()
    assert f'value="{first.pk}:{first.version}"' in page
    page = client.post(ADDRESS, ticked(first, second)).content.decode()
    assert first.reference in page
    key = re.search(r'name="form_key" value="([^"]+)"', page)
    assert key is not None
    typed = ticked(first, second) | {"phase": "long", "form_key": key[1]}
    page = client.post(ADDRESS, typed | {"then": "preview"}).content.decode()
    assert "Change 2 items" in page
    assert "<ins>long term</ins>" in page
    assert not TrackedItem.objects.filter(phase="long").exists()
    done = client.post(ADDRESS, typed | {"then": "apply"})
    edit = BulkEdit.objects.get()
    assert done.headers["Location"] == f"/items/edits/{edit.pk}/"
    assert TrackedItem.objects.filter(phase="long").count() == 2
    assert "Phase: long term" in client.get(f"/items/edits/{edit.pk}/").content.decode()
    client.post(f"/items/edits/{edit.pk}/undo/")
    assert not TrackedItem.objects.filter(phase="long").exists()


def test_a_wrong_field_is_said_and_what_was_typed_and_ticked_stays(client: Client, analyst: User) -> None:
    item = make_item()
    client.force_login(analyst)
    answer = client.post(ADDRESS, ticked(item) | {"target_date": "soon", "priority": "high", "then": "apply"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="soon"' in page
    assert '<option value="high" selected' in page
    assert f'name="item" value="{item.pk}:{item.version}"' in page


@pytest.mark.parametrize("marks", [[], ["x"], ["1:2:3"], ["-4"], ["1" * 40], [f"{n}:1" for n in range(1, 300)]])
def test_ticks_that_are_none_lead_back_with_words(client: Client, analyst: User, marks: list[str]) -> None:
    client.force_login(analyst)
    answer = client.post(ADDRESS, {"item": marks, "back": "//evil.example"}, follow=True)
    assert answer.redirect_chain[0][0] == "/proposals/"
    assert 'class="messages' in answer.content.decode()


def test_nobody_is_offered_what_no_role_of_theirs_allows(
    client: Client, analyst: User, reviewer: User, administrator: User
) -> None:
    item = make_item()
    acts = {"archive", "confirm_owner", "confirm_plan"}
    for person, offered in ((analyst, set()), (reviewer, acts - {"archive"}), (administrator, acts)):
        client.force_login(person)
        page = client.post(ADDRESS, ticked(item)).content.decode()
        assert {name for name in acts if f'name="{name}"' in page} == offered


def test_a_reader_is_offered_no_ticks(client: Client, reader: User) -> None:
    make_item()
    client.force_login(reader)
    assert 'form="edit-many"' not in client.get("/proposals/").content.decode()


def test_steps_are_offered_by_name_and_shifted_with_a_reason(client: Client, reviewer: User) -> None:
    first, second = make_item(), make_item()
    for item in (first, second):
        make_milestone(item, title="Signed", due=dt.date(2030, 3, 1))
    make_milestone(first, title="In force", due=dt.date(2030, 9, 1))
    client.force_login(reviewer)
    page = client.post(ADDRESS, ticked(first, second)).content.decode()
    assert "Signed (2)" in page
    key = re.search(r'name="form_key" value="([^"]+)"', page)
    assert key is not None
    typed = ticked(first, second) | {"form_key": key[1], "steps": ["Signed"], "shift_days": "31", "then": "apply"}
    for wrong, said in (
        ({}, "Give a reason"),
        ({"due": "2030-05-01", "reason": "Why."}, "not both"),
        ({"shift_days": "", "reason": "Why."}, "Say which date"),
        ({"due": "1030-05-01", "shift_days": "", "reason": "Why."}, "too far away"),
    ):
        answer = client.post(ADDRESS, typed | wrong)
        assert (answer.status_code, said in answer.content.decode()) == (422, True), said
    client.post(ADDRESS, typed | {"reason": "The summit moved."})
    found = {(step.title, str(step.due)) for step in Milestone.objects.all()}
    assert found == {("Signed", "2030-04-01"), ("In force", "2030-09-01")}
    assert DueDateChange.objects.filter(reason="The summit moved.").count() == 2


def test_the_preview_says_of_which_item_no_date_moves_and_why(client: Client, reviewer: User) -> None:
    moving, undated, without = make_item(), make_item(), make_item()
    make_milestone(moving, title="Signed", due=dt.date(2030, 3, 1))
    make_milestone(undated, title="Signed")
    make_milestone(without, title="In force", due=dt.date(2030, 9, 1))
    client.force_login(reviewer)
    typed = ticked(moving, undated, without) | {"form_key": str(uuid.uuid4()), "steps": ["Signed"], "shift_days": "31"}
    typed |= {"reason": "The summit moved."}
    page = client.post(ADDRESS, typed | {"then": "preview"})
    told = {row.item.pk: (str(row.outcome), row.refusal) for row in page.context["preview"]}
    assert told == {
        moving.pk: ("changed", ""),
        undated.pk: ("same", "No date moves: no date stands at: Signed."),
        without.pk: ("same", "No date moves: its plan has no open step of the chosen names."),
    }
    assert "No date moves: no date stands at: Signed." in page.content.decode()
    page = client.post(ADDRESS, typed | {"phase": "long", "then": "preview"})  # what else changes does not hide it
    assert page.content.decode().count("No date moves:") == 2
    client.post(ADDRESS, typed | {"then": "apply"})
    result = client.get(f"/items/edits/{BulkEdit.objects.get().pk}/").content.decode()
    assert result.count("No date moves:") == 2
