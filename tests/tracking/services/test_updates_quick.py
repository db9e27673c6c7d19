import pytest
from django.core.exceptions import ValidationError

from brics_tracker.accounts.models import User
from brics_tracker.tracking.services import updates
from tests.factories.tracking import make_item, make_update

pytestmark = pytest.mark.django_db


def test_a_published_update_moves_its_item(analyst: User, reviewer: User) -> None:
    item = make_item()
    make_update(item, by=analyst, reviewer=reviewer, status_claimed="agreed", sources=1, happened="2024-03")
    assert (item.status, item.proof) == ("agreed", "documented")
    shown = list(item.status_changes.values_list("status", "until"))
    assert [s for s, _ in shown] == ["proposed", "agreed"] and shown[-1][1] is None


def test_late_news_does_not_move_the_item_back(analyst: User, reviewer: User) -> None:
    item = make_item()
    make_update(item, by=analyst, reviewer=reviewer, status_claimed="agreed", sources=1, happened="2024-03")
    make_update(item, by=analyst, reviewer=reviewer, status_claimed="discussion", happened="2023-01")
    assert item.status == "agreed"


def test_nobody_publishes_their_own(reviewer: User) -> None:
    item = make_item()
    update = make_update(item, by=reviewer, state="submitted")
    with pytest.raises(ValidationError, match="four-eyes"):
        updates.publish_update(update, by=reviewer)
