"""The second factor in a real browser: an app, a passkey, recovery codes, an institution; by keyboard where it counts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import LazySettings
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from brics_tracker.accounts.models import User
from tests.accounts.institution_server import Institution, running_institution
from tests.accounts.test_institution import use_institution
from tests.architecture.world import PASSWORD, build_world
from tests.factories.accounts import make_user
from tests.factories.second_factor import code_of, make_app

from .conftest import OpenPage
from .pages import Screen
from .test_axe import Visitor, overflow

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def person(live_server: LiveServer, settings: LazySettings) -> User:
    settings.SITE_URL = live_server.url
    made = make_user("person", role="reviewer")
    made.set_password(PASSWORD)
    made.save()
    return made


@pytest.fixture
def institution() -> Iterator[Institution]:
    with running_institution() as found:
        yield found


def give_password(page: Page) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("Mail address").fill("person@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def sign_out(page: Page) -> None:
    page.goto("/accounts/logout/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def a_device(page: Page, **options: Any) -> str:
    """A place of the browser's own that keeps passkeys and is unlocked at once."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    kind = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    made = session.send(
        "WebAuthn.addVirtualAuthenticator",
        {"options": {**kind, "isUserVerified": True, "automaticPresenceSimulation": True, **options}},
    )
    return str(made["authenticatorId"])


def test_an_app_is_set_up_on_demand_and_asked_for_from_then_on(
    open_page: OpenPage, person: User, settings: LazySettings
) -> None:
    settings.REQUIRE_SECOND_FACTOR = "staff"
    page = open_page()
    give_password(page)
    expect(page.get_by_text("asks you for a second factor")).to_be_visible()
    page.goto("/review/")
    expect(page.get_by_role("heading", name="Second factor")).to_be_visible()
    page.get_by_role("link", name="Set up an app").click()
    expect(page.get_by_role("img", name="A square of dots")).to_be_visible()
    secret = str(page.locator("#app-secret").text_content()).replace(" ", "")
    page.get_by_label("Code that the app shows").fill(code_of(secret, -1))
    page.keyboard.press("Enter")
    codes = page.locator("#recovery-codes li")
    expect(codes).to_have_count(10)
    recovery = str(codes.first.text_content()).strip()
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_role("heading", name="Review")).to_be_visible()

    sign_out(page)
    give_password(page)
    page.get_by_label("Code").fill(code_of(secret))
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Review")).to_be_visible()

    sign_out(page)
    give_password(page)
    page.get_by_label("Code").fill(code_of(secret))
    page.keyboard.press("Enter")
    expect(page.get_by_text("was used already").first).to_be_visible()
    page.get_by_label("Code").fill(recovery)
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Review")).to_be_visible()


def test_a_passkey_lets_in_beside_the_password_and_by_itself(open_page: OpenPage, person: User) -> None:
    page = open_page()
    a_device(page)
    give_password(page)
    page.goto("/accounts/second-factor/")
    page.get_by_role("link", name="Set up a passkey").click()
    page.get_by_label("Name").fill("office laptop")
    page.keyboard.press("Enter")
    expect(page.locator("#recovery-codes li")).to_have_count(10)

    sign_out(page)
    give_password(page)
    page.get_by_role("button", name="Use a passkey").press("Enter")
    expect(page.get_by_role("link", name="Review")).to_be_visible()

    sign_out(page)
    page.get_by_role("button", name="Sign in with a passkey").press("Enter")
    expect(page.get_by_role("link", name="Review")).to_be_visible()

    page.goto("/accounts/second-factor/")
    page.get_by_role("link", name="Remove office laptop").click()
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_text("It is removed")).to_be_visible()


def test_a_passkey_confirms_who_one_is(open_page: OpenPage, person: User) -> None:
    page = open_page()
    a_device(page)
    give_password(page)
    page.goto("/accounts/second-factor/passkey/")
    page.get_by_label("Name").fill("telephone")
    page.keyboard.press("Enter")
    expect(page.locator("#recovery-codes li")).to_have_count(10)
    page.goto("/accounts/confirm/passkey/?next=/accounts/sessions/")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="Where you are signed in")).to_be_visible()


