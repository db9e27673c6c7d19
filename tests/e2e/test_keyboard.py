"""The whole core without a mouse: log, hand back, mend, publish, and see it on the overview."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from brics_tracker.accounts.models import User
from brics_tracker.tracking.models import Update
from tests.factories.tracking import make_item

from .conftest import OpenPage

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
FOCUS = """() => {
    const at = document.activeElement;
    const seen = getComputedStyle(at);
    return [at.name || '', (at.textContent || '').trim(), at.tagName,
            seen.outlineStyle !== 'none' || seen.boxShadow !== 'none', at.value || ''];
}"""


def walk_to(page: Page, *, name: str = "", text: str = "", most: int = 200) -> None:
    """Press Tab until the field of this name or the link or button of these words has the focus, and shows it."""
    for _press in range(most):
        field, words, tag, shows, _value = page.evaluate(FOCUS)
        if (name and field == name) or (text and words.startswith(text) and tag in {"A", "BUTTON", "SUMMARY"}):
            assert shows, f"the focus on {name or text} cannot be seen"
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{name or text} is not reached by keyboard")


def enter(page: Page) -> None:
    with page.expect_navigation():
        page.keyboard.press("Enter")


def go(page: Page, keys: str, address: str) -> None:
    """A shortcut such as "g p"; the address it leads to."""
    page.locator("main").focus()
    for key in keys.split():
        page.keyboard.press(key)
    page.wait_for_url(f"**{address}")


def test_from_the_log_to_the_overview(open_page: OpenPage, analyst: User, reviewer: User, tmp_path: Path) -> None:
    item = make_item(title="Exchange oil and gas price information")
    desk, office = open_page(analyst), open_page(reviewer)
    desk.goto("/")
    desk.keyboard.press("Tab")
    assert desk.evaluate(FOCUS)[1].startswith("Skip to the content"), "the first stop leads past the menu"
    desk.keyboard.press("/")
    desk.keyboard.type("gas price")
    enter(desk)
    desk.locator("main").focus()
    desk.keyboard.press("j")
    assert desk.evaluate(FOCUS)[1] == item.title
    enter(desk)
    desk.keyboard.press("u")
    expect(desk.locator("[name=text]")).to_be_visible()
    walk_to(desk, name="text")
    desk.keyboard.type("Ministers agreed.")
    walk_to(desk, name="status_claimed")
    desk.keyboard.type("agr")
    walk_to(desk, name="source-0-url")
    desk.keyboard.type("https://example.org/communique")
    walk_to(desk, text="Submit for review")
    enter(desk)
    update = Update.objects.get(author=analyst)
    assert (update.review_state, update.status_claimed, update.evidence.count()) == ("submitted", "agreed", 1)

    office.goto("/")
    go(office, "g r", "/review/")
    office.keyboard.press("j")
    enter(office)
    walk_to(office, name="return-reason")
    office.keyboard.type("Which ministers?")
    walk_to(office, text="Hand back")
    enter(office)

    go(desk, "g w", "/my-work/")
    walk_to(desk, text="Mend it")
    enter(desk)
    walk_to(desk, name="text")
    desk.keyboard.press("Control+End")
    desk.keyboard.type(" All ten were there.")
    walk_to(desk, text="Submit for review")
    enter(desk)

    go(office, "g r", "/review/")
    office.keyboard.press("j")
    enter(office)
    walk_to(office, name="publish-evidence_checked")
    office.keyboard.press("Space")
    walk_to(office, text="Publish")
    enter(office)
    item.refresh_from_db()
    assert (item.status, item.proof) == ("agreed", "verified")
    go(desk, "g o", "/")
    expect(desk.locator("main")).to_contain_text("1 agreed")
    walk_to(desk, text=f"{item.reference} {item.title}")
    enter(desk)
    expect(desk.locator("main")).to_contain_text("Ministers agreed. All ten were there.")
