"""Access tokens: shown once, kept as a digest, ended at once."""

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.test import Client, RequestFactory
from django.utils import timezone
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from brics_tracker.accounts import services
from brics_tracker.accounts.models import ApiToken, User
from brics_tracker.accounts.tokens import BearerAuthentication

pytestmark = pytest.mark.django_db


def who(text: str, word: str = "Bearer") -> User | None:
    request = Request(RequestFactory().get("/api/v1/proposals/", headers={"Authorization": f"{word} {text}"}))
    found: tuple[User, ApiToken] | None = BearerAuthentication().authenticate(request)
    return found[0] if found else None


@pytest.fixture
def token(reader: User) -> str:
    return services.create_token(reader, "dashboard", days=30, by=reader)[1]


def test_a_token_says_whose_it_is(reader: User, token: str) -> None:
    assert who(token) == reader


def test_only_a_digest_is_kept(reader: User, token: str) -> None:
    row = ApiToken.objects.get()
    assert token not in {str(value) for value in row.__dict__.values()}
    assert len(token) == 64
    entry = row.history.get()
    assert entry.history_user == reader
    assert not hasattr(entry, "digest")


def test_it_costs_one_query_and_writes_nothing(token: str, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):  # the token with its owner
        who(token)


def test_an_expired_token_is_refused(token: str) -> None:
    with time_machine.travel(timezone.now() + dt.timedelta(days=30, seconds=1)), pytest.raises(AuthenticationFailed):
        who(token)
    assert ApiToken.objects.exists(), "it is listed as expired until its owner clears it away"


def test_a_revoked_token_is_refused(reader: User, token: str) -> None:
    services.revoke_token(ApiToken.objects.get(), by=reader)
    with pytest.raises(AuthenticationFailed):
        who(token)


def test_the_token_of_a_shut_account_is_refused_at_once(reader: User, token: str, administrator: User) -> None:
    User.objects.filter(pk=reader.pk).update(is_active=False)  # even where the token itself were still there
    with pytest.raises(AuthenticationFailed):
        who(token)


@pytest.mark.parametrize("text", ["", "x", "é" * 64, "0" * 64, "a b", "\x00"])
def test_a_made_up_token_is_refused(token: str, text: str) -> None:
    if not text:
        with pytest.raises(AuthenticationFailed):
            who("")
        return
    with pytest.raises(AuthenticationFailed):
        who(text)


def test_a_wrong_end_of_a_right_beginning_is_refused(token: str) -> None:
    with pytest.raises(AuthenticationFailed):
        who(token[:15] + "0" * 49)


def test_another_scheme_is_left_to_others(token: str) -> None:
    assert who(token, "Basic") is None


@pytest.mark.parametrize("days", [0, -1, 366])
def test_a_token_lasts_a_year_at_most(reader: User, days: int) -> None:
    with pytest.raises(ValidationError):
        services.create_token(reader, "dashboard", days=days, by=reader)


def test_there_is_a_limit_to_their_number(reader: User, settings: Any) -> None:
    settings.REST_KNOX = {**settings.REST_KNOX, "TOKEN_LIMIT_PER_USER": 1}
    services.create_token(reader, "one", days=1, by=reader)
    with pytest.raises(ValidationError, match="as many as"):
        services.create_token(reader, "two", days=1, by=reader)


class TestThePages:
    @pytest.fixture
    def client(self, client: Client, reader: User) -> Client:
        client.force_login(reader)
        return client

    def test_a_token_is_shown_once(self, client: Client, reader: User) -> None:
        answer = client.post("/accounts/tokens/new/", {"name": "dashboard", "days": 30})
        assert answer.status_code == 201
        text = answer.context["text"]
        assert text in answer.content.decode()
        assert who(text) == reader
        assert "no-store" in answer["Cache-Control"]
        shown = client.get("/accounts/").content.decode()
        assert "dashboard" in shown
        assert text not in shown

    def test_sending_the_form_twice_makes_one_token(self, client: Client) -> None:
        for _time in range(2):
            answer = client.post("/accounts/tokens/new/", {"name": "dashboard", "days": 30})
        assert ApiToken.objects.count() == 1
        assert answer.status_code == 422
        assert "of this name" in answer.content.decode()

    @pytest.mark.parametrize(
        ("data", "field"),
        [({"name": "", "days": 1}, "name"), ({"name": "a\x07b", "days": 1}, "name"), ({"name": "x", "days": 366}, "days"), ({"name": "x", "days": "soon"}, "days"),
         ({"name": "x" * 61, "days": 1}, "name")],
    )  # fmt: skip
    def test_bad_input_is_refused_at_its_field_and_kept(self, client: Client, data: dict[str, Any], field: str) -> None:
        answer = client.post("/accounts/tokens/new/", data)
        assert answer.status_code == 422
        assert field in answer.context["form"].errors
        assert str(data["days"]) in answer.content.decode()
        assert not ApiToken.objects.exists()

    def test_revoking_asks_first_and_then_ends_it(self, client: Client, reader: User, token: str) -> None:
        path = f"/accounts/tokens/{ApiToken.objects.get().pk}/revoke/"
        assert client.get(path).status_code == 200
        assert ApiToken.objects.exists(), "looking revokes nothing"
        assert client.post(path).status_code == 302
        assert not ApiToken.objects.exists()

    def test_nobody_revokes_another_persons_token(self, client: Client, administrator: User) -> None:
        services.create_token(administrator, "theirs", days=1, by=administrator)
        path = f"/accounts/tokens/{ApiToken.objects.get().pk}/revoke/"
        assert client.get(path).status_code == 404
        assert client.post(path).status_code == 404
        assert ApiToken.objects.exists()
