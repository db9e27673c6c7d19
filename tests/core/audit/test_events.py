"""Who fetched what, and who came in, is on record; nothing secret is."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from brics_tracker.accounts import services
from brics_tracker.accounts.models import BrowserSession, User
from brics_tracker.core.choices import Act
from brics_tracker.core.models import AuditEvent
from reports.periods import period_containing
from tests.accounts.conftest import GOOD_PASSWORD, give_password, try_to_sign_in
from tests.factories.accounts import make_user
from tests.factories.tracking import make_evidence, make_item, make_proposal, make_update
from tests.reports.builders import make_report
from tests.tracking.views.helpers import pdf

pytestmark = pytest.mark.django_db


def fetches() -> list[AuditEvent]:
    return list(AuditEvent.objects.exclude(act=Act.SIGNED_IN).order_by("pk"))


def file_address(user: User, **fields: Any) -> tuple[str, str]:
    update = make_update(make_item(), by=user, state="draft")
    evidence = make_evidence(update.item, by=user, update=update, files=[pdf("minutes.pdf")], **fields)
    return reverse("tracking:evidence-file", args=[evidence.files.get().pk]), update.item.reference


class TestFetching:
    def test_a_file_is_on_record_with_who_and_whose(self, client: Client, analyst: User) -> None:
        address, reference = file_address(analyst)
        client.force_login(analyst)
        assert client.get(address).status_code == 200
        [event] = fetches()
        assert (event.act, event.actor, event.reference, event.words, event.kind) == (
            Act.FILE_FETCHED, analyst, reference, "minutes.pdf", "tracking.evidencefile",
        )  # fmt: skip

    def test_what_was_refused_or_is_only_asked_about_is_no_fetch(
        self, client: Client, analyst: User, reader: User
    ) -> None:
        address, _reference = file_address(analyst)
        client.force_login(reader)
        assert client.get(address).status_code == 404
        client.force_login(analyst)
        assert client.head(address).status_code == 200
        assert client.get("/proposals/?export=docx").status_code == 400
        assert client.get("/proposals/?status=nonsense&export=csv").status_code == 200  # shown with its error
        assert fetches() == []

    def test_an_export_is_on_record_with_what_was_asked_for(self, client: Client, reader: User) -> None:
        make_proposal(title="Grain exchange")
        client.force_login(reader)
        client.get("/proposals/?q=grain&token=abc&export=csv&page=3")
        client.get("/proposals/?as_of=2026-11-01&export=csv")
        event, past = fetches()
        assert past.detail == {"filters": {"as_of": "2026-11-01"}}
        assert (event.act, event.actor, event.key) == (Act.EXPORT_MADE, reader, "proposals")
        assert event.words.endswith(".csv")
        assert event.detail == {"filters": {"q": "grain"}}

    def test_a_report_is_on_record_as_a_file_and_through_the_api(self, client: Client, reader: User) -> None:
        report = make_report(span=period_containing("week", dt.date(2026, 3, 4)))
        client.force_login(reader)
        client.get(reverse("reports:file", args=[report.number, "csv"]))
        _token, text = services.create_token(reader, "weekly dashboard", days=3, by=reader)
        address = reverse("api:report-detail", args=[report.number])
        Client().get(address, headers={"Authorization": f"Bearer {text}"})
        page, program = fetches()
        assert [page.act, program.act] == [Act.REPORT_FETCHED] * 2
        assert [page.reference, program.reference] == [report.number] * 2
        assert [page.actor, program.actor] == [reader] * 2
        assert program.detail == {"token": "weekly dashboard"}

    def test_a_public_site_keeps_no_record_of_nobody(self, client: Client, settings: LazySettings) -> None:
        settings.PUBLIC_READ = True
        assert client.get("/proposals/?export=csv").status_code == 200
        assert fetches() == []

    def test_nothing_leaves_that_cannot_be_put_on_record(
        self, client: Client, analyst: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        address, _reference = file_address(analyst)
        client.force_login(analyst)

        def fail(**values: Any) -> None:
            raise DatabaseError("no room")

        monkeypatch.setattr(AuditEvent.objects, "create", fail)
        for path in (address, "/proposals/?export=csv"):
            with pytest.raises(DatabaseError):
                client.get(path)

    def test_an_ordinary_page_writes_nothing(self, client: Client, analyst: User) -> None:
        item = make_item()
        client.force_login(analyst)
        for path in ("/", "/proposals/", item.get_absolute_url(), "/reports/", "/api/v1/proposals/"):
            with CaptureQueriesContext(connection) as caught:
                assert client.get(path).status_code == 200
            assert [query["sql"] for query in caught if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))] == []


class TestComingIn:
    def test_signing_in_is_on_record(self, client: Client, analyst: User) -> None:
        give_password(analyst)
        try_to_sign_in(client, analyst.email)
        [event] = AuditEvent.objects.all()
        assert (event.act, event.actor, event.words) == (Act.SIGNED_IN, analyst, "analyst")

    def test_a_wrong_password_is_on_record_of_the_account_it_was_tried_on(self, client: Client, analyst: User) -> None:
        give_password(analyst)
        try_to_sign_in(client, "Analyst@Example.org", "a wrong guess of mine")
        [event] = AuditEvent.objects.all()
        assert (event.act, event.actor, event.kind, event.key) == (
            Act.SIGN_IN_FAILED, None, "accounts.user", str(analyst.pk),
        )  # fmt: skip

    def test_what_was_typed_for_no_account_is_not_kept(self, client: Client) -> None:
        try_to_sign_in(client, "my-password@example.org", "my-password")
        assert not AuditEvent.objects.exists()


def test_nothing_secret_is_in_the_trail(client: Client, settings: LazySettings) -> None:
    """Passwords, tokens, session keys, links: none is in an event or in a history, in whatever column."""
    settings.ALLOWED_HOSTS = ["testserver"]
    person = give_password(make_user("person", role="administrator"))
    try_to_sign_in(client, person.email, "not the right one")
    try_to_sign_in(client, person.email)
    _token, text = services.create_token(person, "dashboard", days=3, by=person)
    client.get("/proposals/?export=csv")
    Client().get("/api/v1/reports/", headers={"Authorization": f"Bearer {text}"})
    client.post(
        "/accounts/password/change/",
        {"oldpassword": GOOD_PASSWORD, "password1": "another long and quiet river", "password2": "another long and quiet river"},
    )  # fmt: skip
    person.refresh_from_db()
    secrets = {
        "a long and quiet river", "another long and quiet river", "not the right one", person.password, text, text[:8],
        person.auth_token_set.get().digest, *BrowserSession.objects.values_list("pk", flat=True),
    }  # fmt: skip
    assert AuditEvent.objects.count() >= 3
    assert len(secrets) >= 8
    rows = [
        *AuditEvent.objects.values(), *User.history.values(), *type(person).history.model.objects.values(),
        *person.auth_token_set.model.history.values(),
    ]  # fmt: skip
    written = json.dumps(rows, default=str)
    assert "dashboard" in written
    assert [secret for secret in secrets if secret in written] == []
