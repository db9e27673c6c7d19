"""The entrance: no sign-up, no guessing, no leading astray."""

import pytest
from django.core import mail
from django.test import Client
from django.urls import NoReverseMatch, reverse

from brics_tracker.accounts import services
from brics_tracker.accounts.models import User
from tests.accounts.conftest import (
    GOOD_PASSWORD,
    Committing,
    follow,
    give_password,
    is_signed_in,
    link_in_last_mail,
    set_password,
    try_to_sign_in,
)
from tests.factories.accounts import make_user

pytestmark = pytest.mark.django_db
CLOSED = [
    "/accounts/signup/", "/accounts/email/", "/accounts/confirm-email/", "/accounts/confirm-email/abc/",
    "/accounts/reauthenticate/", "/accounts/password/set/", "/accounts/inactive/", "/accounts/login/code/",
    "/accounts/login/code/confirm/", "/accounts/phone/change/", "/accounts/social/signup/", "/accounts/2fa/",
]  # fmt: skip


@pytest.fixture
def person(db: None) -> User:
    return give_password(make_user("person", role="analyst"))


@pytest.mark.parametrize("path", CLOSED)
def test_nobody_can_sign_up_and_no_other_door_of_the_library_is_open(path: str, client: Client, person: User) -> None:
    for signed_in in (False, True):
        if signed_in:
            client.force_login(person)
        assert client.get(path).status_code == 404
        assert client.post(path, {"email": "x@example.org", "password1": GOOD_PASSWORD}).status_code == 404
    assert User.objects.count() == 1


