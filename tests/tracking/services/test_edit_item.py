"""Two editors, one record: what does not overlap is kept from both, what does is shown to the second."""

import uuid

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from brics_tracker.accounts.models import User
from brics_tracker.tracking.models import TrackedItem
from brics_tracker.tracking.services import items
from brics_tracker.tracking.services.changes import StaleVersion
from proposals.models import Proposal
from proposals.services import create_proposal
from tests.factories.accounts import make_user
from tests.factories.core import make_member, make_organisation, make_theme
from tests.factories.tracking import make_item

pytestmark = pytest.mark.django_db


def test_edits_of_different_fields_are_both_kept(analyst: User, other_analyst: User) -> None:
    item = make_item(title="Old title", summary="Old summary")
    opened = item.version
    items.edit_item(item, by=analyst, version=opened, changes={"title": "New title", "summary": "Old summary"})
    items.edit_item(item, by=other_analyst, version=opened, changes={"title": "Old title", "summary": "New summary"})
    item.refresh_from_db()
    assert (item.title, item.summary) == ("New title", "New summary")


def test_an_edit_of_the_same_field_is_refused_and_nothing_is_lost(analyst: User, other_analyst: User) -> None:
    item = make_item(title="Old title")
    opened = item.version
    items.edit_item(item, by=analyst, version=opened, changes={"title": "First"})
    with pytest.raises(StaleVersion) as stale:
        items.edit_item(item, by=other_analyst, version=opened, changes={"title": "Second"})
    assert stale.value.fields == ["title"]
    assert (stale.value.current.title, stale.value.attempted["title"]) == ("First", "Second")  # type: ignore[attr-defined]


def test_links_conflict_like_any_field(analyst: User, other_analyst: User) -> None:
    brazil, china, india = make_member("BR"), make_member("CN"), make_member("IN")
    item = make_item(members=[brazil])
    opened = item.version
    items.edit_item(item, by=analyst, version=opened, changes={"members": [brazil, china]})
    with pytest.raises(StaleVersion) as stale:
        items.edit_item(item, by=other_analyst, version=opened, changes={"members": [brazil, india]})
    assert stale.value.fields == ["members"]


def test_saving_unchanged_writes_nothing(analyst: User) -> None:
    item = make_item(title="Same")
    items.edit_item(
        item, by=analyst, version=item.version, changes={"title": "Same", "themes": list(item.themes.all())}
    )
    assert TrackedItem.objects.get(pk=item.pk).version == item.version


def test_each_edit_is_recorded_once_with_its_author_and_links(analyst: User) -> None:
    item = make_item()
    entries = item.history.count()
    items.edit_item(item, by=analyst, version=None, changes={"title": "Renamed", "members": [make_member("ZA")]})
    assert item.history.count() == entries + 1
    entry = item.history.first()
    assert entry.history_user == analyst
    assert [link.member.code for link in entry.members.all()] == ["ZA"]


def test_an_edit_that_also_moves_the_due_date_counts_once(analyst: User) -> None:
    item = make_item()
    version = item.version
    items.edit_item(item, by=analyst, version=None, changes={"target_date": "2031-05"})
    item.refresh_from_db()
    assert str(item.next_due) == "2031-05-31"
    assert item.version == version + 1
    assert item.history.filter(version=item.version).count() == 1


def test_an_editor_cannot_move_an_item_out_of_their_grant() -> None:
    energy, culture = make_theme("EN"), make_theme("CU")
    editor = make_user(role="analyst", themes=[energy])
    item = make_item(theme=energy)
    with pytest.raises(ValidationError) as refusal:
        items.edit_item(item, by=editor, version=None, changes={"lead_theme": culture, "themes": [culture]})
    assert "lead_theme" in refusal.value.message_dict


def test_nobody_edits_outside_their_grant() -> None:
    item = make_item(theme=make_theme("EN"))
    with pytest.raises(PermissionDenied):
        items.edit_item(
            item, by=make_user(role="analyst", themes=[make_theme("CU")]), version=None, changes={"title": "X"}
        )
    with pytest.raises(PermissionDenied):
        items.edit_item(item, by=make_user(role="reader"), version=None, changes={"title": "X"})


def test_a_target_before_the_start_is_refused(analyst: User) -> None:
    with pytest.raises(ValidationError) as refusal:
        items.edit_item(make_item(), by=analyst, version=None, changes={"start_date": "2025-05", "target_date": "2024"})
    assert "target_date" in refusal.value.message_dict


def test_a_reviewers_choice_of_owner_is_confirmed_an_analysts_is_a_suggestion(analyst: User, reviewer: User) -> None:
    item = make_item(owner=make_organisation(), owner_confirmed=False)
    items.edit_item(item, by=reviewer, version=None, changes={"owner": make_organisation()})
    item.refresh_from_db()
    assert item.owner_confirmed
    items.edit_item(item, by=analyst, version=None, changes={"owner": make_organisation()})
    item.refresh_from_db()
    assert not item.owner_confirmed


def test_an_analyst_cannot_confirm_an_owner(analyst: User) -> None:
    item = make_item(owner=make_organisation(), owner_confirmed=False)
    with pytest.raises(PermissionDenied):
        items.edit_item(item, by=analyst, version=None, changes={"owner_confirmed": True})
    with pytest.raises(PermissionDenied):
        make_item(by=analyst, published=False, owner=make_organisation(), owner_confirmed=True)


def test_the_same_request_twice_makes_one_proposal(analyst: User) -> None:
    key = uuid.uuid4()
    fields = {"title": "Found an agency", "lead_theme": make_theme("CU")}
    first = create_proposal(by=analyst, fields=fields, own={"kind": "founding"}, form_key=key)
    second = create_proposal(by=analyst, fields=fields, own={"kind": "founding"}, form_key=key)
    assert first.pk == second.pk
    assert Proposal.objects.count() == 1
    create_proposal(by=analyst, fields=fields, own={"kind": "founding"}, form_key=None)
    assert Proposal.objects.count() == 2, "without the key it would have been doubled"


def test_references_count_on_within_the_theme(analyst: User) -> None:
    made = [
        create_proposal(by=analyst, fields={"title": "T", "lead_theme": make_theme("GR")}, own={"kind": "goal"})
        for _n in range(3)
    ]
    assert [proposal.item.reference for proposal in made] == ["GR-01", "GR-02", "GR-03"]


def test_an_archived_item_is_due_no_more_and_comes_back(administrator: User) -> None:
    item = make_item(target_date="2020")
    items.archive_item(item, by=administrator, reason="Merged elsewhere.")
    item.refresh_from_db()
    assert item.next_due is None
    assert not TrackedItem.objects.current().filter(pk=item.pk).exists()
    items.restore_item(item, by=administrator)
    item.refresh_from_db()
    assert item.is_overdue
