"""Ties between items: only to what the person may see, whatever door they come by."""

import pytest
from django.core.exceptions import ValidationError

from brics_tracker.accounts.models import User
from brics_tracker.tracking.forms.plan import RelationForm
from brics_tracker.tracking.models import Relation
from brics_tracker.tracking.services import items
from tests.factories.tracking import make_item, make_system

pytestmark = pytest.mark.django_db


def test_the_same_tie_again_is_the_one_there_is(analyst: User) -> None:
    part, whole = make_item(), make_item()
    first = items.relate(part, whole, kind="part_of", by=analyst)
    assert items.relate(part, whole, kind="part_of", by=analyst) == first


def test_an_item_that_one_may_not_see_is_refused_like_one_that_is_not_there(analyst: User, other_analyst: User) -> None:
    item, hidden = make_item(), make_item(by=other_analyst, published=False)
    with pytest.raises(ValidationError) as refusal:
        items.relate(item, hidden, kind="part_of", by=analyst)
    unknown = RelationForm({"kind": "part_of", "target": "EN-999"}, user=analyst)
    assert refusal.value.message_dict["target"] == [
        str(message).replace("EN-999", hidden.reference) for message in unknown.errors["target"]
    ]
    assert not Relation.objects.exists()


def test_an_author_ties_their_own_draft_and_the_catalogue_what_it_enters(analyst: User) -> None:
    item, draft = make_item(), make_item(by=analyst, published=False)
    items.relate(item, draft, kind="repeats", by=analyst)
    items.relate(item, draft, kind="part_of", by=make_system())
    assert Relation.objects.count() == 2
