"""Edit many: shown first, done item by item, refusals left alone, undone as a whole."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from brics_tracker.accounts.models import User
from brics_tracker.tracking import integrity
from brics_tracker.tracking.models import BulkEdit, TrackedItem
from brics_tracker.tracking.services import bulk, items, milestones
from brics_tracker.tracking.services.bulk import StepsWanted, Wanted
from brics_tracker.tracking.services.checks import Claim
from tests.factories.accounts import make_user
from tests.factories.core import make_organisation, make_theme
from tests.factories.tracking import make_item, make_milestone, make_update

pytestmark = pytest.mark.django_db


def chosen(*found: TrackedItem) -> dict[int, int | None]:
    return {item.pk: TrackedItem.objects.get(pk=item.pk).version for item in found}


def outcomes(edit: BulkEdit) -> dict[str, str]:
    return dict(edit.rows.values_list("item__reference", "outcome"))


def test_a_preview_tells_everything_and_changes_nothing(analyst: User) -> None:
    first, second = make_item(phase="long"), make_item(phase="medium")
    rows = bulk.preview_edit(chosen(first, second), Wanted(values={"phase": "medium"}), by=analyst)
    assert [(row.item.pk, str(row.outcome), row.changes) for row in rows] == [
        (first.pk, "changed", [("phase", "long term", "medium term")]),
        (second.pk, "same", []),
    ]
    assert TrackedItem.objects.get(pk=first.pk).phase == "long"
    assert not BulkEdit.objects.exists()


def test_each_item_is_edited_on_record_by_the_person(analyst: User) -> None:
    item = make_item()
    theme = make_theme("GR")
    wanted = Wanted(values={"priority": "high", "rhythm_days": 30}, add={"themes": [theme], "assignees": [analyst]})
    edit = bulk.edit_many(chosen(item), wanted, by=analyst, words=["Priority: high"])
    item.refresh_from_db()
    assert (item.priority, item.rhythm_days) == ("high", 30)
    assert {theme.code for theme in item.themes.all()} == {"EN", "GR"}
    assert list(item.assignees.all()) == [analyst]
    assert item.history.first().history_user == analyst
    assert outcomes(edit) == {item.reference: "changed"}


def test_what_someone_changed_meanwhile_conflicts_and_the_rest_goes_on(analyst: User, other_analyst: User) -> None:
    first, second = make_item(), make_item()
    shown = chosen(first, second)
    items.edit_item(first, by=other_analyst, version=None, changes={"phase": "immediate"})
    edit = bulk.edit_many(shown, Wanted(values={"phase": "long"}), by=analyst, words=[])
    assert outcomes(edit) == {first.reference: "conflict", second.reference: "changed"}
    assert TrackedItem.objects.get(pk=first.pk).phase == "immediate"


def test_what_lies_outside_the_grant_is_refused_and_says_so() -> None:
    green, energy = make_theme("GR"), make_theme("EN")
    limited = make_user(role="analyst", themes=[green])
    inside, outside = make_item(theme=green), make_item(theme=energy)
    edit = bulk.edit_many(chosen(inside, outside), Wanted(values={"priority": "low"}), by=limited, words=[])
    assert outcomes(edit) == {inside.reference: "changed", outside.reference: "refused"}
    assert "Your roles do not cover this" in edit.rows.get(item=outside).words[0]


def test_items_that_the_person_may_not_see_are_passed_over(analyst: User) -> None:
    green = make_user(role="analyst", themes=[make_theme("GR")])
    draft = make_item(published=False, by=analyst)
    edit = bulk.edit_many(chosen(draft), Wanted(values={"priority": "low"}), by=green, words=[])
    assert outcomes(edit) == {}


def test_owners_and_plans_are_confirmed_in_one_go_and_undone_in_one_go(reviewer: User) -> None:
    made = [make_item(owner=make_organisation(), owner_confirmed=False) for _item in range(3)]
    for item in made:
        make_milestone(item, by=reviewer, confirmed=False)
    edit = bulk.edit_many(chosen(*made), Wanted(confirm_owner=True, confirm_plan=True), by=reviewer, words=[])
    assert set(outcomes(edit).values()) == {"changed"}
    assert TrackedItem.objects.filter(owner_confirmed=True, milestones__confirmed=True).count() == 3
    undoing = bulk.undo_edit(edit, by=reviewer)
    assert set(outcomes(undoing).values()) == {"changed"}
    assert TrackedItem.objects.filter(owner_confirmed=False, milestones__confirmed=False).count() == 3
    assert list(integrity.maintained_columns()) == []


def test_an_undo_keeps_what_someone_changed_since(analyst: User, other_analyst: User) -> None:
    first, second = make_item(phase="long"), make_item(phase="long")
    edit = bulk.edit_many(chosen(first, second), Wanted(values={"phase": "medium"}), by=analyst, words=[])
    items.edit_item(first, by=other_analyst, version=None, changes={"phase": "immediate"})
    undoing = bulk.undo_edit(edit, by=analyst)
    assert outcomes(undoing) == {first.reference: "conflict", second.reference: "changed"}
    assert list(TrackedItem.objects.order_by("pk").values_list("phase", flat=True)) == ["immediate", "long"]


def test_an_archived_set_comes_back(administrator: User) -> None:
    made = [make_item(), make_item()]
    edit = bulk.edit_many(chosen(*made), Wanted(archive="Taken up elsewhere."), by=administrator, words=[])
    assert TrackedItem.objects.current().count() == 0
    bulk.undo_edit(edit, by=administrator)
    assert TrackedItem.objects.current().count() == 2


def test_the_same_edit_or_undo_twice_is_done_once(analyst: User) -> None:
    item, key = make_item(), uuid.uuid4()
    wanted = Wanted(values={"phase": "long"})
    first = bulk.edit_many(chosen(item), wanted, by=analyst, words=[], form_key=key)
    assert bulk.edit_many(chosen(item), wanted, by=analyst, words=[], form_key=key) == first
    assert bulk.undo_edit(first, by=analyst) == bulk.undo_edit(first, by=analyst)
    assert BulkEdit.objects.count() == 2


def test_nobody_undoes_anothers_edit(analyst: User, other_analyst: User) -> None:
    edit = bulk.edit_many(chosen(make_item()), Wanted(values={"phase": "long"}), by=analyst, words=[])
    with pytest.raises(PermissionDenied):
        bulk.undo_edit(edit, by=other_analyst)


@pytest.mark.parametrize("wanted", [Wanted(), Wanted(add={"themes": []})])
def test_an_edit_of_nothing_is_refused(analyst: User, wanted: Wanted) -> None:
    with pytest.raises(ValidationError):
        bulk.edit_many(chosen(make_item()), wanted, by=analyst, words=[])


# --- plans ---------------------------------------------------------------------------------------------------
def plan_of(item: TrackedItem) -> dict[str, tuple[str, bool]]:
    return {step.title: (str(step.due), step.confirmed) for step in item.milestones.all()}


def test_dates_are_shifted_with_the_reason_as_slips_and_the_undo_takes_them_out_of_the_reckoning(
    reviewer: User,
) -> None:
    item = make_item()
    signed = make_milestone(item, title="Signed", due=dt.date(2030, 3, 1))
    make_milestone(item, title="In force", due=dt.date(2030, 9, 1), confirmed=False)
    make_milestone(item, title="Closed")
    later = Wanted(steps=StepsWanted(shift=30, reason="The summit moved."))
    edit = bulk.edit_many(chosen(item), later, by=reviewer, words=[])
    assert plan_of(item) == {
        "Signed": ("2030-03-31", True), "In force": ("2030-10-01", False), "Closed": ("None", True),
    }  # fmt: skip
    change = signed.due_date_changes.get()
    assert (change.reason, change.by, change.days) == ("The summit moved.", reviewer, 30)
    assert TrackedItem.objects.get(pk=item.pk).slips == 1
    assert edit.rows.get().changes == [
        ["Signed", "1 Mar 2030", "31 Mar 2030"],
        ["In force", "1 Sep 2030", "1 Oct 2030"],
    ]
    bulk.undo_edit(edit, by=reviewer)
    assert plan_of(item)["Signed"] == ("2030-03-01", True)
    change.refresh_from_db()
    assert change.undone_at is not None
    assert TrackedItem.objects.get(pk=item.pk).slips == 0
    assert [str(row.due) for row in signed.history.order_by("history_id")] == ["2030-03-01", "2030-03-31", "2030-03-01"]


def test_only_the_chosen_steps_are_dated_and_a_confirmed_date_does_not_move_without_a_reason(reviewer: User) -> None:
    first, second = make_item(), make_item()
    for item in (first, second):
        make_milestone(item, title="Signed")
        make_milestone(item, title="In force", due=dt.date(2030, 9, 1))
    day = dt.date(2030, 12, 1)
    wanted = Wanted(steps=StepsWanted(frozenset({"Signed"}), due=day))
    assert set(outcomes(bulk.edit_many(chosen(first, second), wanted, by=reviewer, words=[])).values()) == {"changed"}
    assert plan_of(second) == {"Signed": ("2030-12-01", True), "In force": ("2030-09-01", True)}
    edit = bulk.edit_many(chosen(first), Wanted(steps=StepsWanted(shift=5)), by=reviewer, words=[])
    assert outcomes(edit) == {first.reference: "refused"}
    assert "Give a reason" in edit.rows.get().words[0]
    assert plan_of(first)["Signed"] == ("2030-12-01", True)


def test_each_item_may_get_its_own_owner_and_dates(reviewer: User) -> None:
    bank, council = make_organisation("bank"), make_organisation("council")
    first, second = make_item(owner=bank), make_item(owner=bank)
    step = make_milestone(second, by=reviewer, title="Signed", confirmed=False)
    dated = StepsWanted(dated={step.pk: (step.version, dt.date(2031, 1, 1))})
    wanted = {
        first.pk: Wanted(confirm_owner=True),
        second.pk: Wanted(values={"owner": council}, steps=dated, confirm_owner=True, confirm_plan=True),
    }
    edit = bulk.edit_many(chosen(first, second), wanted, by=reviewer, words=[])
    assert set(outcomes(edit).values()) == {"changed"}
    found = {item.pk: (item.owner, item.owner_confirmed) for item in TrackedItem.objects.all()}
    assert found == {first.pk: (bank, True), second.pk: (council, True)}
    assert plan_of(second) == {"Signed": ("2031-01-01", True)}
    assert not step.due_date_changes.exists()  # what did not count yet did not slip


def test_an_undo_leaves_what_others_did_to_a_step_since(reviewer: User, other_analyst: User) -> None:
    moved, done, dropped, free = (make_item() for _n in range(4))
    steps = {
        item.pk: make_milestone(item, title="Signed", due=dt.date(2030, 3, 1)) for item in TrackedItem.objects.all()
    }
    wanted = Wanted(steps=StepsWanted(shift=10, reason="The summit moved."))
    edit = bulk.edit_many(chosen(moved, done, dropped, free), wanted, by=reviewer, words=[])
    milestones.edit_milestone(
        steps[moved.pk], by=other_analyst, version=None, changes={"due": dt.date(2030, 6, 1)}, reason="Later still."
    )
    make_update(done, claims=[Claim(steps[done.pk], "completed")])
    milestones.drop_milestone(steps[dropped.pk], by=other_analyst, reason="Not needed.")
    undoing = bulk.undo_edit(edit, by=reviewer)
    assert outcomes(undoing) == {
        moved.reference: "conflict", done.reference: "refused", dropped.reference: "refused", free.reference: "changed",
    }  # fmt: skip
    assert plan_of(moved)["Signed"][0] == "2030-06-01"
    assert plan_of(free)["Signed"][0] == "2030-03-01"
    assert list(integrity.maintained_columns()) == []


def test_an_undo_after_an_archive_touches_nothing_that_others_did_since(administrator: User, reviewer: User) -> None:
    mine, theirs, edited, later = (make_item(phase="long") for _n in range(4))
    both = Wanted(values={"phase": "medium"}, archive="Taken up elsewhere.")
    edit = bulk.edit_many(chosen(mine, theirs, edited), both, by=administrator, words=[])
    plain = bulk.edit_many(chosen(later), Wanted(values={"phase": "medium"}), by=administrator, words=[])
    for item in (theirs, edited):
        items.restore_item(item, by=administrator)
    items.archive_item(theirs, by=administrator, reason="Twice in the register.")
    items.edit_item(edited, by=reviewer, version=None, changes={"phase": "immediate"})
    items.archive_item(later, by=administrator, reason="Done with.")
    assert outcomes(bulk.undo_edit(edit, by=administrator)) == {
        mine.reference: "changed", theirs.reference: "conflict", edited.reference: "conflict",
    }  # fmt: skip
    refused = bulk.undo_edit(plain, by=administrator).rows.get()
    assert (refused.outcome, "archived since" in refused.words[0]) == ("refused", True)
    found = {item.pk: (item.phase, item.archived_at is None) for item in TrackedItem.objects.all()}
    assert found == {
        mine.pk: ("long", True), theirs.pk: ("medium", False), edited.pk: ("immediate", True), later.pk: ("medium", False),
    }  # fmt: skip


def test_an_owner_that_is_gone_is_said_and_nothing_breaks(reviewer: User) -> None:
    bank, council = make_organisation("bank"), make_organisation("council")
    item = make_item(owner=bank)
    edit = bulk.edit_many(chosen(item), Wanted(values={"owner": council}), by=reviewer, words=[])
    bank.delete()
    row = bulk.undo_edit(edit, by=reviewer).rows.get()
    assert (row.outcome, row.words) == ("refused", ["owner: what stood there is gone by now."])
