"""One's own update: changed, handed in, withdrawn, thrown away, corrected; two windows lose nothing."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from brics_tracker.accounts.models import User
from brics_tracker.tracking.models import Evidence, Update
from brics_tracker.tracking.services import updates
from brics_tracker.tracking.services.checks import Claim
from brics_tracker.tracking.services.progress import claim_mark
from tests.factories.accounts import make_user
from tests.factories.tracking import make_draft, make_evidence, make_item, make_milestone, make_update
from tests.tracking.views.helpers import edit_url, pdf, said, sheet

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed(client: Client, analyst: User) -> Client:
    client.force_login(analyst)
    return client


def act(name: str, update: Update) -> str:
    return reverse(f"tracking:update-{name}", args=[update.pk])


def test_a_returned_update_shows_why_and_is_mended_and_handed_in_again(
    signed: Client, analyst: User, reviewer: User
) -> None:
    update = make_update(make_item(), by=analyst, state="submitted", text="Too short.")
    updates.return_update(update, by=reviewer, reason="Who agreed?")
    assert "Who agreed?" in said(signed.get(edit_url(update)))
    update.refresh_from_db()
    answer = signed.post(edit_url(update), sheet(version=update.version, text="The ministers agreed.", then="submit"))
    assert answer.status_code == 302
    update.refresh_from_db()
    assert (update.review_state, update.text) == ("submitted", "The ministers agreed.")


def test_evidence_is_taken_off_and_stays_on_the_record_of_the_item(signed: Client, analyst: User) -> None:
    item = make_item()
    update = make_draft(item, by=analyst)
    kept, gone = make_evidence(item, by=analyst, update=update), make_evidence(item, by=analyst, update=update)
    drawn = [str(kept.pk), str(gone.pk)]
    signed.post(edit_url(update), sheet(version=update.version, evidence=[str(kept.pk)], drawn_evidence=drawn))
    assert list(update.evidence.all()) == [kept]
    assert Evidence.objects.filter(item=item).count() == 2


def test_evidence_that_another_window_added_is_not_taken_off(signed: Client, analyst: User) -> None:
    item = make_item()
    update = make_draft(item, by=analyst)
    added = make_evidence(item, by=analyst, update=update)
    signed.post(edit_url(update), sheet(version=update.version))
    assert list(update.evidence.all()) == [added]


def test_a_file_is_added_to_a_draft_once_however_often_the_form_is_sent(signed: Client, analyst: User) -> None:
    update = make_draft(make_item(), by=analyst)
    data = sheet(version=update.version)
    for _click in range(2):
        assert signed.post(edit_url(update), {**data, "source-0-files": pdf()}).status_code == 302
    assert update.evidence.count() == 1


# --- two windows -------------------------------------------------------------------------------------------
def test_a_stale_form_shows_both_versions_and_overwrites_nothing(signed: Client, analyst: User) -> None:
    update = make_draft(make_item(), by=analyst, text="As first written.")
    opened = update.version
    updates.edit_update(update, by=analyst, version=opened, fields={"text": "From the other window."})
    answer = signed.post(edit_url(update), sheet(version=opened, text="From this window.", happened=update.happened))
    assert answer.status_code == 422
    page = said(answer)
    assert "From the other window." in page
    assert "From this window." in page
    assert Update.objects.get().text == "From the other window."
    # Sent again from the page that shows both, what stands in the form counts.
    form = answer.context["form"]
    again = signed.post(edit_url(update), sheet(version=form["version"].value(), text="From this window.",
                                                happened=update.happened))  # fmt: skip
    assert again.status_code == 302
    assert Update.objects.get().text == "From this window."


def test_control_what_two_windows_changed_in_different_fields_is_kept_from_both(signed: Client, analyst: User) -> None:
    update = make_draft(make_item(), by=analyst, text="Words.", happened="2024-01")
    opened = update.version
    updates.edit_update(update, by=analyst, version=opened, fields={"happened": "2024-02"})
    assert (
        signed.post(edit_url(update), sheet(version=opened, text="Other words.", happened="2024-01")).status_code == 302
    )
    update.refresh_from_db()
    assert (update.text, update.happened) == ("Other words.", "2024-02")


def test_two_windows_disagree_about_a_milestone(signed: Client, analyst: User) -> None:
    item = make_item()
    step = make_milestone(item, title="Text signed")
    update = make_draft(item, by=analyst, happened="2024-03-14")
    opened = update.version
    updates.edit_update(update, by=analyst, version=opened, fields={}, claims=[Claim(step, "completed")])
    data = sheet(version=opened, text=update.text, **{f"step-{step.pk}-new_due": "2031-01-01"},
                 **{f"step-{step.pk}-reason": "Later."}, **{f"step-{step.pk}-drawn": claim_mark(None)})  # fmt: skip
    answer = signed.post(edit_url(update), data)
    assert answer.status_code == 422
    assert "Text signed completed moved to 2031-01-01: Later." in said(answer)
    assert update.milestone_claims.get().kind == "completed"


def test_a_stale_form_that_says_nothing_of_a_milestone_leaves_it(signed: Client, analyst: User) -> None:
    item = make_item()
    step = make_milestone(item)
    update = make_draft(item, by=analyst, happened="2024-03-14")
    opened = update.version
    updates.edit_update(update, by=analyst, version=opened, fields={}, claims=[Claim(step, "completed")])
    answer = signed.post(edit_url(update), sheet(version=opened, text="Other.", **{f"step-{step.pk}-drawn": ""}))
    assert answer.status_code == 302
    assert update.milestone_claims.get().kind == "completed"


def test_what_was_handed_in_meanwhile_keeps_the_typed_words_on_the_page(signed: Client, analyst: User) -> None:
    update = make_draft(make_item(), by=analyst)
    opened = update.version
    updates.submit_update(update, by=analyst)
    answer = signed.post(edit_url(update), sheet(version=opened, text="Typed too late."))
    assert answer.status_code == 422
    assert "Typed too late." in answer.content.decode()
    assert "submitted by now" in said(answer)


# --- who may -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["edit", "delete", "withdraw", "correct", "retract"])
def test_a_draft_of_someone_else_is_not_there(client: Client, other_analyst: User, analyst: User, name: str) -> None:
    update = make_draft(make_item(), by=other_analyst)
    client.force_login(analyst)
    assert client.get(act(name, update)).status_code == 404
    assert client.post(act(name, update), sheet(version=1)).status_code == 404


def test_a_reviewer_sees_a_draft_and_may_not_change_it(client: Client, analyst: User, reviewer: User) -> None:
    update = make_draft(make_item(), by=analyst)
    client.force_login(reviewer)
    assert client.get(edit_url(update)).status_code == 403
    assert client.post(edit_url(update), sheet(version=update.version, text="Mine now.")).status_code == 403
    assert client.post(act("delete", update)).status_code == 403
    assert client.post(act("withdraw", update)).status_code == 403


def test_who_lost_the_grant_may_not_go_on(client: Client, analyst: User) -> None:
    update = make_draft(make_item(), by=analyst)
    analyst.grants.all().delete()
    client.force_login(analyst)
    assert client.post(edit_url(update), sheet(version=update.version)).status_code in {403, 404}


# --- the other acts ----------------------------------------------------------------------------------------
def test_a_draft_is_deleted_after_a_question(signed: Client, analyst: User) -> None:
    update = make_draft(make_item(), by=analyst)
    assert "gone for good" in said(signed.get(act("delete", update)))
    assert Update.objects.exists()
    assert signed.post(act("delete", update)).status_code == 302
    assert not Update.objects.exists()


def test_what_was_returned_is_not_deleted(signed: Client, analyst: User, reviewer: User) -> None:
    update = make_update(make_item(), by=analyst, state="submitted")
    updates.return_update(update, by=reviewer, reason="Why?")
    answer = signed.post(act("delete", update))
    assert answer.status_code == 422
    assert "never handed in" in said(answer)


def test_a_submitted_update_is_withdrawn_and_changed(signed: Client, analyst: User) -> None:
    update = make_update(make_item(), by=analyst, state="submitted")
    assert signed.get(edit_url(update))["Location"] == act("withdraw", update)
    assert signed.post(act("withdraw", update))["Location"] == edit_url(update)
    update.refresh_from_db()
    assert update.review_state == "draft"
    assert signed.post(act("withdraw", update)).status_code == 302  # a second click


def test_a_published_update_is_corrected_by_a_new_one(signed: Client, analyst: User, reviewer: User) -> None:
    item = make_item()
    step = make_milestone(item)
    original = make_update(item, by=analyst, reviewer=reviewer, text="Wrong.", status_claimed="agreed", sources=1,
                           claims=[Claim(step, "completed")], happened="2024-01")  # fmt: skip
    for _click in range(2):
        answer = signed.post(act("correct", original))
    draft = Update.objects.get(corrects=original)
    assert answer["Location"] == edit_url(draft)
    page = signed.get(edit_url(draft))
    assert "Wrong." in page.content.decode()
    assert page.context["sheet"].steps[0].initial["completed"] is True
    assert draft.evidence.count() == 1
    data = sheet(
        version=draft.version, text="Right.", status_claimed="agreed", happened="2024-01", then="submit",
        evidence=[str(draft.evidence.get().pk)], drawn_evidence=[str(draft.evidence.get().pk)],
        **{f"step-{step.pk}-completed": "on"}, **{f"step-{step.pk}-drawn": claim_mark(Claim(step, "completed"))},
    )  # fmt: skip
    assert signed.post(edit_url(draft), data).status_code == 302
    updates.publish_update(Update.objects.get(pk=draft.pk), by=reviewer)
    original.refresh_from_db()
    item.refresh_from_db()
    assert (original.review_state, item.status, str(item.percent)) == ("corrected", "agreed", "100.00")


def test_a_reviewer_retracts_with_a_reason(client: Client, reviewer: User) -> None:
    item = make_item()
    update = make_update(item, status_claimed="discussion")
    client.force_login(reviewer)
    assert client.post(act("retract", update), {"reason": " "}).status_code == 422
    assert client.post(act("retract", update), {"reason": "It never happened."}).status_code == 302
    item.refresh_from_db()
    assert item.status == "proposed"


def test_who_retracts_a_correction_is_told_that_the_earlier_words_come_back(
    client: Client, analyst: User, reviewer: User
) -> None:
    original = make_update(make_item(), text="As first told.", happened="2024-03-14")
    fields = {"text": "As it was.", "happened": "2024-03-14"}
    correction = updates.create_update(original.item, by=analyst, fields=fields, corrects=original)
    client.force_login(reviewer)
    words = "It corrected the update of 14 Mar 2024: that one, in its earlier wording, is public again and counts."
    assert words not in said(client.get(act("retract", original)))
    updates.publish_update(updates.submit_update(correction, by=analyst), by=reviewer)
    assert words in said(client.get(act("retract", correction)))


def test_an_analyst_may_not_retract(signed: Client) -> None:
    assert signed.post(act("retract", make_update(make_item())), {"reason": "No."}).status_code == 403


def test_a_foreign_reviewer_may_not_retract(client: Client) -> None:
    update = make_update(make_item())
    other = make_user(role="analyst")
    client.force_login(other)
    assert client.get(act("retract", update)).status_code == 403


def test_a_date_moved_is_shown_again_on_the_draft(signed: Client, analyst: User) -> None:
    item = make_item()
    step = make_milestone(item)
    update = make_draft(item, by=analyst, claims=[Claim(step, "moved", dt.date(2031, 5, 1), "The host asked.")])
    page = signed.get(edit_url(update)).content.decode()
    assert 'value="2031-05-01"' in page
    assert "The host asked." in page
