"""Publishing moves an item, by the order in which things happened, and never without a second pair of eyes."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from brics_tracker.accounts.models import User
from brics_tracker.tracking.models import Update
from brics_tracker.tracking.services import updates
from brics_tracker.tracking.services.checks import Claim
from tests.factories.accounts import make_user
from tests.factories.core import make_theme
from tests.factories.tracking import make_draft, make_evidence, make_item, make_milestone, make_system, make_update

pytestmark = pytest.mark.django_db


def test_a_published_update_moves_its_item(analyst: User, reviewer: User) -> None:
    item = make_item()
    make_update(item, by=analyst, reviewer=reviewer, status_claimed="agreed", sources=1, happened="2024-03")
    assert (item.status, item.proof) == ("agreed", "documented")
    shown = list(item.status_changes.values_list("status", "until"))
    assert [status for status, _until in shown] == ["proposed", "agreed"]
    assert shown[0][1] is not None
    assert shown[1][1] is None


def test_late_news_takes_its_place_in_history_and_does_not_move_the_item_back() -> None:
    item = make_item()
    make_update(item, status_claimed="agreed", sources=1, happened="2024-03")
    make_update(item, status_claimed="discussion", happened="2023-01")
    assert item.status == "agreed"


def test_late_news_may_not_end_what_has_moved_on_since() -> None:
    item = make_item()
    make_update(item, status_claimed="agreed", sources=1, happened="2024-03")
    with pytest.raises(ValidationError) as refusal:
        make_draft(item, by=make_user(role="analyst"), status_claimed="rejected", happened="2023-01")
    assert "status_claimed" in refusal.value.message_dict


def test_nobody_publishes_their_own(reviewer: User) -> None:
    update = make_update(make_item(), by=reviewer, state="submitted")
    with pytest.raises(ValidationError, match="four-eyes"):
        updates.publish_update(update, by=reviewer)


def test_with_four_eyes_off_ones_own_is_published_but_never_verified(settings: object, reviewer: User) -> None:
    settings.FOUR_EYES = False  # type: ignore[attr-defined]
    item = make_item()
    update = make_update(item, by=reviewer, state="submitted", status_claimed="agreed", sources=1)
    updates.publish_update(update, by=reviewer, evidence_checked=True)
    item.refresh_from_db()
    assert (item.status, item.proof) == ("agreed", "documented")


@pytest.mark.parametrize("role", ["reader", "analyst", "administrator"])
def test_only_a_reviewer_publishes(role: str) -> None:
    update = make_update(make_item(), state="submitted")
    with pytest.raises(PermissionDenied):
        updates.publish_update(update, by=make_user(role=role))


def test_a_reviewer_of_another_theme_does_not_publish() -> None:
    update = make_update(make_item(theme=make_theme("EN")), state="submitted")
    with pytest.raises(PermissionDenied):
        updates.publish_update(update, by=make_user(role="reviewer", themes=[make_theme("CU")]))


def test_a_second_click_changes_nothing(reviewer: User) -> None:
    item = make_item()
    update = make_update(item, state="submitted", status_claimed="discussion")
    updates.publish_update(update, by=reviewer)
    version = Update.objects.get(pk=update.pk).version
    updates.publish_update(update, by=reviewer)
    assert Update.objects.get(pk=update.pk).version == version
    assert item.status_changes.count() == 2


def test_agreed_needs_evidence_when_handed_in(analyst: User) -> None:
    update = make_draft(make_item(), by=analyst, status_claimed="agreed")
    with pytest.raises(ValidationError) as refusal:
        updates.submit_update(update, by=analyst)
    assert list(refusal.value.message_dict) == ["evidence"]


def test_a_step_back_needs_a_reason(analyst: User) -> None:
    item = make_item()
    make_update(item, status_claimed="implementing", happened="2024-01")
    with pytest.raises(ValidationError) as refusal:
        make_draft(item, by=analyst, status_claimed="discussion", happened="2024-05")
    assert list(refusal.value.message_dict) == ["reason"]
    make_update(item, status_claimed="discussion", happened="2024-05", reason="The text was reopened.")
    assert item.status == "discussion"


def test_what_is_stalled_may_resume_without_a_reason() -> None:
    item = make_item()
    make_update(item, status_claimed="implementing", happened="2024-01")
    make_update(item, status_claimed="stalled", happened="2024-02")
    make_update(item, status_claimed="discussion", happened="2024-03")
    assert item.status == "discussion"


def test_a_final_status_ends_by_retraction_only(analyst: User, reviewer: User) -> None:
    item = make_item()
    end = make_update(item, status_claimed="rejected", happened="2024-01")
    with pytest.raises(ValidationError, match="retract"):
        make_draft(item, by=analyst, status_claimed="agreed", happened="2024-02")
    updates.retract_update(end, by=reviewer, reason="The communiqué was misread.")
    item.refresh_from_db()
    assert item.status == "proposed"


@pytest.mark.parametrize(
    ("sources", "checked", "proof"), [(0, False, "claimed"), (2, False, "documented"), (1, True, "verified")]
)
def test_proof_is_that_of_the_last_claim(sources: int, checked: bool, proof: str) -> None:
    item = make_item()
    make_update(item, status_claimed="discussion", sources=sources, checked=checked)
    assert item.proof == proof


def test_an_entry_without_a_claim_leaves_the_proof_as_it_is() -> None:
    item = make_item()
    make_update(item, status_claimed="discussion", sources=1, checked=True, happened="2024-01")
    make_update(item, text="The group met again.", happened="2024-02")
    assert item.proof == "verified"


def test_nothing_can_be_marked_checked_where_there_is_no_evidence(reviewer: User) -> None:
    update = make_update(make_item(), state="submitted")
    with pytest.raises(ValidationError) as refusal:
        updates.publish_update(update, by=reviewer, evidence_checked=True)
    assert "evidence_checked" in refusal.value.message_dict


def test_the_same_status_again_needs_evidence_and_raises_the_proof(analyst: User) -> None:
    item = make_item()
    make_update(item, status_claimed="discussion", happened="2024-01")
    bare = make_draft(item, by=analyst, status_claimed="discussion", happened="2024-02")
    with pytest.raises(ValidationError, match="already"):
        updates.submit_update(bare, by=analyst)
    make_update(item, status_claimed="discussion", sources=1, happened="2024-02")
    assert (item.status, item.proof) == ("discussion", "documented")


def test_an_unknown_day_or_the_future_is_refused_at_its_field(analyst: User) -> None:
    item = make_item()
    tomorrow = (dt.date.today() + dt.timedelta(days=2)).isoformat()
    for happened in ("2023-02-30", "next week", tomorrow, "1850"):
        with pytest.raises(ValidationError) as refusal:
            make_draft(item, by=analyst, happened=happened)
        assert "happened" in refusal.value.message_dict


def test_percent_is_claimed_only_while_no_milestone_is_confirmed(analyst: User) -> None:
    item = make_item()
    make_update(item, percent_claimed=Decimal(40))
    assert item.percent == Decimal(40)
    make_milestone(item)
    with pytest.raises(ValidationError) as refusal:
        make_draft(item, by=analyst, percent_claimed=Decimal(50))
    assert "percent_claimed" in refusal.value.message_dict


def test_percent_follows_the_weights_of_confirmed_milestones() -> None:
    item = make_item(plan="found_mechanism")
    item.refresh_from_db()
    assert item.percent is None, "a template says nothing of progress"
    first, _second = make_milestone(item, weight=1), make_milestone(item, weight=2)
    item.refresh_from_db()
    assert item.percent == Decimal(0)
    make_update(item, claims=[Claim(first, "completed")])
    assert item.percent == Decimal("33.33")


def test_done_is_100_percent_and_nothing_is_due_any_more() -> None:
    item = make_item(target_date="2020")
    make_milestone(item, due=dt.date(2021, 1, 1))
    item.refresh_from_db()
    assert item.is_overdue
    make_update(item, status_claimed="implemented", sources=1)
    assert (item.percent, item.next_due, item.stagnant_after) == (Decimal(100), None, None)


def test_retracting_opens_the_milestone_again(reviewer: User) -> None:
    item = make_item()
    milestone = make_milestone(item)
    update = make_update(item, claims=[Claim(milestone, "completed")])
    milestone.refresh_from_db()
    assert milestone.completed_by_id == update.pk
    updates.retract_update(update, by=reviewer, reason="The signing was postponed.")
    milestone.refresh_from_db()
    item.refresh_from_db()
    assert (milestone.completed_on, item.percent) == ("", Decimal(0))
    assert milestone.completed_by is None


def test_a_milestone_of_another_item_is_refused(analyst: User) -> None:
    foreign = make_milestone(make_item())
    with pytest.raises(ValidationError) as refusal:
        make_draft(make_item(), by=analyst, claims=[Claim(foreign, "completed")])
    assert "milestones" in refusal.value.message_dict


def test_a_correction_takes_the_place_of_what_it_corrects(analyst: User, reviewer: User) -> None:
    item = make_item()
    wrong = make_update(item, by=analyst, reviewer=reviewer, status_claimed="implementing", happened="2024-01")
    fields = {"text": "It was agreed, not begun.", "happened": "2024-01", "status_claimed": "agreed"}
    right = updates.create_update(item, by=analyst, fields=fields, corrects=wrong)
    make_evidence(item, by=analyst, update=right)
    updates.publish_update(updates.submit_update(right, by=analyst), by=reviewer)
    item.refresh_from_db()
    wrong.refresh_from_db()
    assert (item.status, wrong.review_state) == ("agreed", "corrected")
    updates.retract_update(right, by=reviewer, reason="The first entry was right.")
    item.refresh_from_db()
    wrong.refresh_from_db()
    assert (item.status, wrong.review_state) == ("implementing", "published")


def test_every_return_is_kept_with_its_reason(analyst: User, reviewer: User) -> None:
    update = make_update(make_item(), by=analyst, state="submitted")
    for reason in ("Name the ministry.", "Which day?"):
        updates.return_update(update, by=reviewer, reason=reason)
        updates.submit_update(update, by=analyst)
    assert list(update.returns.values_list("reason", flat=True)) == ["Name the ministry.", "Which day?"]


def test_no_change_counts_as_reported_but_is_no_sign_of_life(reviewer: User, analyst: User) -> None:
    item = make_item()
    before = item.stagnant_after
    update = updates.report_no_change(item, by=analyst)
    updates.publish_update(update, by=reviewer)
    item.refresh_from_db()
    assert item.last_reported_on == dt.date.today()
    assert item.stagnant_after == before


def test_what_the_catalogue_entered_is_nobodys_report() -> None:
    item = make_item()
    fields = {"text": "The article names it.", "happened": "2023", "status_claimed": "discussion"}
    updates.enter_update(item, by=make_system(), fields=fields, sources=[])
    item.refresh_from_db()
    assert item.status == "discussion"
    assert item.last_reported_on is None


def test_script_in_the_text_is_shown_as_text(analyst: User) -> None:
    update = make_draft(make_item(), by=analyst, text="<script>alert(1)</script> **signed** [x](javascript:alert(1))")
    assert "<script" not in update.text_html
    assert 'href="javascript' not in update.text_html
    assert "<strong>signed</strong>" in update.text_html


def test_a_second_correction_of_the_same_update_does_not_count_twice(
    analyst: User, other_analyst: User, reviewer: User
) -> None:
    item = make_item()
    wrong = make_update(item, by=analyst, reviewer=reviewer, status_claimed="implementing", happened="2024-01")
    fields = {"text": "It was only discussed.", "happened": "2024-01", "status_claimed": "discussion"}
    first, second = (
        updates.create_update(item, by=who, fields=fields, corrects=wrong) for who in (analyst, other_analyst)
    )
    updates.submit_update(first, by=analyst)
    updates.submit_update(second, by=other_analyst)
    updates.publish_update(first, by=reviewer)
    with pytest.raises(ValidationError, match="corrects is corrected"):
        updates.publish_update(second, by=reviewer)
    second.refresh_from_db()
    assert second.review_state == "submitted"


def test_the_record_says_who_threw_a_draft_away(analyst: User) -> None:
    update = make_draft(make_item(), by=analyst)
    pk = update.pk
    updates.delete_draft(update, by=analyst)
    entry = Update.history.filter(id=pk, history_type="-").get()
    assert entry.history_user == analyst
