"""Edit many: shown first, done item by item, refusals left alone, undone as a whole."""

from __future__ import annotations

import uuid

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from brics_tracker.accounts.models import User
from brics_tracker.tracking import integrity
from brics_tracker.tracking.models import BulkEdit, TrackedItem
from brics_tracker.tracking.services import bulk, items
from brics_tracker.tracking.services.bulk import Wanted
from tests.factories.accounts import make_user
from tests.factories.core import make_organisation, make_theme
from tests.factories.tracking import make_item, make_milestone

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
