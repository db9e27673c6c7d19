"""Who confirms a plan: those who oversee; whoever else edits it leaves what counts to them."""

import pytest
from django.core.exceptions import PermissionDenied

from brics_tracker.accounts.models import User
from brics_tracker.tracking.services import items, milestones
from tests.factories.accounts import make_user
from tests.factories.core import make_theme
from tests.factories.tracking import make_item, make_milestone

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", ["reviewer", "administrator"])
def test_overseers_confirm_what_waits_and_it_counts(role: str) -> None:
    item = make_item(plan="agreement")
    assert milestones.confirm_plan(item, by=make_user(role=role)) == 5
    item.refresh_from_db()
    assert item.percent == 0
    assert not item.milestones.filter(confirmed=False).exists()


def test_an_analyst_does_not_confirm_a_plan_nor_an_overseer_of_another_theme(analyst: User) -> None:
    item = make_item(plan="agreement")
    for person in (analyst, make_user(role="reviewer", themes=[make_theme("CU")])):
        with pytest.raises(PermissionDenied):
            milestones.confirm_plan(item, by=person)
    assert item.milestones.filter(confirmed=False).count() == 5


def test_the_plan_of_an_archived_item_is_left_alone(administrator: User) -> None:
    item = make_item(plan="agreement")
    items.archive_item(item, by=administrator, reason="Entered twice.")
    with pytest.raises(PermissionDenied):
        milestones.confirm_plan(item, by=administrator)


def test_a_step_counts_at_once_only_where_who_adds_it_may_confirm_it(analyst: User, reviewer: User) -> None:
    item = make_item()
    assert not milestones.add_milestone(item, by=analyst, fields={"title": "Text tabled"}).confirmed
    assert milestones.add_milestone(item, by=reviewer, fields={"title": "Text agreed"}).confirmed
    assert not milestones.add_milestone(item, by=reviewer, fields={"title": "Later", "confirmed": False}).confirmed
    with pytest.raises(PermissionDenied):
        milestones.add_milestone(item, by=analyst, fields={"title": "Text signed", "confirmed": True})


@pytest.mark.parametrize("confirmed", [True, False])
def test_an_analyst_changes_a_step_but_not_whether_it_counts(analyst: User, confirmed: bool) -> None:
    step = make_milestone(make_item(), confirmed=confirmed)
    with pytest.raises(PermissionDenied):
        milestones.edit_milestone(step, by=analyst, version=None, changes={"confirmed": not confirmed})
    milestones.edit_milestone(step, by=analyst, version=None, changes={"weight": 7, "confirmed": confirmed})
    step.refresh_from_db()
    assert (step.weight, step.confirmed) == (7, confirmed)
