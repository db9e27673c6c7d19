"""Where the setting asks for it, reviewers and administrators get nowhere without a second factor, by any door."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from brics_tracker.accounts import services
from brics_tracker.accounts.models import User
from brics_tracker.accounts.second_factor.middleware import ALWAYS
from brics_tracker.accounts.second_factor.middleware import SET_UP as SETTING_UP
from tests.accounts.conftest import give_password, try_to_sign_in
from tests.architecture.routes import address_of, routes
from tests.factories.accounts import make_user
from tests.factories.core import make_theme
from tests.factories.second_factor import code_of, make_app, make_passkey, sign_in_fresh

pytestmark = pytest.mark.django_db
SET_UP = "/accounts/second-factor/"


@pytest.fixture(autouse=True)
def _required(settings: Any) -> None:
    settings.REQUIRE_SECOND_FACTOR = "staff"


@pytest.fixture
def person(db: None) -> User:
    return give_password(make_user("person", role="reviewer"))


@pytest.mark.parametrize("role", ["reviewer", "administrator"])
def test_they_are_led_to_set_one_up(client: Client, role: str) -> None:
    client.force_login(make_user("someone", role=role))
    assert client.get("/proposals/?q=x")["Location"] == f"{SET_UP}?next=%2Fproposals%2F%3Fq%3Dx"
    assert client.get(SET_UP).status_code == 200


def test_a_role_within_a_theme_counts_too(client: Client) -> None:
    client.force_login(make_user("someone", role="reviewer", themes=[make_theme("EN")]))
    assert client.get("/")["Location"].startswith(SET_UP)


@pytest.mark.parametrize("role", ["", "reader", "analyst"])
def test_others_are_not(client: Client, role: str) -> None:
    client.force_login(make_user("someone", role=role))
    assert client.get("/").status_code == 200


def test_without_the_setting_nobody_is(client: Client, person: User, settings: Any) -> None:
    settings.REQUIRE_SECOND_FACTOR = "off"
    client.force_login(person)
    assert client.get("/").status_code == 200


def test_no_address_of_the_site_is_a_way_round(client: Client) -> None:
    """Every route there is, the administration's and the API's among them; a new one is closed without a word."""
    sign_in_fresh(client, make_user("someone", role="administrator"))
    closed = {route.name for route in routes() if route.name} - ALWAYS - SETTING_UP
    addresses = {address_of(name) for name in closed} - {""}
    assert len(addresses) > 100
    answers = {address: client.get(address) for address in addresses}
    wrong = {
        address: answer.status_code
        for address, answer in answers.items()
        if not (answer.status_code == 403 if address.startswith("/api/v") else leads_to_setting_up(answer))
    }
    assert wrong == {}


def leads_to_setting_up(answer: Any) -> bool:
    return bool(answer.status_code == 302) and str(answer["Location"]).startswith(SET_UP)


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(
    "path", ["/", "/proposals/new/", "/review/", "/admin/", "/admin/login/", "/api/docs/", "/accounts/", "/reports/",
             "/accounts/tokens/new/", "/accounts/sessions/", "/accounts/password/change/", "/accounts/second-factor/codes/",
             "/accounts/viewing/1/"],
)  # fmt: skip
def test_no_page_opens_and_no_act_is_done(client: Client, person: User, path: str, method: str) -> None:
    sign_in_fresh(client, person)
    assert getattr(client, method)(path)["Location"].startswith(SET_UP)


def test_a_swap_leads_the_whole_page_there(client: Client, person: User) -> None:
    client.force_login(person)
    answer = client.get("/proposals/", headers={"HX-Request": "true"})
    assert answer.headers["HX-Redirect"].startswith(SET_UP)


def test_what_was_typed_is_kept_meanwhile(client: Client, person: User) -> None:
    client.force_login(person)
    answer = client.post("/proposals/new/", {"title": "Typed for an hour", "kept_draft": "1"})
    assert leads_to_setting_up(answer)
    assert "saved_form" not in answer.cookies, "the browser lets its copy go on this cookie's word"


def test_the_api_says_so_to_a_session_and_to_a_token_made_before(client: Client, person: User, settings: Any) -> None:
    settings.REQUIRE_SECOND_FACTOR = "off"
    _token, text = services.create_token(person, "old", days=3, by=person)
    settings.REQUIRE_SECOND_FACTOR = "staff"
    bearer = {"Authorization": f"Bearer {text}"}
    assert Client().get("/api/v1/proposals/", headers=bearer).status_code == 403
    client.force_login(person)
    answer = client.get("/api/v1/proposals/")
    assert answer.status_code == 403
    assert answer["Content-Type"] == "application/problem+json"
    make_app(person)
    assert Client().get("/api/v1/proposals/", headers=bearer).status_code == 200


def test_once_it_is_set_up_everything_opens(client: Client, person: User) -> None:
    sign_in_fresh(client, person)
    app = f"{SET_UP}app/"
    client.get(app)
    answer = client.post(app, {"code": code_of(client.session["mfa.totp.secret"])})
    assert answer.status_code == 201
    assert client.get("/review/").status_code == 200


def test_whoever_signed_in_with_it_walks_freely(client: Client, person: User) -> None:
    secret = make_app(person)
    try_to_sign_in(client, person.email)
    client.post("/accounts/login/second-step/", {"code": code_of(secret)})
    assert client.get("/review/").status_code == 200


def test_a_session_that_never_gave_it_is_asked_and_may_not_remove_it(client: Client, person: User) -> None:
    secret = make_app(person)
    sign_in_fresh(client, person)  # by the password alone, as before the factor was there
    for path in ("/review/", SET_UP, f"{SET_UP}app/"):
        assert client.get(path)["Location"].startswith("/accounts/confirm/code/?next=")
    client.post("/accounts/confirm/code/", {"code": code_of(secret), "next": "/review/"})
    assert client.get("/review/").status_code == 200


def test_one_with_passkeys_alone_is_led_on_too(client: Client, person: User) -> None:
    make_passkey(person)
    client.force_login(person)
    answer = client.get("/review/", follow=True)
    assert answer.status_code == 200
    assert answer.redirect_chain[0][0].startswith("/accounts/confirm/")


def test_the_way_out_stays_open(client: Client, person: User) -> None:
    client.force_login(person)
    assert client.get("/accounts/logout/").status_code == 200
    assert client.post("/accounts/logout/").status_code == 302
    assert client.get("/readyz").status_code in {200, 503}


def test_without_the_setting_it_costs_nothing(
    client: Client, person: User, settings: Any, django_assert_num_queries: Any
) -> None:
    settings.REQUIRE_SECOND_FACTOR = "off"
    client.force_login(person)
    with django_assert_num_queries(5):  # the session, the person, the sessions listed, grants and notices for the rail
        client.get("/accounts/sessions/")