@pytest.mark.parametrize("name", ["account_signup", "account_email", "account_set_password", "account_inactive"])
def test_the_closed_doors_have_no_names_either(name: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(name)


def test_the_right_password_lets_in_and_signing_out_ends_it(client: Client, person: User) -> None:
    assert try_to_sign_in(client, person.email).status_code == 302
    assert is_signed_in(client)
    assert client.get("/accounts/logout/").status_code == 200, "looking at the page signs nobody out"
    assert is_signed_in(client)
    assert client.post("/accounts/logout/").status_code == 302
    assert not is_signed_in(client)


def test_the_address_may_be_typed_in_capitals(client: Client, person: User) -> None:
    try_to_sign_in(client, "PERSON@Example.org")
    assert is_signed_in(client)


def test_a_session_gets_a_new_key_at_signing_in(client: Client, person: User) -> None:
    client.get("/accounts/login/")
    client.session["before"] = 1
    client.session.save()
    before = client.session.session_key
    try_to_sign_in(client, person.email)
    assert client.session.session_key != before


def test_wrong_unknown_and_shut_are_answered_alike(client: Client, person: User) -> None:
    shut = give_password(make_user("shut"))
    shut.is_active = False
    shut.save()
    system = give_password(make_user("system"))
    system.is_system = True
    system.save()
    answers = {
        who: [str(error) for error in try_to_sign_in(client, email, word).context["form"].non_field_errors()]
        for who, email, word in [
            ("wrong", person.email, "not the password"),
            ("unknown", "nobody@example.org", GOOD_PASSWORD),
            ("shut", shut.email, GOOD_PASSWORD),
            ("system", system.email, GOOD_PASSWORD),
        ]
    }
    assert answers["wrong"]
    assert set(map(tuple, answers.values())) == {tuple(answers["wrong"])}
    assert not is_signed_in(client)


def test_guessing_is_throttled_and_the_right_password_then_fails_too(client: Client, person: User) -> None:
    for _guess in range(5):
        try_to_sign_in(client, person.email, "a wrong guess")
    answer = try_to_sign_in(client, person.email)
    assert "Too many" in str(answer.content)
    assert not is_signed_in(client)


def test_another_person_may_still_sign_in_while_one_is_guessed_at(client: Client, person: User) -> None:
    other = give_password(make_user("other"))
    for _guess in range(6):
        try_to_sign_in(client, person.email, "a wrong guess", REMOTE_ADDR="127.0.0.9")
    try_to_sign_in(client, other.email)
    assert is_signed_in(client)


def test_where_attempts_cannot_be_counted_nobody_gets_in_and_the_page_says_so(
    client: Client, person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    from redis.exceptions import ConnectionError as RedisIsAway

    def away(*args: object, **kwargs: object) -> None:
        raise RedisIsAway

    monkeypatch.setattr("allauth.core.internal.ratelimit.cache.add", away)
    answer = try_to_sign_in(client, person.email)
    assert answer.status_code == 503
    assert not is_signed_in(client)


@pytest.mark.parametrize(
    ("wanted", "led_to"),
    [
        ("/accounts/", "/accounts/"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("http:///evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("\\\\evil.example", "/"),
        ("http://localhost/accounts/", "/"),  # an allowed host, but not the one that was asked
    ],
)
def test_after_signing_in_one_stays_on_this_site(client: Client, person: User, wanted: str, led_to: str) -> None:
    answer = try_to_sign_in(client, person.email, next=wanted)
    assert answer.status_code == 302
    assert answer["Location"] == led_to


def test_the_sign_in_page_has_no_rail(client: Client) -> None:
    answer = client.get("/accounts/login/")
    assert answer.status_code == 200
    assert b'class="rail"' not in answer.content


def test_a_forgotten_password_is_set_anew_and_ends_other_sessions(
    client: Client, person: User, committing: Committing
) -> None:
    elsewhere = Client()
    elsewhere.force_login(person)
    with committing():
        assert client.post("/accounts/password/reset/", {"email": person.email}).status_code == 302
    with committing():
        set_password(client, link_in_last_mail(), "quite another password")
    try_to_sign_in(client, person.email, "quite another password")
    assert is_signed_in(client)
    assert elsewhere.get("/accounts/").status_code == 302, "whoever knew the old password is out"
    assert "was changed" in mail.outbox[-1].subject


def test_asking_for_a_link_tells_nothing_about_who_has_an_account(
    client: Client, person: User, committing: Committing
) -> None:
    with committing():
        known = client.post("/accounts/password/reset/", {"email": person.email}, follow=True)
    with committing():
        unknown = client.post("/accounts/password/reset/", {"email": "nobody@example.org"}, follow=True)
    assert known.content == unknown.content
    assert [sent.to for sent in mail.outbox] == [[person.email]]


def test_asking_for_links_is_throttled(client: Client, person: User) -> None:
    answers = [client.post("/accounts/password/reset/", {"email": person.email}).status_code for _n in range(6)]
    assert answers == [302] * 5 + [429]


def test_a_link_that_was_asked_for_before_the_account_was_shut_leads_nowhere(
    client: Client, person: User, administrator: User, committing: Committing
) -> None:
    with committing():
        client.post("/accounts/password/reset/", {"email": person.email})
    services.deactivate_user(person, by=administrator)
    assert b"no longer works" in follow(Client(), link_in_last_mail()).content


def test_changing_the_password_keeps_this_session_and_is_told_by_mail(
    client: Client, person: User, committing: Committing
) -> None:
    try_to_sign_in(client, person.email)
    new = "another quiet river"
    with committing():
        answer = client.post(
            "/accounts/password/change/",
            {"oldpassword": GOOD_PASSWORD, "password1": new, "password2": new},
            follow=True,
        )
    assert answer.redirect_chain[-1][0] == "/accounts/"
    assert b"Your password is changed" in answer.content
    assert is_signed_in(client)
    assert "was changed" in mail.outbox[-1].subject
    assert person.history.first().history_user == person


def test_the_old_password_is_asked_for(client: Client, person: User) -> None:
    try_to_sign_in(client, person.email)
    new = "another quiet river"
    client.post("/accounts/password/change/", {"oldpassword": "wrong", "password1": new, "password2": new})
    person.refresh_from_db()
    assert person.check_password(GOOD_PASSWORD)


def test_someone_without_a_password_is_led_to_the_link_instead(client: Client) -> None:
    client.force_login(make_user("invited"))
    assert client.get("/accounts/password/change/")["Location"] == "/accounts/password/reset/"


def test_signing_in_writes_no_history(client: Client, person: User) -> None:
    before = person.history.count()
    try_to_sign_in(client, person.email)
    assert person.history.count() == before
