"""Files of evidence: only for those who may, only as a download, and a clear word when the content is gone."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from brics_tracker.accounts.models import User
from brics_tracker.tracking.models import EvidenceFile, Update
from brics_tracker.tracking.services import updates
from brics_tracker.tracking.views.files import safe_name
from tests.factories.accounts import make_user
from tests.factories.core import make_theme
from tests.factories.tracking import make_draft, make_evidence, make_item
from tests.tracking.views.helpers import PDF, pdf, said

pytestmark = pytest.mark.django_db


def make_file(analyst: User, *, name: str = "minutes.pdf", confidential: bool = False, **item: object) -> EvidenceFile:
    update = make_draft(make_item(**item), by=analyst)
    evidence = make_evidence(update.item, by=analyst, update=update, files=[pdf(name)], confidential=confidential)
    return evidence.files.get()


def publish(file: EvidenceFile, reviewer: User) -> None:
    update = Update.objects.get(evidence=file.evidence)
    updates.submit_update(update, by=update.author)
    updates.publish_update(update, by=reviewer)


def address(file: EvidenceFile) -> str:
    return reverse("tracking:evidence-file", args=[file.pk])


def test_the_file_comes_whole_as_a_download_that_runs_nothing(client: Client, analyst: User) -> None:
    file = make_file(analyst)
    client.force_login(analyst)
    answer = client.get(address(file))
    assert b"".join(answer.streaming_content) == PDF  # type: ignore[attr-defined]
    assert answer["Content-Disposition"] == 'attachment; filename="minutes.pdf"'
    assert answer["Content-Type"] == "application/pdf"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert "no-store" in answer["Cache-Control"]


def test_it_is_seen_by_its_author_and_reviewers_until_it_is_published(
    client: Client, analyst: User, reader: User, reviewer: User, other_analyst: User
) -> None:
    file = make_file(analyst)
    seen = {}
    for person in (analyst, reviewer, reader, other_analyst):
        client.force_login(person)
        seen[person.name] = client.get(address(file)).status_code
    assert seen == {"analyst": 200, "reviewer": 200, "reader": 404, "other-analyst": 404}
    publish(file, reviewer)
    client.force_login(reader)
    assert client.get(address(file)).status_code == 200


def test_a_confidential_file_stays_with_author_and_reviewers(
    client: Client, analyst: User, reader: User, reviewer: User, other_analyst: User
) -> None:
    file = make_file(analyst, confidential=True)
    publish(file, reviewer)
    for person, status in ((reader, 404), (other_analyst, 404), (analyst, 200), (reviewer, 200)):
        client.force_login(person)
        assert client.get(address(file)).status_code == status, person


def test_a_reviewer_of_another_theme_does_not_get_it(client: Client, analyst: User) -> None:
    file = make_file(analyst, confidential=True, theme=make_theme("EN"))
    client.force_login(make_user(role="reviewer", themes=[make_theme("CU")]))
    assert client.get(address(file)).status_code == 404


def test_rights_are_asked_at_every_click(client: Client, reviewer: User, analyst: User) -> None:
    file = make_file(analyst)
    client.force_login(reviewer)
    assert client.get(address(file)).status_code == 200
    reviewer.grants.all().delete()
    assert client.get(address(file)).status_code == 404


def test_nobody_is_sent_to_sign_in_and_a_public_site_gives_what_is_public(
    client: Client, analyst: User, reviewer: User, settings: LazySettings
) -> None:
    file, secret = make_file(analyst), make_file(analyst, confidential=True)
    publish(file, reviewer)
    publish(secret, reviewer)
    assert client.get(address(file)).status_code == 302
    settings.PUBLIC_READ = True
    assert client.get(address(file)).status_code == 200
    assert client.get(address(secret)).status_code == 404


def test_a_missing_file_is_a_clear_page_and_a_line_in_the_log(
    client: Client, analyst: User, caplog: pytest.LogCaptureFixture
) -> None:
    file = make_file(analyst)
    Path(file.file.path).unlink()
    client.force_login(analyst)
    answer = client.get(address(file))
    assert answer.status_code == 410
    assert "its content cannot be read on this installation" in said(answer)
    assert f"Evidence file {file.pk}" in caplog.text


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("c:\\folder\\notes.pdf", "notes.pdf"),
        ("fdp\u202e.exe.pdf", "fdp.exe.pdf"),
        ('say "hi"\r\nSet-Cookie: a=b.pdf', "say _hi_Set-Cookie_ a=b.pdf"),
        ("...", "file"),
        ("会议纪要.pdf", "会议纪要.pdf"),
    ],
)
def test_the_name_is_safe_on_anyones_disk(name: str, kept: str) -> None:
    assert safe_name(name) == kept


def test_a_name_in_another_script_goes_by_the_standard(client: Client, analyst: User) -> None:
    file = make_file(analyst, name="会议纪要.pdf")
    client.force_login(analyst)
    assert client.get(address(file))["Content-Disposition"].startswith("attachment; filename*=utf-8''%E4%BC%9A")
