"""The main path: progress is logged with evidence, returned, mended, published, and stands in overview, report and CSV."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from brics_tracker.accounts.models import User
from brics_tracker.tracking.models import TrackedItem, Update
from reports.models import Report, ReportDefinition
from tests.factories.tracking import make_item

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n"
SAID = "Ministers signed the terms of the price exchange."
OpenPage = Callable[..., Page]


@pytest.fixture
def item(analyst: User, reviewer: User, administrator: User) -> TrackedItem:
    return make_item(title="Exchange oil and gas price information")


def press(page: Page, name: str) -> None:
    """Go on with the button of this name; the next page is there when this returns."""
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).first.click()


def log(page: Page, item: TrackedItem, folder: Path, *, status: str = "agreed") -> None:
    statement = folder / "Joint statement.pdf"
    statement.write_bytes(PDF)
    page.goto(f"/items/{item.reference}/log/")
    page.locator("[name=text]").fill(SAID)
    page.locator("[name=happened]").fill("2026-03-02")
    page.locator("[name=status_claimed]").select_option(status)
    page.locator("[name=source-0-url]").fill("https://example.org/communique")
    page.locator("[name=source-0-title]").fill("Communiqué of the energy ministers")
    page.locator("[name=source-1-files]").set_input_files(statement)
    press(page, "Submit for review")


def review(page: Page, update: Update) -> None:
    page.goto(f"/review/updates/{update.pk}/")


def the_whole_path(
    open_page: OpenPage, item: TrackedItem, analyst: User, reviewer: User, folder: Path, **options: object
) -> None:
    desk = open_page(analyst, **options)
    desk.goto("/proposals/?q=gas+price")
    desk.get_by_role("link", name=item.title).first.click()
    expect(desk.get_by_role("heading", level=1)).to_contain_text(item.title)
    log(desk, item, folder)
    update = Update.objects.get(item=item, author=analyst)
    assert update.review_state == "submitted"
    assert update.evidence.count() == 2

    office = open_page(reviewer, **options)
    office.goto("/review/")
    expect(office.locator("main")).to_contain_text(item.title)
    review(office, update)
    expect(office.locator("main")).to_contain_text("Communiqué of the energy ministers")
    office.locator("form[action$='/return/'] textarea").fill("Which ministers?")
    press(office, "Hand back")
    update.refresh_from_db()
    assert update.review_state == "returned"

    desk.goto("/my-work/")
    expect(desk.locator("main")).to_contain_text("Which ministers?")
    desk.goto(f"/updates/{update.pk}/edit/")
    expect(desk.locator("[name=text]")).to_have_value(SAID)
    desk.locator("[name=text]").fill(f"{SAID} All ten energy ministers were there.")
    press(desk, "Submit for review")

    review(office, update)
    expect(office.locator("main")).to_contain_text("All ten energy ministers")
    office.locator("[name$=evidence_checked]").check()
    press(office, "Publish")
    item.refresh_from_db()
    assert (item.status, item.proof) == ("agreed", "verified")

    desk.goto("/")
    expect(desk.locator("main")).to_contain_text("1 agreed")
    desk.goto(item.get_absolute_url())
    expect(desk.locator("main")).to_contain_text("All ten energy ministers")
    answer = desk.request.get("/proposals/?export=csv")
    assert answer.ok
    row = next(line for line in answer.text().splitlines() if item.reference in line)
    assert "Agreed" in row
    assert "verified" in row


def test_from_the_log_to_the_csv(
    open_page: OpenPage, item: TrackedItem, analyst: User, reviewer: User, tmp_path: Path
) -> None:
    the_whole_path(open_page, item, analyst, reviewer, tmp_path)


def test_the_same_without_javascript(
    open_page: OpenPage, item: TrackedItem, analyst: User, reviewer: User, tmp_path: Path
) -> None:
    the_whole_path(open_page, item, analyst, reviewer, tmp_path, java_script_enabled=False)


def test_a_report_run_now_shows_what_was_published(
    open_page: OpenPage, item: TrackedItem, analyst: User, reviewer: User, tmp_path: Path
) -> None:
    ReportDefinition.objects.get_or_create(key="weekly", defaults={"title": "Weekly", "starts_on": "2026-01-05"})
    the_whole_path(open_page, item, analyst, reviewer, tmp_path)
    page = open_page(reviewer)
    page.goto("/reports/")
    with page.expect_navigation():
        page.get_by_role("button", name="Run now").first.click()
    report = Report.objects.get()
    assert report.is_extra
    page.goto(report.get_absolute_url())
    expect(page.locator("main")).to_contain_text(item.title)


def test_by_keyboard_alone(open_page: OpenPage, item: TrackedItem, analyst: User) -> None:
    page = open_page(analyst)
    page.goto("/")
    page.keyboard.press("g")
    page.keyboard.press("p")
    page.wait_for_url("**/proposals/")
    tab_to(page, lambda: page.evaluate("document.activeElement.closest('a')?.textContent || ''").strip() == item.title)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{item.get_absolute_url()}")
    page.keyboard.press("u")
    field = page.locator("[name=text]").first
    expect(field).to_be_visible()
    tab_to(page, lambda: page.evaluate("document.activeElement.name") == "text")
    page.keyboard.type("Talks began.")
    tab_to(page, lambda: page.evaluate("document.activeElement.name") == "status_claimed")
    page.keyboard.type("Under d")
    tab_to(page, lambda: page.evaluate("document.activeElement.textContent").strip() == "Submit for review")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Talks began.").first).to_be_visible()
    expect(page.locator("[name=text]")).to_have_count(0)
    update = Update.objects.get(item=item, author=analyst)
    assert (update.text, update.status_claimed, update.review_state) == ("Talks began.", "discussion", "submitted")


def tab_to(page: Page, arrived: Callable[[], bool], *, most: int = 150) -> None:
    """Press Tab until the focus is where it should be; a trap or an unreachable control fails here."""
    for _press in range(most):
        if arrived():
            return
        page.keyboard.press("Tab")
    raise AssertionError("not reached by keyboard")


def test_a_double_click_makes_one_update(open_page: OpenPage, item: TrackedItem, analyst: User) -> None:
    page = open_page(analyst)
    page.goto(f"/items/{item.reference}/log/")
    page.locator("[name=text]").fill("Talks began.")
    page.get_by_role("button", name="Submit for review", exact=True).first.dblclick()
    page.wait_for_load_state("networkidle")
    assert Update.objects.filter(item=item, author=analyst).count() == 1


def test_two_windows_lose_nothing(open_page: OpenPage, item: TrackedItem, analyst: User, administrator: User) -> None:
    first, second = open_page(analyst), open_page(administrator)
    for page in (first, second):
        page.goto(f"{item.get_absolute_url()}edit/")
    first.locator("[name=title]").fill("Exchange oil prices")
    press(first, "Save")
    second.locator("[name=title]").fill("Exchange gas prices")
    second.get_by_role("button", name="Save", exact=True).first.click()
    expect(second.locator("main")).to_contain_text("Exchange oil prices")
    assert "Exchange gas prices" in second.content()
    item.refresh_from_db()
    assert item.title == "Exchange oil prices"
