"""Signing in with a second factor: nothing opens before it, a code opens once, and guessing gets nobody in."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from brics_tracker.accounts import services
from brics_tracker.accounts.models import User
from brics_tracker.accounts.second_factor.codes import use_code
from tests.accounts.conftest import (
    GOOD_PASSWORD,
    Committing,
    give_password,
    is_signed_in,
    link_in_last_mail,
    set_password,
    try_to_sign_in,
)
from tests.factories.accounts import make_user
from tests.factories.second_factor import SoftKey, code_of, make_app, make_passkey, recovery_codes_of

pytestmark = pytest.mark.django_db
STEP = "/accounts/login/second-step/"
NOW = dt.datetime(2026, 5, 4, 9, 0, 5, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """Codes change every 30 seconds; here only when a test says so."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def person(db: None) -> User:
    return give_password(make_user("person", role="administrator"))


@pytest.fixture
def secret(person: User) -> str:
    return make_app(person)


def give(client: Client, code: str) -> Any:
    return client.post(STEP, {"code": code})


def question(client: Client, address: str = STEP) -> dict[str, Any]:
    """What the page asks the browser's passkey."""
    found: dict[str, Any] = json.loads(client.get(address).context["options"])
    return found


class TestBeforeTheSecondStep:
    def test_the_password_alone_leads_to_it(self, client: Client, person: User, secret: str) -> None:
        assert try_to_sign_in(client, person.email)["Location"] == STEP
        assert client.get(STEP).status_code == 200
        assert not is_signed_in(client)

    @pytest.mark.parametrize(
        "path", ["/", "/proposals/", "/admin/", "/api/docs/", "/accounts/", "/accounts/tokens/new/",
                 "/accounts/second-factor/", "/accounts/second-factor/app/", "/accounts/sessions/"],
    )  # fmt: skip
    def test_no_page_opens(self, client: Client, person: User, secret: str, path: str) -> None:
        try_to_sign_in(client, person.email)
        answer = client.get(path)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/accounts/login/")

    def test_the_api_and_the_administrations_own_door_stay_shut(
        self, client: Client, person: User, secret: str
    ) -> None:
        try_to_sign_in(client, person.email)
        assert client.get("/api/v1/proposals/").status_code == 401
        assert client.get("/admin/login/")["Location"].startswith("/accounts/login/")
        client.post("/admin/login/", {"username": person.email, "password": GOOD_PASSWORD})
        assert not is_signed_in(client)

    def test_no_token_can_be_made(self, client: Client, person: User, secret: str) -> None:
        try_to_sign_in(client, person.email)
        client.post("/accounts/tokens/new/", {"name": "side door", "days": 3})
        assert not person.auth_token_set.exists()

    def test_a_new_password_by_mail_does_not_spare_it(
        self, client: Client, person: User, secret: str, committing: Committing
    ) -> None:
        with committing():
            client.post("/accounts/password/reset/", {"email": person.email})
        set_password(client, link_in_last_mail(), "quite another password")
        assert not is_signed_in(client)
        assert try_to_sign_in(client, person.email, "quite another password")["Location"] == STEP

    def test_one_may_turn_back_and_sign_in_as_someone_else(self, client: Client, person: User, secret: str) -> None:
        try_to_sign_in(client, person.email)
        assert client.post("/accounts/logout/", {"next": "/accounts/login/"})["Location"] == "/accounts/login/"
        assert client.get("/accounts/login/").status_code == 200

    def test_a_quarter_of_an_hour_later_the_password_is_asked_again(
        self, client: Client, person: User, secret: str, clock: time_machine.Traveller
    ) -> None:
        try_to_sign_in(client, person.email)
        clock.shift(dt.timedelta(minutes=16))
        give(client, code_of(secret))
        assert not is_signed_in(client)


