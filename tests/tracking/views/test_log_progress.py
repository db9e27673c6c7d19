"""Logging progress: one form, one entry, nothing typed lost and nothing half written."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from brics_tracker.accounts.models import User
from brics_tracker.tracking.models import Evidence, EvidenceFile, Update
from tests.factories.accounts import make_user
from tests.factories.core import make_theme
from tests.factories.tracking import make_evidence, make_item, make_milestone, make_update
from tests.tracking.views.helpers import edit_url, log, log_url, pdf, said, sheet

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed(client: Client, analyst: User) -> Client:
    client.force_login(analyst)
    return client


def test_an_analyst_logs_progress_with_an_address_and_a_file_and_hands_it_in(signed: Client) -> None:
    item = make_item()
    answer = log(
        signed, item, status_claimed="agreed", source_0_url="https://example.org/news", source_0_title="News",
        source_1_files=[pdf("a.pdf"), pdf("b.pdf")], source_1_confidential="on", then="submit",
    )  # fmt: skip
    assert (answer.status_code, answer["Location"]) == (302, item.get_absolute_url())
    update = item.updates.get()
    assert (update.review_state, update.status_claimed) == ("submitted", "agreed")
    assert {row.title: row.confidential for row in update.evidence.all()} == {"News": False, "a.pdf": True}
    assert EvidenceFile.objects.count() == 2
    item.refresh_from_db()
    assert item.status == "proposed"  # until a reviewer publishes it


def test_the_page_offers_today_and_says_what_each_status_needs(signed: Client) -> None:
    page = said(signed.get(log_url(make_item())))
    assert "Agreed (needs evidence)" in page
    assert "No new status" in page
    assert dt.date.today().isoformat() in signed.get(log_url(make_item())).content.decode()


def test_an_ended_item_offers_other_statuses_only_for_what_came_before(signed: Client) -> None:
    item = make_item()
    make_update(item, status_claimed="rejected")
    assert "Only for what happened before it was Rejected" in signed.get(log_url(item)).content.decode()


def test_the_panel_gets_the_form_alone(signed: Client) -> None:
    part = signed.get(log_url(make_item()), headers={"HX-Request": "true"}).content.decode()
    assert 'id="log-form"' in part
    assert "<html" not in part


def test_a_swap_ends_with_a_redirect_that_the_browser_follows(signed: Client) -> None:
    item = make_item()
    answer = signed.post(log_url(item), sheet(), headers={"HX-Request": "true"})
    assert answer["HX-Redirect"] == item.get_absolute_url()


# --- who may -----------------------------------------------------------------------------------------------
def test_someone_not_signed_in_is_sent_to_sign_in_and_back(client: Client) -> None:
    item = make_item()
    answer = client.post(log_url(item), sheet())
    assert answer.status_code == 302
    assert answer["Location"].endswith(f"?next={log_url(item)}")
    assert not Update.objects.exists()


@pytest.mark.parametrize("role", ["", "reader", "administrator"])
def test_who_only_reads_or_administers_may_not_log(client: Client, role: str) -> None:
    item = make_item()
    client.force_login(make_user(role=role))
    assert client.get(log_url(item)).status_code == 403
    assert client.post(log_url(item), sheet()).status_code == 403
    assert not Update.objects.exists()


def test_an_analyst_of_another_theme_may_not_log(client: Client) -> None:
    item = make_item(theme=make_theme("EN"))
    client.force_login(make_user(role="analyst", themes=[make_theme("CU")]))
    assert client.post(log_url(item), sheet()).status_code == 403


def test_an_item_that_one_may_not_see_is_not_there(client: Client, other_analyst: User, analyst: User) -> None:
    item = make_item(by=other_analyst, published=False)
    client.force_login(analyst)
    assert client.get(log_url(item)).status_code == 404


# --- sent twice --------------------------------------------------------------------------------------------
def test_the_same_form_twice_makes_one_update_with_its_evidence_once(signed: Client) -> None:
    item, key = make_item(), str(uuid.uuid4())
    for _click in range(2):
        answer = log(
            signed, item, form_key=key, source_0_url="https://example.org/a", source_1_files=pdf(), then="submit"
        )
        assert answer.status_code == 302
    assert Update.objects.count() == 1
    assert Evidence.objects.count() == 2
    assert EvidenceFile.objects.count() == 1


def test_control_two_forms_make_two_updates(signed: Client) -> None:
    item = make_item()
    for _click in range(2):
        log(signed, item, source_0_url="https://example.org/a", then="submit")
    assert Update.objects.count() == 2
    assert Evidence.objects.count() == 2


def test_going_back_and_sending_other_words_changes_the_draft_that_was_made(signed: Client) -> None:
    item, key = make_item(), str(uuid.uuid4())
    log(signed, item, form_key=key, text="First words.")
    log(signed, item, form_key=key, text="Better words.")
    assert Update.objects.get().text == "Better words."


def test_going_back_after_handing_in_loses_nothing_that_is_typed(signed: Client) -> None:
    item, key = make_item(), str(uuid.uuid4())
    log(signed, item, form_key=key, text="First words.", then="submit")
    answer = log(signed, item, form_key=key, text="Better words.", then="submit")
    assert answer.status_code == 422
    assert "Better words." in answer.content.decode()
    assert "handed this in already" in said(answer)
    assert Update.objects.get().text == "First words."


def test_a_form_whose_draft_was_deleted_since_makes_a_new_one(signed: Client) -> None:
    item, key = make_item(), str(uuid.uuid4())
    log(signed, item, form_key=key)
    signed.post(reverse("tracking:update-delete", args=[Update.objects.get().pk]))
    assert not Update.objects.exists()
    assert log(signed, item, form_key=key).status_code == 302
    assert Update.objects.count() == 1


# --- refused -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"text": ""}, "Say what happened"),
        ({"text": "nul \x00 byte"}, "control character"),
        ({"text": "x" * 1_000_000}, "at most 20000 characters"),
        ({"happened": "2023-02-30"}, "no such day"),
        ({"happened": "yesterday"}, "Write a date as"),
        ({"happened": "2198-01"}, "lies in the future"),
        ({"status_claimed": "operating"}, "not one of the available choices"),
        ({"percent_claimed": "101"}, "less than or equal to 100"),
        ({"percent_claimed": "much"}, "Enter a number"),
        ({"source_0_url": "javascript:alert(1)"}, "Enter a valid URL"),
        ({"source_0_title": "A title alone"}, "Give an address or add a file"),
        ({"source_0_url": "https://example.org", "source_0_source_date": "2198"}, "dated in the future"),
        ({"form_key": "no-key"}, "form is incomplete"),
    ],
)
def test_bad_input_is_said_at_the_field_and_what_was_typed_is_kept(signed: Client, fields: dict, words: str) -> None:  # type: ignore[type-arg]
    item = make_item()
    answer = log(signed, item, reason="kept words", then="submit", **fields)
    assert answer.status_code == 422
    assert words in said(answer)
    assert "kept words" in answer.content.decode()
    assert not Update.objects.exists()
    assert not Evidence.objects.exists()


def test_a_step_back_needs_a_reason_at_its_field(signed: Client) -> None:
    item = make_item()
    make_update(item, status_claimed="agreed", sources=1, happened="2024-01")
    answer = log(signed, item, status_claimed="discussion")
    assert answer.status_code == 422
    assert "A step back needs a reason" in said(answer)
    assert answer.context["form"].errors.keys() == {"reason"}


def test_without_evidence_it_is_kept_as_a_draft_and_says_what_it_lacks(signed: Client) -> None:
    item = make_item()
    answer = log(signed, item, status_claimed="implemented", then="submit")
    assert answer.status_code == 422
    assert "Saved as a draft; it cannot be handed in yet" in said(answer)
    assert "needs evidence" in said(answer)
    update = Update.objects.get()
    assert update.review_state == "draft"
    assert f'action="{edit_url(update)}"' in answer.content.decode()


def test_what_lacks_evidence_keeps_the_sources_of_another_status(signed: Client) -> None:
    """A file that came with an entry that cannot be handed in is kept with the draft."""
    item = make_item()
    make_update(item, status_claimed="agreed", sources=1, happened="2024-01")
    answer = log(
        signed,
        item,
        status_claimed="discussion",
        happened="2024-02",
        reason="",
        source_0_files=pdf("kept.pdf"),
        then="submit",
    )
    assert answer.status_code == 422
    assert all(
        words in said(answer) for words in ("kept.pdf", "kept here")
    )  # a step back without a reason is refused whole
    answer = log(
        signed, item, status_claimed="discussion", happened="2024-02", reason="The host withdrew.",
        source_0_files=pdf("kept.pdf"), then="submit",
    )  # fmt: skip
    assert answer.status_code == 302
    assert EvidenceFile.objects.get().name == "kept.pdf"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("report.pdf", b"MZ\x90\x00 a program", "is not what its name says"),
        ("notes.txt", b"<html><script>alert(1)</script></html>", "is not what its name says"),
        ("picture.svg", b"<svg onload='alert(1)'/>", "not of a kind that is kept here"),
        ("setup.exe", b"MZ\x90\x00", "not of a kind that is kept here"),
        ("empty.pdf", b"", "empty"),
    ],
)
def test_a_file_that_is_not_what_it_should_be_is_refused(signed: Client, name: str, content: bytes, words: str) -> None:
    answer = log(signed, make_item(), source_0_files=SimpleUploadedFile(name, content))
    assert answer.status_code == 422
    assert words in said(answer)
    assert not Update.objects.exists()


def test_a_file_that_is_too_large_is_refused_with_its_size(signed: Client, settings: LazySettings) -> None:
    settings.UPLOAD_MAX_BYTES = 100
    answer = log(signed, make_item(), source_0_files=pdf(content=b"%PDF-1.7" + b"x" * 200))
    assert answer.status_code == 422
    assert "minutes.pdf has 208 bytes; the most is 100 bytes" in said(answer)


def test_evidence_of_another_item_is_refused(signed: Client, analyst: User) -> None:
    foreign = make_evidence(make_item(), by=analyst)
    answer = log(signed, make_item(), evidence=[str(foreign.pk)])
    assert answer.status_code == 422
    assert "Choose evidence of this item only" in said(answer)
    assert not Update.objects.exists()


def test_confidential_evidence_of_someone_else_is_not_offered_and_not_taken(
    signed: Client, other_analyst: User
) -> None:
    item = make_item()
    secret = make_evidence(item, by=other_analyst, confidential=True, title="Secret note")
    assert "Secret note" not in said(signed.get(log_url(item)))
    assert log(signed, item, evidence=[str(secret.pk)]).status_code == 422


def test_evidence_on_record_is_used_again(signed: Client, analyst: User) -> None:
    item = make_item()
    source = make_evidence(item, by=analyst, title="The communique")
    assert "The communique" in said(signed.get(log_url(item)))
    log(signed, item, status_claimed="agreed", evidence=[str(source.pk)], then="submit")
    assert list(Update.objects.get().evidence.all()) == [source]


# --- milestones --------------------------------------------------------------------------------------------
def test_milestones_are_completed_and_moved(signed: Client) -> None:
    item = make_item()
    first, second = make_milestone(item), make_milestone(item, due=dt.date(2030, 1, 1))
    answer = log(
        signed, item, **{f"step-{first.pk}-completed": "on"}, **{f"step-{second.pk}-new_due": "2030-06-01"},
        **{f"step-{second.pk}-reason": "The host asked."}, then="submit",
    )  # fmt: skip
    assert answer.status_code == 302
    claims = Update.objects.get().milestone_claims.order_by("pk")
    assert [(claim.kind, claim.new_due) for claim in claims] == [("completed", None), ("moved", dt.date(2030, 6, 1))]


def test_a_move_without_reason_is_said_at_the_milestone(signed: Client) -> None:
    item = make_item()
    step = make_milestone(item)
    answer = log(signed, item, **{f"step-{step.pk}-new_due": "2030-06-01"})
    assert answer.status_code == 422
    assert "A move needs a reason" in said(answer)


def test_percent_is_asked_only_while_no_milestone_is_confirmed(signed: Client) -> None:
    item = make_item()
    assert 'name="percent_claimed"' in signed.get(log_url(item)).content.decode()
    make_milestone(item)
    assert 'name="percent_claimed"' not in signed.get(log_url(item)).content.decode()


def test_a_step_to_confirm_cannot_be_marked_and_the_sheet_says_who_confirms(signed: Client) -> None:
    item = make_item(plan="agreement")
    waiting = item.milestones.all()[0]
    shown = said(signed.get(log_url(item)))
    assert f'name="step-{waiting.pk}-completed"' not in signed.get(log_url(item)).content.decode()
    assert "5 steps of the plan are still to confirm" in shown
    assert "A reviewer or an administrator confirms them." in shown


def test_a_milestone_of_another_item_is_refused_rather_than_passed_over(signed: Client) -> None:
    foreign = make_milestone(make_item())
    answer = log(signed, make_item(), **{f"step-{foreign.pk}-completed": "on"})
    assert answer.status_code == 422
    assert "is no longer open" in said(answer)
    assert not Update.objects.exists()


# --- preview -----------------------------------------------------------------------------------------------
def test_the_preview_works_without_a_script_and_saves_nothing(signed: Client) -> None:
    answer = log(signed, make_item(), text="**bold** <script>alert(1)</script>", then="preview")
    page = answer.content.decode()
    assert "<strong>bold</strong>" in page
    assert "<script>alert" not in page
    assert not Update.objects.exists()


def test_the_preview_in_a_swap_is_the_preview_alone(signed: Client) -> None:
    answer = signed.post(log_url(make_item()), {"text": "*so*", "then": "preview"}, headers={"HX-Request": "true"})
    assert answer.content.decode().count("<form") == 0
    assert "<em>so</em>" in answer.content.decode()


def test_a_mark_that_turns_the_writing_round_is_refused_in_the_text(signed: Client) -> None:
    answer = log(signed, make_item(), text="safe \u202eexe.fdp", then="preview")
    assert "Character 6 is an unseen mark that turns the writing round (U+202E)" in said(answer)


@pytest.mark.parametrize("title", ["\u200b\u200b", "Minutes \u202efdp\u202c"])
def test_a_source_whose_title_hides_or_lies_is_refused_at_the_title(signed: Client, title: str) -> None:
    answer = log(signed, make_item(), source_0_url="https://example.org/a", source_0_title=title, then="submit")
    assert answer.status_code == 422
    assert "title" in answer.context["sheet"].sources.forms[0].errors
    assert not Update.objects.exists()
