"""Signing in through an institution: known people only, under an address it has verified, and no forged answer."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from allauth.socialaccount.models import SocialAccount, SocialApp
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings as site
from django.core.exceptions import ValidationError
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from brics_tracker.accounts.institution.services import admit, untie
from brics_tracker.accounts.models import User
from tests.accounts.conftest import GOOD_PASSWORD, give_password, is_signed_in, try_to_sign_in
from tests.accounts.institution_server import CLIENT, SECRET, Institution, running_institution
from tests.factories.accounts import make_user
from tests.factories.second_factor import code_of, make_app

pytestmark = pytest.mark.django_db
SIGN_IN = "/accounts/institution/"


@pytest.fixture(scope="module")
def server() -> Iterator[Institution]:
    with running_institution() as found:
        yield found


@pytest.fixture
def institution(server: Institution, settings: Any) -> Institution:
    """The service as new, and the site told of it."""
    server.__init__(server.address)  # type: ignore[misc]
    use_institution(settings, server.address)
    return server


def use_institution(settings: Any, address: str) -> None:
    app = {
        "provider_id": "institution", "name": "Ministry", "client_id": CLIENT, "secret": SECRET,
        "settings": {"issuer": address, "server_url": address},
    }  # fmt: skip
    kind = {**site.SOCIALACCOUNT_PROVIDERS["openid_connect"], "APPS": [app]}
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": kind}
    settings.OIDC_ISSUER, settings.OIDC_LABEL = address, "Ministry"


@pytest.fixture
def person(db: None) -> User:
    return give_password(make_user("person"))


def go(client: Client, **data: str) -> str:
    """To the institution and back; the address at which the browser comes back."""
    there = client.post(SIGN_IN, data).context["address"]
    back = requests.get(there, allow_redirects=False, timeout=5).headers["Location"]
    assert back.startswith(f"{site.SITE_URL}/accounts/institution/callback/")
    return back.removeprefix(site.SITE_URL)


def sign_in(client: Client, **data: str) -> Any:
    return client.get(go(client, **data))


def why(client: Client) -> str:
    """What the sign-in page says after one was sent back to it."""
    return " ".join(str(message) for message in client.get("/accounts/login/").context["messages"])


class TestWhoMayEnter:
    def test_someone_known_enters_and_is_led_on(self, client: Client, institution: Institution, person: User) -> None:
        answer = sign_in(client, next="/accounts/sessions/")
        assert answer["Location"] == "/accounts/sessions/"
        assert client.session["_auth_user_id"] == str(person.pk)

    def test_so_does_someone_invited_who_set_no_password(self, client: Client, institution: Institution) -> None:
        make_user("person")
        sign_in(client)
        assert is_signed_in(client)

    def test_the_sign_in_page_offers_it(self, client: Client, institution: Institution) -> None:
        assert "Sign in with Ministry" in client.get("/accounts/login/").content.decode()

    def test_the_password_goes_on_working(self, client: Client, institution: Institution, person: User) -> None:
        sign_in(client)
        person.refresh_from_db()
        assert person.check_password(GOOD_PASSWORD)
        assert person.history.first().history_change_reason == "tied to the institution's account"

    def test_capitals_in_the_address_do_not_matter(
        self, client: Client, institution: Institution, person: User
    ) -> None:
        institution.claims["email"] = "Person@Example.ORG"
        sign_in(client)
        assert is_signed_in(client)

    @pytest.mark.parametrize(
        "claims",
        [{"email": "stranger@example.org"}, {"email_verified": False}, {"email_verified": "true"}, {"email_verified": None},
         {"email_verified": 1}, {"email": None}, {"email": ""}, {"email": ["person@example.org"]}, {"email": "person@example.org\x00"}],
    )  # fmt: skip
    def test_nobody_else_does_and_nobody_is_made(
        self, client: Client, institution: Institution, person: User, claims: dict[str, Any]
    ) -> None:
        institution.claims |= claims
        assert sign_in(client)["Location"] == "/accounts/login/"
        assert "nobody was invited" in why(client)
        assert not is_signed_in(client)
        assert User.objects.count() == 1
        assert not SocialAccount.objects.exists()

    @pytest.mark.parametrize("shut", [{"is_active": False}, {"is_system": True}])
    def test_a_shut_account_is_answered_like_an_unknown_one(
        self, client: Client, institution: Institution, person: User, shut: dict[str, bool]
    ) -> None:
        User.objects.filter(pk=person.pk).update(**shut)
        sign_in(client)
        assert "nobody was invited" in why(client)

    def test_the_address_may_come_from_userinfo(self, client: Client, institution: Institution, person: User) -> None:
        institution.claims = {"sub": "p-1"}
        institution.about = {"sub": "p-1", "email": person.email, "email_verified": True}
        sign_in(client)
        assert is_signed_in(client)

    def test_but_not_from_somebody_elses(self, client: Client, institution: Institution, person: User) -> None:
        institution.claims = {"sub": "p-1"}
        institution.about = {"sub": "p-2", "email": person.email, "email_verified": True}
        sign_in(client)
        assert not is_signed_in(client)

    def test_the_second_factor_is_asked_for_all_the_same(
        self, client: Client, institution: Institution, person: User
    ) -> None:
        secret = make_app(person)
        assert sign_in(client, next="/accounts/")["Location"] == "/accounts/login/second-step/"
        assert client.get("/accounts/").status_code == 302
        answer = client.post("/accounts/login/second-step/", {"code": code_of(secret)})
        assert answer["Location"] == "/accounts/"
        assert is_signed_in(client)

    def test_one_who_must_have_one_is_led_to_set_it_up(
        self, client: Client, institution: Institution, settings: Any
    ) -> None:
        settings.REQUIRE_SECOND_FACTOR = "staff"
        make_user("person", role="reviewer")
        sign_in(client)
        assert client.get("/")["Location"].startswith("/accounts/second-factor/")
        assert client.get("/accounts/second-factor/app/").status_code == 200, "coming through the institution is fresh"


class TestOneIdentityEach:
    def test_an_address_given_to_a_successor_opens_nothing(
        self, client: Client, institution: Institution, person: User
    ) -> None:
        sign_in(client)
        institution.claims["sub"] = "p-2"
        successor = Client()
        sign_in(successor)
        assert not is_signed_in(successor)

    def test_an_identity_whose_address_became_another_persons_opens_neither(
        self, client: Client, institution: Institution, person: User
    ) -> None:
        make_user("other")
        sign_in(client)
        institution.claims["email"] = "other@example.org"
        again = Client()
        sign_in(again)
        assert not is_signed_in(again)

    def test_an_administrator_unties_it_on_record(
        self, client: Client, institution: Institution, person: User, administrator: User
    ) -> None:
        sign_in(client)
        untie(person, by=administrator)
        assert person.history.first().history_user == administrator
        institution.claims["sub"] = "p-2"
        sign_in(client)
        assert is_signed_in(client)
        with pytest.raises(ValidationError, match="not tied"):
            untie(administrator, by=administrator)

    def test_nothing_of_what_the_institution_says_is_kept(
        self, client: Client, institution: Institution, person: User
    ) -> None:
        institution.claims |= {"phone_number": "+55 123", "picture": "https://example.org/me.png"}
        for _time in range(2):
            sign_in(client)
        assert SocialAccount.objects.get().extra_data == {}

    @given(
        subject=st.sampled_from(["p-1", "p-2", "p-3"]),
        address=st.sampled_from(["person@example.org", "other@example.org", "stranger@example.org", ""]),
        is_verified=st.booleans(),
    )
    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_whoever_is_admitted_is_known_verified_and_the_one_tied(
        self, person: User, subject: str, address: str, is_verified: bool
    ) -> None:
        """In whatever order sign-ins come; the ties made by earlier ones stay."""
        User.objects.get_or_create(email="other@example.org", defaults={"name": "other"})
        try:
            user = admit(subject=subject, address=address, is_verified=is_verified)
        except ValidationError:
            return
        assert is_verified
        assert user.email == address
        assert list(SocialAccount.objects.filter(user=user).values_list("uid", flat=True)) == [subject]
        assert SocialAccount.objects.filter(uid=subject).count() == 1


class TestTheExchange:
    def test_it_asks_with_pkce_state_and_nonce(self, client: Client, institution: Institution, person: User) -> None:
        for _time in range(2):
            sign_in(client)
        first, second = institution.asked
        for name in ("code_challenge", "state", "nonce"):
            assert len(first[name]) >= 16
            assert first[name] != second[name]
        assert first["code_challenge_method"] == "S256"
        assert set(first["scope"].split()) == {"openid", "profile", "email"}

    def test_what_the_address_bar_adds_is_passed_over(self, client: Client, institution: Institution) -> None:
        there = client.post(f"{SIGN_IN}?scope=admin&auth_params=prompt%3Dnone%26nonce%3Dx&process=connect").context[
            "address"
        ]
        asked = parse_qs(urlsplit(there).query)
        assert "admin" not in asked["scope"][0]
        assert "prompt" not in asked
        assert asked["nonce"] != ["x"]

    def test_one_is_led_back_into_this_site_only(self, client: Client, institution: Institution, person: User) -> None:
        assert sign_in(client, next="https://evil.example/")["Location"] == "/"

    def test_the_session_gets_a_new_key(self, client: Client, institution: Institution, person: User) -> None:
        back = go(client)
        before = client.session.session_key
        client.get(back)
        assert client.session.session_key != before

    def test_an_answer_brought_by_another_browser_is_refused(
        self, client: Client, institution: Institution, person: User
    ) -> None:
        """Nobody can be signed in as somebody else by following a link."""
        back = go(client)
        other = Client()
        other.get(back)
        assert not is_signed_in(other)

    def test_an_answer_holds_once(self, client: Client, institution: Institution, person: User) -> None:
        back = go(client)
        client.get(back)
        client.post("/accounts/logout/")
        client.get(back)
        assert not is_signed_in(client)

    @pytest.mark.parametrize("query", ["", "?code=x", "?state=x", "?code=x&state=x", "?error=server_error&state=x"])
    def test_an_answer_to_no_question_is_refused(self, client: Client, institution: Institution, query: str) -> None:
        assert client.get(f"/accounts/institution/callback/{query}")["Location"] == "/accounts/login/"
        assert "did not work" in why(client)

    @pytest.mark.parametrize(
        "claims",
        [{"nonce": "another"}, {"nonce": None}, {"iss": "https://evil.example"}, {"aud": "another client"}, {"aud": None},
         {"exp": 1}, {"exp": None}, {"iat": None}, {"sub": None}, {"azp": "another client"}, {"aud": [CLIENT, "x"], "azp": "x"}],
        ids=str,
    )  # fmt: skip
    def test_a_token_that_is_not_for_this_sign_in_is_refused(
        self, client: Client, institution: Institution, person: User, claims: dict[str, Any]
    ) -> None:
        institution.claims |= claims
        assert sign_in(client)["Location"] == "/accounts/login/"
        assert not is_signed_in(client)

    def test_one_signed_by_somebody_else_is_refused(
        self, client: Client, institution: Institution, person: User
    ) -> None:
        institution.signing = (rsa.generate_private_key(public_exponent=65537, key_size=2048), "RS256")
        sign_in(client)
        assert not is_signed_in(client)

    def test_one_signed_with_the_shared_secret_or_not_at_all_is_refused(
        self, client: Client, institution: Institution, person: User
    ) -> None:
        for signing in ((SECRET * 3, "HS256"), (None, "none")):
            institution.signing = signing
            sign_in(client)
            assert not is_signed_in(client)

    def test_one_signed_with_a_key_of_another_name_is_refused(
        self, client: Client, institution: Institution, person: User
    ) -> None:
        institution.header = {"kid": "second"}
        sign_in(client)
        assert not is_signed_in(client)

    def test_an_institution_that_speaks_for_another_is_refused(
        self, client: Client, institution: Institution, person: User
    ) -> None:
        institution.configuration["issuer"] = "https://evil.example"
        assert client.post(SIGN_IN)["Location"] == "/accounts/login/"
        assert "does not answer" in why(client)

    def test_a_wrong_secret_of_ours_is_said_at_the_entrance(
        self, client: Client, institution: Institution, person: User, settings: Any
    ) -> None:
        back = go(client)
        settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]["secret"] = "outdated"
        assert client.get(back)["Location"] == "/accounts/login/"
        assert "did not work" in why(client)

    def test_whoever_turns_back_there_is_told_so_here(
        self, client: Client, institution: Institution, person: User
    ) -> None:
        institution.refusal = "access_denied"
        assert sign_in(client)["Location"] == "/accounts/login/"
        assert "did not sign in at the institution" in why(client)

    def test_an_institution_that_does_not_answer_is_said_at_once(
        self, client: Client, institution: Institution, settings: Any
    ) -> None:
        use_institution(settings, "http://127.0.0.1:9")
        assert client.post(SIGN_IN)["Location"] == "/accounts/login/"
        assert "does not answer" in why(client)

    def test_asking_often_is_throttled(self, client: Client, institution: Institution) -> None:
        answers = [client.post(SIGN_IN).status_code for _n in range(21)]
        assert answers == [200] * 20 + [429]

    def test_a_row_in_the_database_opens_no_door(self, client: Client) -> None:
        SocialApp.objects.create(provider="openid_connect", provider_id="institution", name="x", client_id="x")
        assert client.post(SIGN_IN).status_code == 404


class TestTheSetting:
    def test_without_it_there_is_no_such_door(self, client: Client) -> None:
        assert client.post(SIGN_IN).status_code == 404
        assert client.get("/accounts/institution/callback/?code=x&state=y").status_code == 404
        assert "institution" not in client.get("/accounts/login/").content.decode()

    @pytest.mark.parametrize(
        ("given", "named"),
        [
            ({"OIDC_ISSUER": "http://id.example.org", "OIDC_CLIENT_ID": "a", "OIDC_CLIENT_SECRET": "b"}, "OIDC_ISSUER"),
            ({"OIDC_ISSUER": "https://id.example.org"}, "OIDC_CLIENT_ID"),
            ({"OIDC_ISSUER": "https://id.example.org", "OIDC_CLIENT_ID": "a"}, "OIDC_CLIENT_SECRET"),
            ({"REQUIRE_SECOND_FACTOR": "everybody"}, "REQUIRE_SECOND_FACTOR"),
        ],
    )
    def test_half_of_it_ends_the_start_with_one_line(self, given: dict[str, str], named: str) -> None:
        ended = ask_settings("0", given)
        assert ended.returncode == 2
        assert ended.stderr.startswith(f"{named}: ")
        assert ended.stderr.count("\n") == 1

    def test_all_of_it_makes_the_institution(self) -> None:
        given = {"OIDC_ISSUER": "https://id.example.org/", "OIDC_CLIENT_ID": "a", "OIDC_CLIENT_SECRET": "b"}
        shown = ask_settings("[s.OIDC_LABEL, *s.SOCIALACCOUNT_PROVIDERS['openid_connect']['APPS']]", given).stdout
        assert "['id.example.org', {'provider_id': 'institution'" in shown
        assert "'issuer': 'https://id.example.org/', 'server_url': 'https://id.example.org'" in shown


def ask_settings(expression: str, given: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """The settings of a process of its own that is started with this environment."""
    code = f"from brics_tracker import settings as s; print({expression})"
    environment = {**os.environ, "SECRET_KEY": "x", **given}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=site.BASE_DIR, env=environment, capture_output=True, text=True, check=False
    )


def test_someone_signed_in_who_comes_again_is_freshly_signed_in(
    client: Client, institution: Institution, person: User
) -> None:
    try_to_sign_in(client, person.email)
    sign_in(client)
    assert client.session["_auth_user_id"] == str(person.pk)
