"""Viewing as someone: an administrator sees what another sees, changes nothing, learns no secrets, and it is on record."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from brics_tracker.accounts.models import Grant, User
from brics_tracker.accounts.viewing.services import begin_viewing
from brics_tracker.core.choices import Act
from brics_tracker.core.models import AuditEvent
from tests.architecture.routes import address_of, routes
from tests.factories.accounts import make_user
from tests.factories.core import make_theme
from tests.factories.tracking import make_evidence, make_item, make_proposal, make_update
from tests.tracking.views.helpers import pdf

pytestmark = pytest.mark.django_db
VIEW_AS = (Act.VIEW_AS_BEGUN, Act.VIEW_AS_ENDED)


@pytest.fixture
def person(db: None) -> User:
    return make_user("person", role="analyst", themes=[make_theme("EN")])


@pytest.fixture
def client(client: Client, administrator: User) -> Client:
    client.force_login(administrator)
    return client


@pytest.fixture
def viewing(client: Client, person: User) -> Client:
    """The administrator's browser while it views as the person."""
    assert client.post(f"/accounts/viewing/{person.pk}/")["Location"] == "/"
    return client


def on_record() -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(act__in=VIEW_AS).order_by("pk"))


class TestLooking:
    def test_one_sees_what_the_person_sees(self, client: Client, person: User, administrator: User) -> None:
        draft = make_proposal(title="Only its author and administrators", by=administrator, published=False)
        assert client.get(draft.get_absolute_url()).status_code == 200
        client.post(f"/accounts/viewing/{person.pk}/")
        assert client.get(draft.get_absolute_url()).status_code == 404
        assert client.get("/admin/").status_code == 403

    @pytest.mark.parametrize("path", ["/", "/proposals/", "/my-work/", "/reports/", "/api/docs/", "/proposals/EN-999/"])
    def test_every_page_says_so_and_offers_the_end(self, viewing: Client, person: User, path: str) -> None:
        text = viewing.get(path).content.decode()
        assert "You are viewing the register as" in text
        assert person.name in text
        assert f'action="{reverse("accounts:viewing-end")}"' in text

    def test_the_administration_of_another_administrator_says_so_too(self, client: Client) -> None:
        client.post(f"/accounts/viewing/{make_user('second', role='administrator').pk}/")
        assert "You are viewing the register as" in client.get("/admin/").content.decode()

    def test_one_click_ends_it(self, viewing: Client, person: User, administrator: User) -> None:
        answer = viewing.post("/accounts/viewing/end/")
        assert answer["Location"] == reverse("admin:accounts_user_change", args=[person.pk])
        page = viewing.get("/")
        assert page.context["user"] == administrator
        assert "You are viewing" not in page.content.decode()

    def test_it_runs_out_by_itself(self, viewing: Client, administrator: User) -> None:
        with time_machine.travel(timezone.now() + dt.timedelta(minutes=59)):
            assert viewing.get("/").context["user"] != administrator
        with time_machine.travel(timezone.now() + dt.timedelta(minutes=61)):
            assert viewing.get("/").context["user"] == administrator
            assert viewing.post("/accounts/viewing/end/")["Location"] == "/", "a banner left open leads home"

    def test_looking_at_the_question_begins_nothing(self, client: Client, person: User, administrator: User) -> None:
        assert client.get(f"/accounts/viewing/{person.pk}/").status_code == 200
        assert client.get("/").context["user"] == administrator
        assert on_record() == []


class TestNothingChanges:
    def test_whatever_is_no_looking_is_refused_in_words(self, viewing: Client) -> None:
        """Every address of the site."""
        out = {"accounts:viewing-end", "account_logout", "healthz", "readyz"}
        addresses = {address_of(route.name) for route in routes() if route.name and route.name not in out} - {""}
        assert len(addresses) > 100
        answers = {address: viewing.post(address).status_code for address in addresses}
        assert {address: status for address, status in answers.items() if status != 403} == {}

    @pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
    @pytest.mark.parametrize(
        "path", ["/proposals/new/", "/admin/accounts/grant/add/", "/api/v1/proposals/", "/i18n/setlang/"]
    )
    def test_by_any_method(self, viewing: Client, path: str, method: str) -> None:
        assert getattr(viewing, method)(path).status_code == 403

    def test_the_words_are_ours(self, viewing: Client) -> None:
        answer = viewing.post("/proposals/new/", {"title": "x"})
        assert "You are looking only" in answer.content.decode()
        answer = viewing.post("/api/v1/proposals/")
        assert answer["Content-Type"] == "application/problem+json"

    def test_nothing_is_put_on_record_in_the_persons_name(
        self, client: Client, person: User, administrator: User
    ) -> None:
        update = make_update(make_item(), by=person, state="draft")
        evidence = make_evidence(update.item, by=person, update=update, files=[pdf("minutes.pdf")])
        client.post(f"/accounts/viewing/{person.pk}/")
        client.get(reverse("tracking:evidence-file", args=[evidence.files.get().pk]))
        client.get("/proposals/?export=csv")
        fetched = AuditEvent.objects.filter(act__in=[Act.FILE_FETCHED, Act.EXPORT_MADE])
        assert {(event.actor, event.detail["viewed_as"]) for event in fetched} == {(administrator, person.email)}
        assert fetched.count() == 2