def test_a_device_that_gives_none_is_said_and_the_other_ways_stay(open_page: OpenPage, person: User) -> None:
    page = open_page()
    a_device(page, isUserVerified=False)
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("alert").get_by_text("gave no passkey")).to_be_visible()
    give_password(page)
    expect(page.get_by_role("link", name="Review")).to_be_visible()


def test_without_script_the_app_works_and_passkeys_say_why_they_do_not(open_page: OpenPage, person: User) -> None:
    secret = make_app(person)
    page = open_page(java_script_enabled=False)
    page.goto("/accounts/login/")
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()
    page.get_by_label("Mail address").fill("person@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Code").fill(code_of(secret))
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.goto("/accounts/second-factor/passkey/")
    expect(page.get_by_text("Browsers offer passkeys to scripts alone")).to_be_visible()


def test_through_the_institution_and_back(
    open_page: OpenPage, person: User, institution: Institution, settings: LazySettings
) -> None:
    """The policy of the page lets the form lead to the institution's own address, in a real browser too."""
    use_institution(settings, institution.address)
    page = open_page()
    page.goto("/review/")
    page.get_by_role("button", name="Sign in with Ministry").click()
    expect(page.get_by_role("heading", name="Review")).to_be_visible()


def test_viewing_as_someone_and_back(open_page: OpenPage, person: User) -> None:
    page = open_page(make_user("administrator", role="administrator"))
    page.goto(f"/admin/accounts/user/{person.pk}/change/")
    page.get_by_role("link", name="See the register as this person does").click()
    page.get_by_role("button", name="View as this person").click()
    banner = page.get_by_role("complementary", name="Viewing as someone")
    expect(banner).to_contain_text("person")
    page.goto("/proposals/")
    expect(banner).to_be_visible()
    banner.get_by_role("button", name="End viewing").press("Enter")
    expect(page.get_by_text("You are yourself again.")).to_be_visible()
    expect(banner).to_have_count(0)


@pytest.mark.parametrize("language", ["en", "ar"])
def test_pages_that_are_met_on_the_way_have_no_barrier(
    open_page: OpenPage, settings: LazySettings, live_server: LiveServer, language: str
) -> None:
    """Those that no address leads to: the second step, the codes shown once, the bar while viewing as someone."""
    settings.SITE_URL = live_server.url
    world = build_world()
    visitor = Visitor(open_page, world, language)

    def look(label: str, person: str) -> None:
        screen = Screen(label, "", person)
        visitor.both(screen)
        visitor.note(screen, "narrow", overflow(visitor.page_of(person)))

    entering = visitor.page_of("nobody")
    entering.goto("/accounts/login/")
    entering.locator("[name=login]").fill(world.people.analyst.email)
    entering.locator("[name=password]").fill(PASSWORD)
    with entering.expect_navigation():
        entering.keyboard.press("Enter")
    look("second step", "nobody")
    entering.locator("[name=code]").fill("000000")
    with entering.expect_navigation():
        entering.keyboard.press("Enter")
    look("second step refused", "nobody")

    analyst = visitor.page_of("analyst")
    analyst.goto("/accounts/second-factor/codes/")
    analyst.locator("#codes-form [type=submit]").click()
    analyst.wait_for_selector("#recovery-codes")
    look("recovery codes", "analyst")

    administrator = visitor.page_of("administrator")
    administrator.goto(f"/accounts/viewing/{world.people.reviewer.pk}/")
    administrator.locator("#viewing-form [type=submit]").click()
    administrator.wait_for_selector(".viewing")
    look("viewing as someone", "administrator")
    administrator.goto("/accounts/")
    look("refused while viewing", "administrator")
    assert visitor.found == {}, visitor.report()
