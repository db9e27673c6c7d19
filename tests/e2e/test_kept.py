"""What is typed outlives the page, the sign-in and the device, and goes only when it was saved or thrown away."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from brics_tracker.accounts.models import Draft, User
from brics_tracker.tracking.models import Update
from tests.factories.tracking import make_item

from .conftest import PATIENCE, OpenPage, session_of

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
WORDS = "Ministers met and agreed on a text, article by article."


def write(page: Page, address: str, field: str, words: str) -> None:
    """Type, and wait until the server has kept it."""
    page.goto(address)
    type_on(page, field, words)


def type_on(page: Page, field: str, words: str) -> None:
    with page.expect_response(lambda answer: "/accounts/drafts/" in answer.url and answer.request.method == "POST"):
        page.locator(f"[name={field}]").press_sequentially(words)


def test_a_sheet_begun_at_the_desk_is_finished_on_the_phone(open_page: OpenPage, analyst: User) -> None:
    item = make_item()
    address = f"/items/{item.reference}/log/"
    desk = open_page(analyst)
    write(desk, address, "text", WORDS)
    desk.context.close()
    phone = open_page(analyst, viewport={"width": 390, "height": 800})
    phone.goto("/my-work/")
    phone.locator("#work-unsent ~ ul a").first.click()
    phone.get_by_role("button", name="Put it back").click()
    expect(phone.locator("[name=text]")).to_have_value(WORDS)
    with phone.expect_navigation():
        phone.get_by_role("button", name="Save as draft").last.click()
    assert Update.objects.get().text == WORDS
    assert not Draft.objects.exists()
    phone.goto(address)
    expect(phone.get_by_role("button", name="Put it back")).to_be_hidden()


def test_new_words_never_take_the_place_of_earlier_ones(open_page: OpenPage, analyst: User) -> None:
    item = make_item()
    address = f"/items/{item.reference}/log/"
    write(open_page(analyst), address, "text", WORDS)
    page = open_page(analyst)
    write(page, address, "text", "Anew.")
    assert {row.fields["text"] for row in Draft.objects.all()} == {WORDS, "Anew."}
    expect(page.locator("[data-kept-at]")).to_contain_text("20")
    for words in (WORDS, "Anew.", WORDS):  # each makes room for the other
        page.get_by_role("button", name="Put it back").click()
        expect(page.locator("[name=text]")).to_have_value(words)
        page.wait_for_timeout(300)
    page.get_by_role("button", name="Throw it away").click()
    expect(page.get_by_role("button", name="Throw it away")).to_be_hidden()
    # The sign-in ends: the page says so while typing goes on.
    page.context.clear_cookies()
    page.locator("[name=text]").press_sequentially("!")
    line = page.locator("#page-status")
    expect(line).to_contain_text("Your sign-in has ended", timeout=PATIENCE)
    expect(line.get_by_role("link", name="Sign in")).to_have_attribute("href", re.compile("login/.next=.*log"))
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": session_of(analyst), "url": page.url.split("/items")[0]}]
    )
    page.locator("[name=text]").press_sequentially("!")
    expect(line).to_be_empty(timeout=PATIENCE)
    assert [row.fields["text"] for row in Draft.objects.all()] == [WORDS + "!!"]


def test_signing_in_anew_in_another_window_loses_nothing(open_page: OpenPage, analyst: User) -> None:
    item = make_item()
    page = open_page(analyst)
    write(page, f"/items/{item.reference}/log/", "text", WORDS)
    # The sign-in ends, and another window of the same browser signs in: the open form's token is of the past.
    page.context.clear_cookies()
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": session_of(analyst), "url": page.url.split("/items")[0]}]
    )
    page.get_by_role("button", name="Save as draft").last.click()
    expect(page.locator("#page-status")).to_contain_text("send it again", timeout=PATIENCE)
    expect(page.locator("[name=text]")).to_have_value(WORDS)
    with page.expect_navigation():
        page.get_by_role("button", name="Save as draft").last.click()
    assert [update.text for update in Update.objects.all()] == [WORDS]


def test_a_proposal_being_edited_is_kept_while_nobody_is_signed_in(open_page: OpenPage, analyst: User) -> None:
    item = make_item(summary="As it was.")
    address = f"/proposals/{item.reference}/edit/"
    page = open_page(analyst)
    page.goto(address)
    page.context.clear_cookies()
    page.locator("[name=summary]").fill("As it shall be.")
    page.wait_for_function("() => Object.keys(localStorage).some((key) => key.startsWith('kept:'))")
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": session_of(analyst), "url": page.url.split("/proposals")[0]}]
    )
    again = page.context.new_page()
    again.goto(address)
    again.get_by_role("button", name="Put it back").click()
    expect(again.locator("[name=summary]")).to_have_value("As it shall be.")
    with again.expect_navigation():
        again.locator("main").get_by_role("button", name="Save", exact=True).click()
    item.refresh_from_db()
    assert item.summary == "As it shall be."


def test_what_is_thrown_away_is_offered_no_more(open_page: OpenPage, analyst: User) -> None:
    item = make_item()
    address = f"/items/{item.reference}/log/"
    write(open_page(analyst), address, "text", WORDS)
    other = open_page(analyst)
    other.goto(address)
    with other.expect_response(lambda answer: "/accounts/drafts/" in answer.url and answer.request.method == "POST"):
        other.get_by_role("button", name="Throw it away").click()
    assert not Draft.objects.exists()
    other.goto(address)
    expect(other.get_by_role("button", name="Put it back")).to_be_hidden()
