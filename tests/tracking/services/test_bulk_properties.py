"""Whatever an edit of many did: its undoing brings back what stood before, where nobody else changed anything."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from brics_tracker.accounts.models import User
from brics_tracker.core.models import Organisation
from brics_tracker.tracking import integrity
from brics_tracker.tracking.models import DueDateChange, Milestone, TrackedItem
from brics_tracker.tracking.services import bulk, milestones
from brics_tracker.tracking.services.bulk import StepsWanted, Wanted
from tests.factories.accounts import make_grant, make_user
from tests.factories.core import make_organisation, make_theme
from tests.factories.tracking import make_item, make_milestone

pytestmark = pytest.mark.django_db
TITLES = ("Text agreed", "Signed", "In force")
KEPT = (
    "owner_id", "owner_confirmed", "lead_theme_id", "phase", "priority", "start_date", "target_date", "rhythm_days",
    "archived_at", "status", "proof", "percent", "next_due", "stagnant_after", "slips", "last_reported_on",
)  # fmt: skip
DATE = st.dates(dt.date(2029, 1, 1), dt.date(2031, 12, 31))
STEP = st.fixed_dictionaries({"due": st.none() | DATE, "confirmed": st.booleans(), "moved": st.none() | DATE})
ITEM = st.fixed_dictionaries({
    "owner": st.sampled_from([None, "bank", "council"]), "confirmed": st.booleans(), "themes": st.booleans(),
    "assigned": st.booleans(), "target_date": st.sampled_from(["", "2030", "2031-04"]),
    "steps": st.lists(STEP, max_size=3),
})  # fmt: skip
EDIT = st.fixed_dictionaries({
    "owner": st.sampled_from([None, "bank", "council"]), "phase": st.sampled_from(["", "long"]),
    "lead": st.booleans(), "add": st.booleans(), "drop": st.booleans(), "rhythm_days": st.sampled_from([0, 30]),
    "target_date": st.sampled_from(["", "2032"]), "confirm_owner": st.booleans(), "confirm_plan": st.booleans(),
    "titles": st.sets(st.sampled_from(TITLES)), "due": st.none() | DATE, "shift": st.integers(-400, 400),
    "archive": st.booleans(),
})  # fmt: skip


def standing(item: TrackedItem) -> dict[str, Any]:
    """All that people see of an item but its versions and its record."""
    item = TrackedItem.objects.get(pk=item.pk)
    steps = Milestone.objects.filter(item=item).order_by("pk")
    moves = DueDateChange.objects.filter(milestone__item=item, undone_at=None).order_by("pk")
    return {
        **{name: getattr(item, name) for name in KEPT},
        "themes": set(item.themes.values_list("code", flat=True)),
        "assignees": set(item.assignees.values_list("pk", flat=True)),
        "steps": list(steps.values_list("pk", "title", "due", "confirmed", "dropped_at", "completed_on")),
        "moves": list(moves.values_list("pk", "old_due", "new_due")),
    }


def organisation(key: str) -> Organisation:
    return Organisation.objects.filter(key=key).first() or make_organisation(key)


def made(told: dict[str, Any], reviewer: User) -> TrackedItem:
    owner = organisation(told["owner"]) if told["owner"] else None
    item = make_item(
        owner=owner, owner_confirmed=bool(owner) and told["confirmed"], target_date=told["target_date"],
        themes=[make_theme("GR")] if told["themes"] else [], assignees=[reviewer] if told["assigned"] else [],
    )  # fmt: skip
    for title, step in zip(TITLES, told["steps"], strict=False):
        milestone = make_milestone(item, by=reviewer, title=title, due=step["due"], confirmed=step["confirmed"])
        if step["moved"] and step["due"]:
            changes = {"due": step["moved"]}
            milestones.edit_milestone(
                milestone, by=reviewer, version=None, changes=changes, reason="Talks took longer."
            )
    return item


def wanted_of(told: dict[str, Any], person: User) -> Wanted:
    values = {name: told[name] for name in ("phase", "rhythm_days", "target_date") if told[name]}
    if told["owner"]:
        values["owner"] = organisation(told["owner"])
    if told["lead"]:
        values["lead_theme"] = make_theme("GR")
    return Wanted(
        values=values, add={"assignees": [person], "themes": [make_theme("CU")]} if told["add"] else {},
        drop={"assignees": [person], "themes": [make_theme("GR")]} if told["drop"] else {},
        steps=StepsWanted(frozenset(told["titles"]), told["due"], 0 if told["due"] else told["shift"], {}, "A later summit."),
        confirm_owner=told["confirm_owner"], confirm_plan=told["confirm_plan"],
        archive="Taken up elsewhere." if told["archive"] else "",
    )  # fmt: skip


def check(register: list[dict[str, Any]], edit: dict[str, Any], role: str) -> None:
    overseer = make_user(role="reviewer")
    person = make_user(role=role)
    if role == "reviewer":
        make_grant(person, role="administrator")
    else:
        # An edit that asks what an analyst may not do is refused whole, and there is nothing to set back.
        edit = {**edit, "confirm_owner": False, "confirm_plan": False, "archive": False}
    made_items = [made(told, overseer) for told in register]
    wanted = wanted_of(edit, person)
    if wanted.is_empty:
        return
    before = {item.pk: standing(item) for item in made_items}
    previewed = [(row.item.pk, row.outcome) for row in bulk.preview_edit(dict.fromkeys(before), wanted, by=person)]
    assert {item.pk: standing(item) for item in made_items} == before
    done = bulk.edit_many(dict.fromkeys(before), wanted, by=person, words=[])
    assert list(done.rows.values_list("item_id", "outcome")) == previewed
    undoing = bulk.undo_edit(done, by=person)
    assert {item.pk: standing(item) for item in made_items} == before
    assert set(undoing.rows.values_list("outcome", flat=True)) <= {"changed"}
    for rule in (integrity.maintained_columns, integrity.one_chain_of_states, integrity.versions):
        assert list(rule()) == []


SERIES = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]}


@settings(max_examples=25, derandomize=True, **SERIES)  # type: ignore[arg-type]
@given(register=st.lists(ITEM, min_size=1, max_size=2), edit=EDIT, role=st.sampled_from(["reviewer", "analyst"]))
def test_an_undo_brings_back_what_stood_before(register: list[dict[str, Any]], edit: dict[str, Any], role: str) -> None:
    check(register, edit, role)


@pytest.mark.long
@settings(max_examples=300, **SERIES)  # type: ignore[arg-type]
@given(register=st.lists(ITEM, min_size=1, max_size=3), edit=EDIT, role=st.sampled_from(["reviewer", "analyst"]))
def test_an_undo_brings_back_what_stood_before_in_a_long_series(
    register: list[dict[str, Any]], edit: dict[str, Any], role: str
) -> None:
    check(register, edit, role)
