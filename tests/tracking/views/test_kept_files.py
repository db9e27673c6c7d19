"""Files of a form that was refused are kept with it: nobody has to choose them again, and each is saved once."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from typing import Any
from unittest.mock import patch

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone

from brics_tracker.accounts.drafts import files
from brics_tracker.accounts.models import KeptFile, User
from brics_tracker.core.integrity import files_and_rows
from brics_tracker.tracking.models import EvidenceFile, TrackedItem, Update
from tests.factories.tracking import make_draft, make_item
from tests.tracking.views.helpers import edit_url, log, log_url, pdf, said, sheet

pytestmark = pytest.mark.django_db
CHOOSE = "/accounts/drafts/files/"


@pytest.fixture
def signed(client: Client, analyst: User) -> Client:
    client.force_login(analyst)
    return client


@pytest.fixture
def item() -> TrackedItem:
    return make_item()


def ticks(page: Any) -> dict[str, list[str]]:
    """What the page would send again of kept files, by field."""
    found: dict[str, list[str]] = {}
    for tag in re.findall(r'<input type="(?:checkbox|hidden)"[^>]*>', page.content.decode()):
        name = re.search(r'name="([^"]+)"', tag)
        if name and (name[1].endswith("-kept") or name[1] == "kept_shown"):
            found.setdefault(name[1].replace("-", "_"), []).append(re.search(r'value="(\d+)"', tag)[1])  # type: ignore[index]
    return found


def test_a_refused_form_comes_back_with_its_files_which_are_saved_once(signed: Client, item: TrackedItem) -> None:
    key = str(uuid.uuid4())
    refused = log(
        signed, item, happened="never", form_key=key, source_0_files=[pdf("a.pdf"), pdf("b.pdf", b"%PDF-1.7 b")]
    )
    assert refused.status_code == 422
    assert "a.pdf" in said(refused)
    assert "kept here; take the tick away" in said(refused)
    kept = ticks(refused)
    assert len(kept["source_0_kept"]) == 2
    for _turn in range(2):  # a double click: the second finds what the first made
        assert log(signed, item, happened="2024-05", form_key=key, **kept).status_code == 302
    assert sorted(EvidenceFile.objects.values_list("name", flat=True)) == ["a.pdf", "b.pdf"]
    assert Update.objects.get().evidence.count() == 1
    assert ticks(signed.get(log_url(item))) == {}
    assert files.expire_files(timezone.now() + dt.timedelta(days=1, minutes=1)) == 2


def test_refused_again_and_again_each_is_kept_once_and_one_is_taken_off(
    signed: Client, item: TrackedItem, django_capture_on_commit_callbacks: Any
) -> None:
    kept = ticks(
        log(signed, item, happened="never", source_0_files=[pdf("a.pdf")], source_1_files=[pdf("b.pdf", b"%PDF-1.7 b")])
    )
    again = log(signed, item, happened="never", **kept, source_1_files=[pdf("b.pdf", b"%PDF-1.7 b")])
    assert ticks(again) == kept
    gone = {**kept, "source_0_kept": []}
    with django_capture_on_commit_callbacks(execute=True):
        left = ticks(log(signed, item, happened="never", **gone))
    assert list(left) == ["kept_shown", "source_1_kept"]
    assert [row.name for row in KeptFile.objects.all()] == ["b.pdf"]
    assert list(files_and_rows()) == []


def test_an_edit_keeps_them_too(signed: Client, item: TrackedItem, analyst: User) -> None:
    update = make_draft(item, by=analyst)
    data = {**sheet(version=update.version, happened="never"), "source-0-files": [pdf("a.pdf")]}
    refused = signed.post(edit_url(update), data)
    assert list(ticks(refused)) == ["kept_shown", "source_0_kept"]
    data = {**sheet(version=update.version), "source-0-kept": ticks(refused)["source_0_kept"]}
    assert signed.post(edit_url(update), data).status_code == 302
    assert update.evidence.get().files.get().name == "a.pdf"


def test_what_was_chosen_before_the_sign_in_ended_is_there_after_it(
    signed: Client, item: TrackedItem, analyst: User
) -> None:
    sent = {"address": log_url(item), "field": "source-1", "files": [pdf("a.pdf")]}
    assert signed.post(CHOOSE, sent).status_code == 201
    signed.logout()
    assert signed.post(CHOOSE, {**sent, "files": [pdf("b.pdf")]}).status_code == 401
    assert log(signed, item).status_code == 302  # to the sign-in page
    signed.force_login(analyst)
    kept = ticks(signed.get(log_url(item)))
    assert list(kept) == ["kept_shown", "source_1_kept"]
    assert log(signed, item, **kept).status_code == 302
    assert EvidenceFile.objects.get().name == "a.pdf"


def test_nobody_elses_and_no_other_forms(signed: Client, item: TrackedItem, other_analyst: User) -> None:
    theirs = files.keep_file(by=other_analyst, address=log_url(item), field="source-0", file=pdf("secret.pdf"))
    elsewhere = files.keep_file(by=other_analyst, address=log_url(make_item()), field="", file=pdf("b.pdf"))
    for row in (theirs, elsewhere):
        refused = log(signed, item, source_0_kept=[str(row.pk)])
        assert "not there any more. Choose it again." in said(refused)
        assert "secret.pdf" not in said(refused)
    assert ticks(signed.get(log_url(item))) == {}
    assert KeptFile.objects.count() == 2


def test_what_would_be_refused_anyway_is_not_kept_and_limits_hold(signed: Client, item: TrackedItem) -> None:
    refused = log(signed, item, source_0_files=[pdf("a.pdf", b"no pdf")])
    assert "These files could not be kept; choose them again: a.pdf" in said(refused)
    wrongs: tuple[dict[str, Any], ...] = (
        {"address": "https://elsewhere.example/"}, {"files": [pdf("a.pdf", b"no")]}, {"field": "a\x00"}, {"files": []},
    )  # fmt: skip
    for wrong in wrongs:
        sent = {"address": log_url(item), "field": "", "files": [pdf("a.pdf")], **wrong}
        assert signed.post(CHOOSE, sent).status_code == 400
    with patch.object(files, "MOST", 1):
        refused = log(signed, item, happened="never", source_0_files=[pdf("a.pdf"), pdf("b.pdf", b"%PDF-1.7 b")])
    assert "choose them again: b.pdf" in said(refused)
    assert KeptFile.objects.count() == 1


def test_thrown_away_with_the_draft_and_after_a_week(
    signed: Client, item: TrackedItem, analyst: User, django_capture_on_commit_callbacks: Any
) -> None:
    row = files.keep_file(by=analyst, address=log_url(item), field="", file=pdf("a.pdf"))
    other = files.keep_file(by=analyst, address=log_url(make_item()), field="", file=pdf("a.pdf"))
    with django_capture_on_commit_callbacks(execute=True):
        signed.post("/accounts/drafts/", {"address": log_url(item), "drop": "1"})
        assert KeptFile.objects.count() == 2, "only those that stood on the page when it was thrown away"
        signed.post("/accounts/drafts/", {"address": log_url(item), "drop": "1", "files": [row.pk, other.pk]})
    assert [each.pk for each in KeptFile.objects.all()] == [other.pk]
    assert not default_storage.exists(str(row.file.name))
    assert files.expire_files() == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert files.expire_files(timezone.now() + dt.timedelta(days=7, minutes=1)) == 1
    assert not default_storage.exists(str(other.file.name))
