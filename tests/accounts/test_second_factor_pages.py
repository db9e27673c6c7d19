"""Setting up, removing and resetting a second factor: by its owner, freshly signed in, on record; nobody locks themself out."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from brics_tracker.accounts.models import User
from brics_tracker.accounts.second_factor import services
from tests.accounts.conftest import GOOD_PASSWORD, Committing, give_password, is_signed_in, try_to_sign_in
from tests.factories.accounts import make_user
from tests.factories.second_factor import (
    SoftKey,
    code_of,
    make_app,
    make_passkey,
    recovery_codes_of,
    sign_in_fresh,
)

pytestmark = pytest.mark.django_db
APP = "/accounts/second-factor/app/"
PASSKEY = "/accounts/second-factor/passkey/"
CODES = "/accounts/second-factor/codes/"
CHANGES = [APP, PASSKEY, CODES]


@pytest.fixture
def person(db: None) -> User:
    return give_password(make_user("person", role="analyst"))


@pytest.fixture
def fresh(client: Client, person: User) -> Client:
    return sign_in_fresh(client, person)


def set_up_app(client: Client) -> Any:
    client.get(APP)
    return client.post(APP, {"code": code_of(client.session["mfa.totp.secret"])})


def removal(kind: str = "totp") -> str:
    return f"/accounts/second-factor/{Authenticator.objects.get(type=kind).pk}/remove/"


class TestAnApp:
    def test_it_is_tied_by_the_code_that_it_shows(self, fresh: Client, person: User, committing: Committing) -> None:
        page = fresh.get(APP)
        secret = page.context["letters"].replace(" ", "")
        assert f"secret={secret}" in page.context["address"]
        with committing():
            answer = fresh.post(APP, {"code": code_of(secret)})
        assert answer.status_code == 201
        assert len(answer.context["codes"]) == 10
        assert "second factor was added" in mail.outbox[-1].subject
        entry = person.history.first()
        assert (entry.history_user, entry.history_change_reason) == (person, "second factor added: totp")

    def test_the_codes_are_shown_once(self, fresh: Client, person: User) -> None:
        shown = set_up_app(fresh).context["codes"]
        for path in ("/accounts/second-factor/", "/accounts/", CODES):
            assert not any(code in fresh.get(path).content.decode() for code in shown)
        assert [code.replace(" ", "") for code in shown] == recovery_codes_of(person)

    def test_a_wrong_code_ties_nothing_and_the_picture_stays(self, fresh: Client, person: User) -> None:
        before = fresh.get(APP).context["letters"]
        answer = fresh.post(APP, {"code": "000000"})
        assert answer.status_code == 422
        assert "code" in answer.context["form"].errors
        assert answer.context["letters"] == before
        assert not Authenticator.objects.exists()

    def test_sending_it_twice_ties_one(self, fresh: Client) -> None:
        fresh.get(APP)
        code = code_of(fresh.session["mfa.totp.secret"])
        answers = [fresh.post(APP, {"code": code}).status_code for _time in range(2)]
        assert answers == [201, 422]
        assert Authenticator.objects.filter(type="totp").count() == 1

    def test_the_code_that_tied_it_signs_nobody_in(self, fresh: Client, person: User) -> None:
        with time_machine.travel(timezone.now(), tick=False):
            fresh.get(APP)
            code = code_of(fresh.session["mfa.totp.secret"])
            fresh.post(APP, {"code": code})
            elsewhere = Client()
            try_to_sign_in(elsewhere, person.email)
            elsewhere.post("/accounts/login/second-step/", {"code": code})
        assert not is_signed_in(elsewhere)

    def test_sessions_that_never_passed_it_end(self, fresh: Client, person: User) -> None:
        elsewhere = Client()
        elsewhere.force_login(person)
        set_up_app(fresh)
        assert fresh.get("/accounts/").status_code == 200
        assert elsewhere.get("/accounts/").status_code == 302

    def test_one_goes_on_to_where_one_was_led_from(self, fresh: Client) -> None:
        fresh.get(f"{APP}?next=/proposals/")
        code = code_of(fresh.session["mfa.totp.secret"])
        answer = fresh.post(APP, {"code": code, "next": "/proposals/"})
        assert 'href="/proposals/"' in answer.content.decode()

    def test_but_never_off_the_site(self, fresh: Client) -> None:
        fresh.get(APP)
        code = code_of(fresh.session["mfa.totp.secret"])
        answer = fresh.post(APP, {"code": code, "next": "https://evil.example/"})
        assert "evil.example" not in answer.content.decode()


class TestAPasskey:
    def make(self, client: Client, passkey: SoftKey | None = None, **data: Any) -> Any:
        options = json.loads(client.get(PASSKEY).context["options"])
        made = (passkey or SoftKey()).make(options, **data)
        return client.post(PASSKEY, {"name": "office laptop", "credential": json.dumps(made)})

    def test_it_is_kept_under_its_name(self, fresh: Client) -> None:
        assert self.make(fresh).status_code == 201
        assert "office laptop" in fresh.get("/accounts/second-factor/").content.decode()

    def test_a_second_one_goes_beside_it(self, fresh: Client, person: User) -> None:
        self.make(fresh)
        assert self.make(fresh).status_code == 302, "there are recovery codes already"
        assert Authenticator.objects.filter(user=person, type="webauthn").count() == 2

    @pytest.mark.parametrize(
        "wrong", [SoftKey(origin="https://tracker.evil.example"), SoftKey(host="evil.example")], ids=["origin", "host"]
    )
    def test_one_made_for_another_site_is_refused(self, fresh: Client, wrong: SoftKey) -> None:
        assert self.make(fresh, wrong).status_code == 422
        assert not Authenticator.objects.exists()

    def test_one_that_was_not_unlocked_is_refused(self, fresh: Client) -> None:
        assert self.make(fresh, verified=False).status_code == 422

    def test_one_made_for_an_earlier_question_is_refused(self, fresh: Client) -> None:
        options = json.loads(fresh.get(PASSKEY).context["options"])
        fresh.get(PASSKEY)
        answer = fresh.post(PASSKEY, {"name": "x", "credential": json.dumps(SoftKey().make(options))})
        assert answer.status_code == 422

    @pytest.mark.parametrize("said", ["", "{}", "[]", "nonsense", "[" * 5000, '{"id": "\\u0000", "rawId": "\\u0000"}'])
    def test_what_is_none_is_refused_in_words_and_the_name_is_kept(self, fresh: Client, said: str) -> None:
        fresh.get(PASSKEY)
        answer = fresh.post(PASSKEY, {"name": "my telephone", "credential": said})
        assert answer.status_code == 422
        text = answer.content.decode()
        assert "not recognised" in text
        assert "my telephone" in text

    def test_nothing_is_kept_but_what_was_verified(self, fresh: Client) -> None:
        options = json.loads(fresh.get(PASSKEY).context["options"])
        made = SoftKey().make(options) | {"extra": "\x00" * 10, "clientExtensionResults": {"x": "\x00"}}
        assert fresh.post(PASSKEY, {"name": "x", "credential": json.dumps(made)}).status_code == 201
        kept = Authenticator.objects.get(type="webauthn").data["credential"]
        assert "extra" not in kept
        assert kept["clientExtensionResults"] == {}


class TestFreshness:
    @pytest.mark.parametrize("path", CHANGES)
    def test_a_session_left_open_changes_nothing(self, client: Client, person: User, path: str) -> None:
        client.force_login(person)
        for answer in (client.get(path), client.post(path, {})):
            assert answer.status_code == 302
            assert answer["Location"].startswith("/accounts/confirm/?next=")

    def test_after_five_minutes_one_is_asked_again(self, fresh: Client) -> None:
        with time_machine.travel(timezone.now() + dt.timedelta(minutes=4)):
            assert fresh.get(APP).status_code == 200
        with time_machine.travel(timezone.now() + dt.timedelta(minutes=6)):
            assert fresh.get(APP).status_code == 302

    def test_the_password_confirms_and_leads_back(self, client: Client, person: User) -> None:
        client.force_login(person)
        confirm = client.get(APP)["Location"]
        assert client.get(confirm).status_code == 200
        wrong = client.post("/accounts/confirm/", {"password": "not it", "next": APP})
        assert wrong.status_code == 200
        assert client.get(APP).status_code == 302
        assert client.post("/accounts/confirm/", {"password": GOOD_PASSWORD, "next": APP})["Location"] == APP
        assert client.get(APP).status_code == 200

    def test_so_does_a_code_once(self, client: Client, person: User) -> None:
        secret = make_app(person)
        code = code_of(secret)
        client.force_login(person)
        assert client.post("/accounts/confirm/code/", {"code": code, "next": CODES})["Location"] == CODES
        assert client.get(CODES).status_code == 200
        other = Client()
        other.force_login(person)
        other.post("/accounts/confirm/code/", {"code": code, "next": CODES})
        assert other.get(CODES).status_code == 302

    def test_and_a_passkey(self, client: Client, person: User) -> None:
        passkey = make_passkey(person)
        client.force_login(person)
        options = json.loads(client.get("/accounts/confirm/passkey/").context["options"])
        credential = json.dumps(passkey.use(options))
        refused = client.post("/accounts/confirm/passkey/", {"credential": "{}", "next": CODES})
        assert "not recognised" in refused.content.decode()
        options = json.loads(refused.context["options"])
        credential = json.dumps(passkey.use(options))
        client.post("/accounts/confirm/passkey/", {"credential": credential, "next": CODES})
        assert client.get(CODES).status_code == 200

    def test_guessing_the_password_there_is_throttled(self, client: Client, person: User) -> None:
        client.force_login(person)
        for _guess in range(11):
            answer = client.post("/accounts/confirm/", {"password": "a wrong guess", "next": APP})
        assert answer.status_code == 429 or "Too many" in answer.content.decode()
        client.post("/accounts/confirm/", {"password": GOOD_PASSWORD, "next": APP})
        assert client.get(APP).status_code == 302

    def test_someone_without_password_and_factor_signs_in_again(self, client: Client) -> None:
        client.force_login(make_user("institution-only"))
        answer = client.get(APP)
        assert answer.status_code == 403
        assert "Sign in again" in answer.content.decode()


class TestRemoving:
    def test_the_last_one_takes_the_recovery_codes_with_it(
        self, fresh: Client, person: User, committing: Committing
    ) -> None:
        make_app(person)
        assert fresh.get(removal()).status_code == 200
        assert Authenticator.objects.count() == 2, "looking removes nothing"
        with committing():
            fresh.post(removal())
        assert not Authenticator.objects.exists()
        assert "was removed" in mail.outbox[-1].subject
        assert person.history.first().history_change_reason == "second factor removed: totp"

    def test_one_of_two_leaves_them(self, fresh: Client, person: User) -> None:
        make_app(person)
        make_passkey(person)
        fresh.post(removal())
        assert {factor.type for factor in Authenticator.objects.all()} == {"webauthn", "recovery_codes"}

    def test_nobody_removes_another_persons(self, fresh: Client) -> None:
        make_app(make_user("other"))
        assert fresh.get(removal()).status_code == 404
        assert fresh.post(removal()).status_code == 404
        assert Authenticator.objects.filter(type="totp").exists()

    def test_recovery_codes_are_no_factor_of_their_own(self, fresh: Client, person: User) -> None:
        make_app(person)
        assert fresh.post(removal("recovery_codes")).status_code == 404

    def test_whoever_must_have_one_keeps_the_last(self, person: User, settings: Any) -> None:
        reviewer = make_user("reviewer", role="reviewer")
        make_app(reviewer)
        make_passkey(reviewer)
        settings.REQUIRE_SECOND_FACTOR = "staff"
        services.remove_factor(Authenticator.objects.get(type="totp"), by=reviewer)
        with pytest.raises(ValidationError, match="Set up another one first"):
            services.remove_factor(Authenticator.objects.get(type="webauthn"), by=reviewer)

    def test_the_same_one_twice_is_refused(self, person: User) -> None:
        make_app(person)
        factor = Authenticator.objects.get(type="totp")
        services.remove_factor(factor, by=person)
        with pytest.raises(ValidationError, match="already"):
            services.remove_factor(Authenticator(pk=factor.pk or 1, user=person, type="totp"), by=person)


class TestRecoveryCodes:
    def test_new_ones_void_the_old(self, fresh: Client, person: User) -> None:
        make_app(person)
        old = recovery_codes_of(person)
        assert fresh.get(CODES).status_code == 200
        assert recovery_codes_of(person) == old, "looking makes nothing"
        answer = fresh.post(CODES)
        assert answer.status_code == 201
        assert "no-store" in answer["Cache-Control"]
        assert not set(old) & set(recovery_codes_of(person))

    def test_they_need_something_to_stand_in_for(self, fresh: Client) -> None:
        assert fresh.post(CODES).status_code == 422
        assert not Authenticator.objects.exists()


class TestReset:
    def test_an_administrator_resets_it_on_record(
        self, client: Client, person: User, administrator: User, committing: Committing
    ) -> None:
        make_app(person)
        theirs = Client()
        theirs.force_login(person)
        client.force_login(administrator)
        with committing():
            client.post(
                "/admin/accounts/user/", {"action": "reset_factor", "_selected_action": [person.pk], "index": 0}
            )
        assert not Authenticator.objects.exists()
        assert theirs.get("/accounts/").status_code == 302
        entry = person.history.first()
        assert (entry.history_user, entry.history_change_reason) == (administrator, "second factor reset")
        assert "reset your second factor" in mail.outbox[-1].subject
        assert mail.outbox[-1].to == [person.email]

    def test_afterwards_the_password_alone_lets_in(self, client: Client, person: User, administrator: User) -> None:
        make_app(person)
        services.reset_second_factor(person, by=administrator)
        try_to_sign_in(client, person.email)
        assert is_signed_in(client)

    def test_nobody_resets_their_own(self, administrator: User) -> None:
        make_app(administrator)
        with pytest.raises(ValidationError, match="account page"):
            services.reset_second_factor(administrator, by=administrator)

    def test_the_operator_resets_it_from_the_machine(self, person: User, capsys: pytest.CaptureFixture[str]) -> None:
        make_app(person)
        call_command("reset_second_factor", person.email.upper())
        assert not Authenticator.objects.exists()
        entry = person.history.first()
        assert (entry.history_user, entry.history_change_reason) == (None, "second factor reset")

    @pytest.mark.parametrize("address", ["nobody@example.org", "person@example.org"])
    def test_there_must_be_something_to_reset(self, person: User, address: str) -> None:
        with pytest.raises(CommandError):
            call_command("reset_second_factor", address)