class TestSecrets:
    def test_every_page_below_the_account_is_shut(self, viewing: Client) -> None:
        names = [route.name for route in routes() if route.name.startswith(("accounts:", "account_", "mfa_"))]
        answers = {
            name: viewing.get(address).status_code
            for name in names
            if name != "account_logout" and (address := address_of(name))
        }
        assert len(answers) > 15
        assert {name: status for name, status in answers.items() if status not in {403, 405}} == {}

    def test_while_viewing_one_cannot_view_as_a_third(self, client: Client, person: User) -> None:
        client.post(f"/accounts/viewing/{make_user('second', role='administrator').pk}/")
        assert client.get(f"/accounts/viewing/{person.pk}/").status_code == 403
        assert client.post(f"/accounts/viewing/{person.pk}/").status_code == 403

    def test_signing_out_signs_the_administrator_out(self, viewing: Client) -> None:
        viewing.post("/accounts/logout/")
        assert viewing.get("/").status_code == 302
        assert [event.act for event in on_record()] == list(VIEW_AS)


class TestWhoMay:
    @pytest.mark.parametrize("role", ["reader", "analyst", "reviewer"])
    def test_nobody_but_an_administrator(self, role: str, person: User) -> None:
        other = make_user("other", role=role)
        browser = Client()
        browser.force_login(other)
        assert browser.post(f"/accounts/viewing/{person.pk}/").status_code == 403
        with pytest.raises(PermissionDenied):
            begin_viewing(person, by=other)

    def test_an_administrator_within_a_theme_does_not(self, person: User) -> None:
        with pytest.raises(PermissionDenied):
            begin_viewing(person, by=make_user("limited", role="administrator", themes=[make_theme("GR")]))

    @pytest.mark.parametrize("whom", ["oneself", "shut", "system"])
    def test_not_as_oneself_nor_as_somebody_who_cannot_sign_in(self, administrator: User, whom: str) -> None:
        other = make_user(whom)
        User.objects.filter(pk=other.pk).update(is_active=whom != "shut", is_system=whom == "system")
        other.refresh_from_db()
        with pytest.raises(ValidationError):
            begin_viewing(administrator if whom == "oneself" else other, by=administrator)
        assert on_record() == []

    def test_the_refusal_is_said_on_the_page(self, client: Client, administrator: User) -> None:
        answer = client.post(f"/accounts/viewing/{administrator.pk}/")
        assert answer.status_code == 422
        assert "This is yourself" in answer.content.decode()

    def test_whoever_loses_the_right_is_themself_at_the_next_request(
        self, viewing: Client, administrator: User
    ) -> None:
        make_user("second", role="administrator")
        Grant.objects.filter(user=administrator).delete()
        assert viewing.get("/").context["user"] == administrator

    def test_whoever_is_shut_meanwhile_is_viewed_no_longer(
        self, viewing: Client, person: User, administrator: User
    ) -> None:
        User.objects.filter(pk=person.pk).update(is_active=False)
        assert viewing.get("/").context["user"] == administrator


class TestOnRecord:
    def test_who_whom_and_from_when_until_when(self, viewing: Client, person: User, administrator: User) -> None:
        viewing.post("/accounts/viewing/end/")
        begun, ended = on_record()
        for event in (begun, ended):
            assert (event.actor, event.kind, event.key) == (administrator, "accounts.user", str(person.pk))
        assert begun.at <= ended.at
        assert dt.datetime.fromisoformat(begun.detail["until"]) - begun.at <= dt.timedelta(hours=1, seconds=5)

    def test_the_log_names_both(self, viewing: Client, administrator: User, monkeypatch: pytest.MonkeyPatch) -> None:
        bound: dict[str, Any] = {}
        monkeypatch.setattr("structlog.contextvars.bind_contextvars", lambda **words: bound.update(words))
        viewing.get("/")
        assert bound["viewed_by"] == administrator.pk
