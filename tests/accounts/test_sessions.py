"""Where one is signed in: listed, ended one by one or all at once, by nobody else."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.contrib.sessions.backends.base import UpdateError
from django.test import Client
from django.utils import timezone

from brics_tracker.accounts import services
from brics_tracker.accounts.integrity import sessions_of_the_disabled
from brics_tracker.accounts.models import BrowserSession, User
from brics_tracker.accounts.sessions.places import browser_in_words
from brics_tracker.accounts.tasks import clear_sessions
from tests.accounts.conftest import give_password, is_signed_in, try_to_sign_in
from tests.factories.accounts import make_user

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 "
    "Mobile/15E148 Safari/604.1"
)
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0"


@pytest.fixture
def person(db: None) -> User:
    return give_password(make_user("person"))


def browser(person: User, agent: str = FIREFOX, address: str = "10.0.0.1") -> Client:
    client = Client(HTTP_USER_AGENT=agent, REMOTE_ADDR=address)
    try_to_sign_in(client, person.email)
    assert is_signed_in(client)
    return client


def listed(client: Client) -> list[Any]:
    return list(client.get("/accounts/sessions/").context["places"])


def test_each_browser_is_listed_with_its_place_and_this_one_first(person: User) -> None:
    here, there = browser(person), browser(person, SAFARI, "10.0.0.2")
    assert [(place.browser, place.session.address, place.is_here) for place in listed(here)] == [
        ("Firefox on Linux", "10.0.0.1", True), ("Safari on iPhone", "10.0.0.2", False),
    ]  # fmt: skip
    assert listed(there)[0].is_here


@pytest.mark.parametrize(
    ("agent", "words"),
    [(FIREFOX, "Firefox on Linux"), (SAFARI, "Safari on iPhone"), (EDGE, "Edge on Windows"), ("", "A browser"),
     ("curl/8", "A browser"), ("<script>Windows", "A browser on Windows")],
)  # fmt: skip
def test_browsers_are_named_in_words(agent: str, words: str) -> None:
    assert browser_in_words(agent) == words


@pytest.mark.parametrize("agent", ["", "x" * 5000, "\u202eFirefox ⟦", "a\x00b\x1b[31m"])
def test_whatever_a_browser_says_of_itself_is_kept_short_and_plain(person: User, agent: str) -> None:
    client = browser(person, agent.encode().decode("latin-1"))
    kept = BrowserSession.objects.get(user=person).browser
    assert len(kept) <= 200
    assert kept.isprintable()
    assert client.get("/accounts/sessions/").status_code == 200


def test_one_is_ended_at_once(person: User) -> None:
    here, there = browser(person), browser(person, SAFARI)
    handle = listed(here)[1].handle
    assert here.post(f"/accounts/sessions/{handle}/end/").status_code == 302
    assert there.get("/accounts/").status_code == 302
    assert here.get("/accounts/").status_code == 200


def test_all_others_are_ended_at_once(person: User) -> None:
    here, others = browser(person), [browser(person, SAFARI) for _n in range(3)]
    here.post("/accounts/sessions/end-others/")
    assert [other.get("/accounts/").status_code for other in others] == [302] * 3
    assert here.get("/accounts/").status_code == 200


def test_nobody_ends_another_persons(person: User) -> None:
    victim, attacker = browser(person), browser(give_password(make_user("attacker")))
    handle = listed(victim)[0].handle
    assert attacker.post(f"/accounts/sessions/{handle}/end/").status_code == 404
    attacker.post("/accounts/sessions/end-others/")
    assert victim.get("/accounts/").status_code == 200


def test_the_page_does_not_give_keys_away(person: User) -> None:
    here, there = browser(person), browser(person, SAFARI)
    shown = here.get("/accounts/sessions/").content.decode()
    for client in (here, there):
        assert str(client.session.session_key) not in shown


def test_a_session_that_has_run_out_is_not_listed(person: User) -> None:
    here, _there = browser(person), browser(person, SAFARI)
    BrowserSession.objects.filter(browser=SAFARI).update(expire_date=timezone.now() - dt.timedelta(seconds=1))
    assert len(listed(here)) == 1


def test_last_seen_moves_on_but_not_with_every_request(person: User) -> None:
    here = browser(person)
    first = BrowserSession.objects.get(user=person).seen_at or timezone.now()
    for minutes, moved in ((5, False), (11, True)):
        with time_machine.travel(first + dt.timedelta(minutes=minutes), tick=False):
            here.get("/accounts/")
        assert BrowserSession.objects.filter(user=person, seen_at__gt=first).exists() is moved


def test_the_list_costs_the_same_for_many(person: User, django_assert_num_queries: Any) -> None:
    here = browser(person)
    for _n in range(12):
        browser(person, SAFARI)
    with django_assert_num_queries(5):  # the session, the person, the sessions listed, grants and notices for the rail
        here.get("/accounts/sessions/")


def test_a_visitors_session_is_nobodys(client: Client) -> None:
    session = client.session
    session["x"] = 1
    session.save()
    assert BrowserSession.objects.get().user is None


def test_a_shut_account_has_no_session_left_and_the_check_would_find_one(person: User, administrator: User) -> None:
    browser(person)
    services.deactivate_user(person, by=administrator)
    assert list(sessions_of_the_disabled()) == []
    client = Client()
    client.force_login(person)
    assert len(list(sessions_of_the_disabled())) == 1


def test_a_session_is_not_brought_back_by_a_request_that_was_under_way(person: User, administrator: User) -> None:
    client = browser(person)
    under_way = client.session
    under_way["typed"] = "something"
    services.deactivate_user(person, by=administrator)
    with pytest.raises(UpdateError):
        under_way.save()
    assert not BrowserSession.objects.filter(user=person).exists()


def test_what_has_run_out_is_cleared_away(person: User) -> None:
    browser(person)
    BrowserSession.objects.update(expire_date=timezone.now() - dt.timedelta(days=1))
    clear_sessions()
    assert not BrowserSession.objects.exists()
