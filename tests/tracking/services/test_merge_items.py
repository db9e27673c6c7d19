"""Merging duplicates: what hangs on one goes over to the other, the reference leads on, nothing is lost."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from brics_tracker.accounts.models import User
from brics_tracker.tracking import integrity
from brics_tracker.tracking.access import standing_item
from brics_tracker.tracking.models import ItemMerge, TrackedItem, Update
from brics_tracker.tracking.services import conversation, items, merging, milestones, updates, watching
from brics_tracker.tracking.services.changes import MergedAway
from brics_tracker.tracking.services.checks import Claim
from brics_tracker.tracking.services.merging import Choice
from mechanisms.models import Meeting
from tests.factories.accounts import make_user
from tests.factories.core import make_organisation, make_theme
from tests.factories.mechanisms import make_mechanism
from tests.factories.tracking import make_document, make_draft, make_evidence, make_item, make_milestone, make_update

pytestmark = pytest.mark.django_db
EARLIER, LATER = "2024-03-01", "2024-06-01"


def merge(keep: TrackedItem, other: TrackedItem, by: User, **choice: Any) -> ItemMerge:
    return merging.merge_items(keep, other, by=by, seen=(None, None), choice=Choice("One thing twice.", **choice))


def faults() -> list[str]:
    checks = (integrity.versions, integrity.maintained_columns, integrity.one_chain_of_states, integrity.merges)
    return [line for check in checks for line in check()]


def test_what_hangs_on_one_goes_over_and_the_state_follows_what_happened(administrator: User, analyst: User) -> None:
    keep, other, third = make_item(), make_item(), make_item()
    make_update(keep, status_claimed="discussion", happened=EARLIER)
    told = make_update(other, status_claimed="agreed", sources=1, happened=LATER)
    draft = make_draft(other, by=analyst, text="Half a sentence.")
    source = make_evidence(other, by=analyst, update=draft)
    items.relate(other, third, kind="part_of", by=analyst)
    items.relate(third, other, kind="repeats", by=analyst)
    items.relate(other, keep, kind="repeats", by=analyst)
    said = conversation.add_comment(other, by=analyst, text="Is this not the same?")
    watching.set_watch(analyst, other, on=True)
    for item in (keep, other):
        watching.set_watch(administrator, item, on=item == keep)
    paragraph = make_document("communique").passages.first()
    assert paragraph is not None
    items.set_citations(other, [paragraph], by=analyst)

    merge(keep, other, administrator)

    keep.refresh_from_db()
    other.refresh_from_db()
    assert (keep.status, keep.proof) == ("agreed", "documented")
    assert set(keep.updates.values_list("pk", flat=True)) >= {told.pk, draft.pk}
    assert source in keep.evidence.all()
    assert [(each.pk, each.is_edited) for each in keep.comments.all()] == [(said.pk, False)]
    assert dict(keep.watches.values_list("person", "on")) == {analyst.pk: True, administrator.pk: True}
    assert list(keep.relations_out.values_list("kind", "target")) == [("part_of", third.pk)]
    assert list(keep.relations_in.values_list("kind", "source")) == [("repeats", third.pk)]
    assert paragraph.pk in keep.citations.values_list("passage", flat=True)
    assert (other.merged_into, other.status) == (keep, "agreed")
    assert other.archived_at is not None
    assert not other.status_changes.filter(until=None).exists()
    assert faults() == []


def test_the_author_of_a_draft_goes_on_with_it_on_the_item_that_stays(administrator: User, analyst: User) -> None:
    keep, other = make_item(), make_item()
    draft = make_draft(other, by=analyst)
    merge(keep, other, administrator)
    updates.submit_update(Update.objects.get(pk=draft.pk), by=analyst)
    assert Update.objects.get(pk=draft.pk).item == keep


def test_each_value_is_the_one_that_was_chosen(administrator: User, analyst: User) -> None:
    green, owner = make_theme("GR"), make_organisation()
    keep, other = make_item(title="Grain exchange", phase="long"), make_item(title="A grain exchange", theme=green)
    items.edit_item(other, by=administrator, version=None, changes={"assignees": [analyst], "owner": owner})
    done = merge(keep, other, administrator, values={"title": "other", "themes": "both", "owner": "other"})
    keep.refresh_from_db()
    assert (keep.title, keep.phase, keep.owner, keep.lead_theme.code) == ("A grain exchange", "long", owner, "EN")
    assert {theme.code for theme in keep.themes.all()} == {"EN", "GR"}
    assert list(keep.assignees.all()) == [analyst]
    assert ["Title", "Grain exchange", "A grain exchange"] in done.words
    entry = keep.history.first()
    assert (entry.history_user, entry.title) == (administrator, "A grain exchange")
    assert faults() == []


def test_the_kind_of_a_proposal_can_be_taken_over(administrator: User) -> None:
    keep, other = make_item(kind="goal"), make_item(kind="commitment")
    merge(keep, other, administrator, values={"kind": "other"})
    keep.proposal.refresh_from_db()
    assert keep.proposal.kind == "commitment"
    assert faults() == []


def test_meetings_of_a_mechanism_go_over(administrator: User) -> None:
    keep, other = make_mechanism("Energy ministers"), make_mechanism("Ministers of energy")
    meeting = Meeting.objects.create(key="m", title="First", kind="ministerial", track="leaders", mechanism=other)
    merge(keep.item, other.item, administrator)
    meeting.refresh_from_db()
    assert meeting.mechanism == keep
    assert meeting.history.first().history_user == administrator


@pytest.mark.parametrize(("plan", "steps", "percent"), [("keep", 1, 0), ("add", 2, 50)])
def test_the_plan_is_kept_or_added_to(administrator: User, reviewer: User, plan: str, steps: int, percent: int) -> None:
    keep, other = make_item(), make_item()
    make_milestone(keep, due=dt.date(2031, 1, 1))
    step = make_milestone(other, due=dt.date(2030, 1, 1))
    milestones.edit_milestone(step, by=reviewer, version=None, changes={"due": dt.date(2030, 2, 1)}, reason="Later.")
    make_update(other, claims=[Claim(step, "completed")], happened=LATER)
    merge(keep, other, administrator, plan=plan)
    keep.refresh_from_db()
    assert keep.milestones.filter(dropped_at=None).count() == steps
    assert keep.percent == percent
    assert keep.slips == steps - 1
    assert step.history.count() > 2
    assert faults() == []


def test_a_chain_of_merges_leads_to_the_last(administrator: User) -> None:
    first, second, third = make_item(), make_item(), make_item()
    merge(second, first, administrator)
    merge(third, second, administrator)
    first.refresh_from_db()
    assert standing_item(first) == third
    with pytest.raises(ValidationError, match="merged into"):
        merge(first, third, administrator)
    assert faults() == []


def test_merging_twice_is_done_once_and_again_is_refused_in_words(administrator: User) -> None:
    keep, other, key = make_item(), make_item(), uuid.uuid4()
    choice = Choice("One thing twice.")
    first = merging.merge_items(keep, other, by=administrator, seen=(None, None), choice=choice, form_key=key)
    again = merging.merge_items(keep, other, by=administrator, seen=(None, None), choice=choice, form_key=key)
    assert first == again
    with pytest.raises(ValidationError, match=f"{other.reference} was merged into {keep.reference} already"):
        merge(keep, other, administrator)


def test_what_cannot_be_merged_is_refused_in_words(administrator: User, analyst: User) -> None:
    keep, archived = make_item(), make_item()
    items.archive_item(archived, by=administrator, reason="Old.")
    refused = [
        (keep, keep, "into itself"),
        (keep, make_mechanism().item, "one sort"),
        (keep, make_item(published=False, by=analyst), "not public"),
        (archived, keep, "restore it first"),
    ]
    for one, other, words in refused:
        with pytest.raises(ValidationError, match=words):
            merge(one, other, administrator)
    with pytest.raises(ValidationError) as refusal:
        merging.merge_items(keep, make_item(), by=administrator, seen=(None, None), choice=Choice("  "))
    assert "reason" in refusal.value.message_dict
    assert not ItemMerge.objects.exists()


def test_both_versions_are_asked(administrator: User, analyst: User) -> None:
    keep, other = make_item(), make_item()
    seen = (keep.version, other.version)
    for changed in (keep, other):
        before = TrackedItem.objects.get(pk=keep.pk).version, TrackedItem.objects.get(pk=other.pk).version
        items.edit_item(changed, by=analyst, version=None, changes={"summary": f"New words of {changed.pk}."})
        with pytest.raises(ValidationError, match=f"changed {changed.reference}"):
            merging.merge_items(keep, other, by=administrator, seen=before, choice=Choice("Twice."))
    assert seen != before


def test_only_administrators_of_both_may(analyst: User, reviewer: User) -> None:
    green = make_theme("GR")
    keep, other = make_item(theme=green), make_item()
    for person in (analyst, reviewer, make_user(role="administrator", themes=[green])):
        with pytest.raises(PermissionDenied):
            merge(keep, other, person)


def test_nobody_changes_a_merged_item_by_any_service(administrator: User, analyst: User, reviewer: User) -> None:
    keep, other = make_item(), make_item()
    merge(keep, other, administrator)
    acts: list[Callable[[], object]] = [
        lambda: items.edit_item(other, by=analyst, version=None, changes={"title": "New"}),
        lambda: items.restore_item(other, by=administrator),
        lambda: items.archive_item(other, by=administrator, reason="Again."),
        lambda: updates.create_update(other, by=analyst, fields={"text": "News.", "happened": "2024"}),
        lambda: milestones.add_milestone(other, by=reviewer, fields={"title": "Step"}),
        lambda: items.relate(other, keep, kind="part_of", by=analyst),
    ]
    for act in acts:
        with pytest.raises(MergedAway, match=keep.reference):
            act()


def test_a_tie_to_a_merged_item_is_one_to_what_it_became(administrator: User, analyst: User) -> None:
    keep, other, third = make_item(), make_item(), make_item()
    merge(keep, other, administrator)
    assert items.named_item(analyst, other.reference) == keep
    other.refresh_from_db()
    assert items.relate(third, other, kind="part_of", by=analyst).target == keep


def test_a_preview_tells_it_and_changes_nothing(administrator: User) -> None:
    keep, other = make_item(title="Grain exchange"), make_item(title="A grain exchange")
    make_update(other, status_claimed="discussion", happened=LATER)
    choice = Choice("Twice.", values={"title": "other"})
    told = merging.preview_merge(keep, other, by=administrator, seen=(None, None), choice=choice)
    assert (told.before.status, told.after.status) == ("proposed", "discussion")
    assert told.moved["tracking.Update"] == 1
    assert list(told.words) == [["Title", "Grain exchange", "A grain exchange"]]
    other.refresh_from_db()
    assert (other.merged_into, ItemMerge.objects.count()) == (None, 0)


def test_the_check_of_integrity_finds_what_a_merge_may_not_leave(administrator: User) -> None:
    keep, other = make_item(), make_item()
    merge(keep, other, administrator)
    make_update(keep)
    Update.objects.filter(item=keep).update(item=other)
    TrackedItem.objects.filter(pk=keep.pk).update(merged_into=other, archived_at=dt.datetime.now(dt.UTC))
    found = " ".join(integrity.merges())
    assert "circle" in found
    assert "tracking.Update" in found
    assert "no merge says so" in found