class TestCodes:
    def test_the_apps_code_lets_in_and_leads_where_one_wanted_to_go(
        self, client: Client, person: User, secret: str
    ) -> None:
        try_to_sign_in(client, person.email, next="/accounts/sessions/")
        answer = give(client, code_of(secret))
        assert answer["Location"] == "/accounts/sessions/"
        assert is_signed_in(client)

    def test_the_session_gets_a_new_key_at_the_second_step(self, client: Client, person: User, secret: str) -> None:
        try_to_sign_in(client, person.email)
        before = client.session.session_key
        give(client, code_of(secret))
        assert client.session.session_key != before

    def test_a_session_key_that_somebody_planted_is_not_the_one_that_is_signed_in(
        self, client: Client, person: User, secret: str
    ) -> None:
        thief = Client()
        thief.get("/accounts/login/")
        try_to_sign_in(thief, "nobody@example.org", "whatever it is")
        planted = thief.session.session_key or "p" * 32
        client.cookies["sessionid"] = planted
        try_to_sign_in(client, person.email)
        give(client, code_of(secret))
        assert is_signed_in(client)
        thief.cookies["sessionid"] = planted
        assert thief.get("/accounts/").status_code == 302

    def test_a_code_lets_in_once(self, client: Client, person: User, secret: str) -> None:
        code = code_of(secret)
        try_to_sign_in(client, person.email)
        give(client, code)
        again = Client()
        try_to_sign_in(again, person.email)
        assert "used already" in give(again, code).content.decode()
        assert not is_signed_in(again)

    def test_an_earlier_code_is_dead_once_a_later_one_was_used(self, person: User, secret: str) -> None:
        earlier, later = code_of(secret, -1), code_of(secret)
        assert use_code(person, later)
        assert use_code(person, earlier) is None

    @pytest.mark.parametrize(("steps", "holds"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
    def test_clocks_may_differ_by_half_a_minute(self, person: User, secret: str, steps: int, holds: bool) -> None:
        assert bool(use_code(person, code_of(secret, steps))) is holds

    def test_another_persons_code_opens_nothing(self, client: Client, person: User, secret: str) -> None:
        other = make_user("other")
        others_secret = make_app(other)
        try_to_sign_in(client, person.email)
        for code in (code_of(others_secret), recovery_codes_of(other)[0]):
            give(client, code)
            assert not is_signed_in(client)
        assert use_code(other, code_of(others_secret)), "and it was not spent"

    def test_a_recovery_code_lets_in_once_and_its_owner_is_told(
        self, client: Client, person: User, secret: str, committing: Committing
    ) -> None:
        code = recovery_codes_of(person)[3]
        try_to_sign_in(client, person.email)
        with committing():
            give(client, f"{code[:4]} {code[4:]}")
        assert is_signed_in(client)
        assert "recovery code" in mail.outbox[-1].subject
        again = Client()
        try_to_sign_in(again, person.email)
        give(again, code)
        assert not is_signed_in(again)
        assert len(recovery_codes_of(person)) == 9

    def test_a_person_shut_between_the_steps_gets_no_further(self, client: Client, person: User, secret: str) -> None:
        boss = make_user("boss", role="administrator")
        try_to_sign_in(client, person.email)
        services.deactivate_user(person, by=boss)
        give(client, code_of(secret))
        assert not is_signed_in(client)

    def test_the_secrets_do_not_stand_in_the_database(self, person: User, secret: str) -> None:
        kept = json.dumps(list(Authenticator.objects.values_list("data", flat=True)))
        assert secret not in kept
        assert not any(code in kept for code in recovery_codes_of(person))

    def test_with_another_key_of_the_installation_nothing_opens_and_the_page_says_why(
        self, client: Client, person: User, secret: str, settings: Any
    ) -> None:
        code = code_of(secret)
        settings.SECRET_KEY = "another key since the backup was restored"
        try_to_sign_in(client, person.email)
        answer = give(client, code)
        assert "key was changed" in answer.content.decode()
        assert not is_signed_in(client)

    @given(code=st.text(max_size=40))
    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_nothing_else_that_can_be_typed_opens_or_breaks_it(self, person: User, code: str) -> None:
        if not Authenticator.objects.filter(user=person).exists():
            make_app(person)
        assert use_code(person, code) is None


class TestGuessing:
    def test_after_five_wrong_codes_the_right_one_fails_too(self, client: Client, person: User, secret: str) -> None:
        try_to_sign_in(client, person.email)
        for _guess in range(5):
            give(client, "000000")
        assert "Too many" in give(client, code_of(secret)).content.decode()
        assert not is_signed_in(client)

    def test_a_new_browser_and_another_address_do_not_help(self, client: Client, person: User, secret: str) -> None:
        for place in range(6):
            browser = Client(REMOTE_ADDR=f"10.0.0.{place}")
            try_to_sign_in(browser, person.email)
            give(browser, "000000")
        try_to_sign_in(client, person.email)
        assert "Too many" in give(client, code_of(secret)).content.decode()

    def test_whoever_is_patient_has_twenty_guesses_a_day(
        self, person: User, secret: str, clock: time_machine.Traveller
    ) -> None:
        taken = 0
        for _try in range(30):
            clock.shift(dt.timedelta(minutes=6))
            browser = Client()
            try_to_sign_in(browser, person.email)
            taken += "wrong or was used" in give(browser, "000000").content.decode()
        assert taken == 20

    def test_the_person_is_told_once_a_day_that_somebody_has_the_password(
        self, client: Client, person: User, secret: str, committing: Committing
    ) -> None:
        try_to_sign_in(client, person.email)
        for _guess in range(8):
            with committing():
                give(client, "000000")
        assert [sent.subject for sent in mail.outbox if "wrong codes" in sent.subject] == [
            "Someone with your password gave wrong codes at BRICS Tracker"
        ]

    def test_slips_before_the_right_code_are_forgotten(
        self, person: User, secret: str, clock: time_machine.Traveller
    ) -> None:
        for _day in range(10):
            browser = Client()
            try_to_sign_in(browser, person.email)
            for _slip in range(4):
                give(browser, "000000")
            give(browser, code_of(secret))
            assert is_signed_in(browser)
            clock.shift(dt.timedelta(minutes=1))

    def test_nobody_else_is_slowed_down(self, client: Client, person: User, secret: str) -> None:
        other = give_password(make_user("other"))
        others = make_app(other)
        try_to_sign_in(client, person.email)
        for _guess in range(6):
            give(client, "000000")
        browser = Client(REMOTE_ADDR="10.0.0.9")
        try_to_sign_in(browser, other.email)
        give(browser, code_of(others))
        assert is_signed_in(browser)

    def test_where_guesses_cannot_be_counted_nobody_gets_in(
        self, client: Client, person: User, secret: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from redis.exceptions import ConnectionError as RedisIsAway

        def away(*args: object, **kwargs: object) -> None:
            raise RedisIsAway

        try_to_sign_in(client, person.email)
        monkeypatch.setattr("allauth.core.internal.ratelimit.cache.add", away)
        answer = give(client, code_of(secret))
        assert answer.status_code == 503
        assert not is_signed_in(client)


class TestPasskeys:
    @pytest.fixture
    def passkey(self, person: User) -> SoftKey:
        return make_passkey(person)

    def alone(self, client: Client, passkey: SoftKey, user: User, **answer: Any) -> Any:
        options = client.get("/accounts/login/passkey/", headers={"Accept": "application/json"}).json()
        said = passkey.use(options, user=user, **answer)
        return client.post("/accounts/login/passkey/", {"credential": json.dumps(said)})

    def test_it_is_the_second_step(self, client: Client, person: User, passkey: SoftKey) -> None:
        try_to_sign_in(client, person.email)
        client.post(STEP, {"credential": json.dumps(passkey.use(question(client)))})
        assert is_signed_in(client)

    def test_it_lets_in_by_itself(self, client: Client, person: User, passkey: SoftKey) -> None:
        self.alone(client, passkey, person)
        assert is_signed_in(client)

    def test_by_itself_only_unlocked(self, client: Client, person: User, passkey: SoftKey) -> None:
        self.alone(client, passkey, person, verified=False)
        assert not is_signed_in(client)

    def test_another_persons_passkey_is_not_mine(self, client: Client, person: User, passkey: SoftKey) -> None:
        theirs = make_passkey(make_user("other"))
        self.alone(client, theirs, person)
        try_to_sign_in(client, person.email)
        client.post(STEP, {"credential": json.dumps(theirs.use(question(client)))})
        assert not is_signed_in(client)

    def test_an_answer_holds_for_one_question(self, client: Client, person: User, passkey: SoftKey) -> None:
        try_to_sign_in(client, person.email)
        said = passkey.use(question(client))
        client.post(STEP, {"credential": json.dumps(said)})
        again = Client()
        try_to_sign_in(again, person.email)
        again.get(STEP)
        assert "not recognised" in again.post(STEP, {"credential": json.dumps(said)}).content.decode()
        assert not is_signed_in(again)

    def test_an_answer_given_to_another_site_is_refused(self, client: Client, person: User, passkey: SoftKey) -> None:
        passkey.origin = "https://tracker.evil.example"
        self.alone(client, passkey, person)
        assert not is_signed_in(client)

    @pytest.mark.parametrize("shut", [{"is_active": False}, {"is_system": True}])
    def test_it_opens_no_account_that_is_shut(
        self, client: Client, person: User, passkey: SoftKey, shut: dict[str, bool]
    ) -> None:
        User.objects.filter(pk=person.pk).update(**shut)
        self.alone(client, passkey, person)
        assert not is_signed_in(client)

    def test_whoever_has_only_a_passkey_is_asked_for_it_after_the_password(
        self, client: Client, person: User, passkey: SoftKey
    ) -> None:
        assert try_to_sign_in(client, person.email)["Location"] == STEP

    @pytest.mark.parametrize(
        "said",
        ["", "null", "[]", "1", '"x"', "{}", "{", "[" * 5000, '{"id": 1}', '{"id": "a", "rawId": "a", "response": {}}',
         '{"id":"AA","rawId":"AA","type":"public-key","response":{"clientDataJSON":"AA","authenticatorData":"AA","signature":"AA","userHandle":"/w"}}',
         '{"id":"AA","rawId":"AA","type":"public-key","response":{"clientDataJSON":"e30","authenticatorData":"AA","signature":"","userHandle":null}}',
         '{"id":"AA","rawId":"AA","response":{"userHandle":"\\u0000"}}', '{"rawId": null}', "x" * 30000],
    )  # fmt: skip
    @pytest.mark.parametrize("address", [STEP, "/accounts/login/passkey/"])
    def test_what_is_no_passkey_is_refused_in_words(
        self, client: Client, person: User, passkey: SoftKey, address: str, said: str
    ) -> None:
        if address == STEP:
            try_to_sign_in(client, person.email)
            client.get(STEP)
        else:
            client.get(address, headers={"Accept": "application/json"})
        answer = client.post(address, {"credential": said}, follow=True)
        assert answer.status_code == 200
        assert "not recognised" in answer.content.decode()
        assert not is_signed_in(client)


def test_last_used_is_noted(client: Client, person: User, secret: str) -> None:
    try_to_sign_in(client, person.email)
    give(client, code_of(secret))
    assert Authenticator.objects.get(user=person, type="totp").last_used_at == timezone.now()
