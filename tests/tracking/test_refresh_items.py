"""manage.py refresh_items repairs what is stored, and only that."""

from io import StringIO

import pytest
from django.core.management import call_command

from brics_tracker.accounts.models import User
from brics_tracker.tracking import integrity
from brics_tracker.tracking.models import TrackedItem
from tests.factories.tracking import make_item, make_system, make_update

pytestmark = pytest.mark.django_db


def test_it_reckons_anew_what_differs_and_leaves_the_rest(analyst: User) -> None:
    make_system()
    right, wrong = make_item(), make_item()
    make_update(wrong, by=analyst, status_claimed="discussion")
    TrackedItem.objects.filter(pk=wrong.pk).update(status="proposed", slips=7)
    assert list(integrity.maintained_columns()) != []
    told = StringIO()
    call_command("refresh_items", stdout=told)
    assert told.getvalue() == "1 items changed\n"
    assert list(integrity.maintained_columns()) == []
    assert TrackedItem.objects.get(pk=right.pk).version == right.version
