"""Signing in at the door; a proposal with its plan: made, reviewed, changed; windows that collide; impatient clicks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from brics_tracker.accounts.models import User
from brics_tracker.core.models import Theme
from brics_tracker.tracking.models import Milestone, TrackedItem
from brics_tracker.tracking.services.milestones import edit_milestone
from tests.factories import tracking
from tests.factories.core import make_theme

from .conftest import OpenPage

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
PASSWORD = "a long and quiet river"
SCRIPT = pytest.mark.parametrize("script", [True, False], ids=["with-script", "without-script"])
Go = Callable[[Page, str], None]


@pytest.fixture
def theme(transactional_db: None) -> Theme:
    tracking.make_document("declaration-2030", paragraphs=5)
    return make_theme("EN", name="Energy")


def press(page: Page, name: str) -> None:
    """The button of this name within the page's own part; the next page is there when this returns."""
    with page.expect_navigation():
        page.locator("main").get_by_role("button", name=name, exact=True).last.click()


def fill_proposal(page: Page, theme: Theme, title: str) -> None:
    page.goto("/proposals/new/")
    page.locator("[name=title]").fill(title)
    page.locator("[name=summary]").fill("Prices are exchanged every month.")
    page.locator("[name=lead_theme]").select_option(str(theme.pk))
    page.locator("[name=plan]").select_option("agreement")
    page.locator("[name=cites-0-document]").select_option("declaration-2030")
    page.locator("[name=cites-0-paragraphs]").fill("2, 4")


@SCRIPT
def test_someone_signs_in_where_they_wanted_to_go(open_page: OpenPage, analyst: User, script: bool) -> None:
    analyst.set_password(PASSWORD)
    analyst.save()
    page = open_page(java_script_enabled=script)
    page.goto("/my-work/?mine=1")
    page.get_by_label("address", exact=False).first.fill(analyst.email)
    page.locator("[type=password]").fill("not that one at all")
    press(page, "Sign in")
    expect(page.locator("main")).to_contain_text("not")
    page.locator("[type=password]").fill(PASSWORD)
    press(page, "Sign in")
    assert page.url.endswith("/my-work/?mine=1")
    with page.expect_navigation():
        page.get_by_role("button", name="Sign out").click()
    page.goto("/my-work/")
    assert "/accounts/login/" in page.url


@SCRIPT
def test_a_proposal_from_its_first_words_to_its_plan(
    open_page: OpenPage, theme: Theme, analyst: User, reviewer: User, script: bool
) -> None:
    desk = open_page(analyst, java_script_enabled=script)
    fill_proposal(desk, theme, "Exchange gas prices")
    press(desk, "Submit for review")
    item = TrackedItem.objects.get()
    assert desk.url.endswith(item.get_absolute_url())
    assert (item.review_state, item.citations.count(), item.milestones.count()) == ("submitted", 2, 5)

    office = open_page(reviewer, java_script_enabled=script)
    office.goto("/review/")
    office.get_by_role("link", name=item.title).click()
    press(office, "Publish")
    item.refresh_from_db()
    assert item.is_published

    desk.goto(f"{item.get_absolute_url()}edit/")
    desk.locator("[name=title]").fill("Exchange gas and oil prices")
    desk.locator("[name=cites-0-paragraphs]").fill("2, 3")
    press(desk, "Save")
    expect(desk.get_by_role("heading", level=1)).to_contain_text("Exchange gas and oil prices")
    expect(desk.locator("#item-milestones")).to_contain_text("once a reviewer or an administrator confirms it")
    expect(desk.get_by_role("button", name="Confirm the plan")).to_have_count(0)
    office.goto(item.get_absolute_url())
    press(office, "Confirm the plan")
    change_the_plan(desk, office, item)


@SCRIPT
def test_a_mechanism_made_published_and_changed(
    open_page: OpenPage, theme: Theme, analyst: User, reviewer: User, script: bool
) -> None:
    desk = open_page(analyst, java_script_enabled=script)
    desk.goto("/mechanisms/")
    desk.get_by_role("link", name="New mechanism").click()
    desk.locator("[name=title]").fill("BRICS Grain Exchange")
    desk.locator("[name=kind]").select_option("platform")
    desk.locator("[name=track]").select_option("economy_finance")
    desk.locator("[name=lead_theme]").select_option(str(theme.pk))
    desk.locator("[name=founded]").fill("2031-13")
    desk.locator("main").get_by_role("button", name="Submit for review", exact=True).click()
    expect(desk.locator("[role=alert]").first).to_be_visible()
    expect(desk.locator("[name=title]")).to_have_value("BRICS Grain Exchange")
    desk.locator("[name=founded]").fill("2031-04")
    press(desk, "Submit for review")
    item = TrackedItem.objects.get()
    assert (item.reference, item.review_state) == ("M-001", "submitted")

    office = open_page(reviewer, java_script_enabled=script)
    office.goto("/review/")
    office.get_by_role("link", name=item.title).click()
    expect(office.locator("main")).to_contain_text("April 2031")
    press(office, "Publish")
    item.refresh_from_db()
    assert item.is_published

    desk.goto(f"{item.get_absolute_url()}edit/")
    desk.locator("[name=acronym]").fill("BGE")
    desk.locator("[name=founding_event]").fill("Summit in Durban")
    press(desk, "Save")
    expect(desk.locator("main")).to_contain_text("BGE")
    expect(desk.locator("main")).to_contain_text("April 2031, Summit in Durban")


def change_the_plan(desk: Page, office: Page, item: TrackedItem) -> None:
    """A step more, confirmed by the reviewer; its date moved with a reason; a step dropped."""
    due = dt.date.today() + dt.timedelta(days=40)
    desk.goto(f"/items/{item.reference}/milestones/new/")
    desk.locator("main [name=title]").fill("Prices exchanged for a year")
    desk.locator("[name=due]").fill(due.isoformat())
    press(desk, "Save")
    step = Milestone.objects.get(title="Prices exchanged for a year")
    office.goto(f"/milestones/{step.pk}/edit/")
    office.locator("[name=confirmed]").check()
    press(office, "Save")
    desk.goto(f"/milestones/{step.pk}/edit/")
    desk.locator("[name=due]").fill((due + dt.timedelta(days=30)).isoformat())
    desk.locator("main").get_by_role("button", name="Save", exact=True).click()
    expect(desk.locator("[role=alert]").first).to_contain_text("reason", ignore_case=True)
    assert desk.locator("[name=due]").input_value() == (due + dt.timedelta(days=30)).isoformat()
    desk.locator("[name=reason]").fill("The ministers meet later.")
    press(desk, "Save")
    change = step.due_date_changes.get()
    assert (change.days, change.reason) == (30, "The ministers meet later.")
    first = item.milestones.order_by("position")[0]
    desk.goto(f"/milestones/{first.pk}/drop/")
    desk.locator("[name=reason]").fill("Not needed.")
    press(desk, "Drop the step")
    expect(desk.locator("#item-milestones")).not_to_contain_text(first.title)
    expect(desk.locator("#item-milestones")).to_contain_text("Prices exchanged for a year")


@SCRIPT
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    open_page: OpenPage, theme: Theme, analyst: User, script: bool
) -> None:
    page = open_page(analyst, java_script_enabled=script)
    fill_proposal(page, theme, "Exchange gas prices")
    page.locator("[name=target_date]").fill("soon")
    page.locator("[name=cites-0-paragraphs]").fill("4, 99")
    page.locator("main").get_by_role("button", name="Submit for review", exact=True).click()
    expect(page.locator("[role=alert]").first).to_be_visible()
    for name, value in (("title", "Exchange gas prices"), ("target_date", "soon"), ("cites-0-paragraphs", "4, 99")):
        expect(page.locator(f"[name={name}]")).to_have_value(value)
    assert TrackedItem.objects.count() == 0


@SCRIPT
def test_an_impatient_click_makes_one_proposal(open_page: OpenPage, theme: Theme, analyst: User, script: bool) -> None:
    page = open_page(analyst, java_script_enabled=script)
    fill_proposal(page, theme, "Exchange gas prices")
    page.locator("main").get_by_role("button", name="Save as draft", exact=True).last.dblclick()
    page.wait_for_url("**/proposals/EN-*/")
    page.wait_for_load_state("networkidle")
    assert TrackedItem.objects.count() == 1


@SCRIPT
def test_two_windows_on_one_milestone_lose_nothing(
    open_page: OpenPage, theme: Theme, analyst: User, reviewer: User, script: bool
) -> None:
    step = tracking.make_milestone(tracking.make_item(theme=theme), title="Text agreed")
    page = open_page(analyst, java_script_enabled=script)
    page.goto(f"/milestones/{step.pk}/edit/")
    edit_milestone(step, by=reviewer, version=step.version, changes={"title": "Text initialled", "weight": 7})
    page.locator("main [name=title]").fill("Text signed")
    page.locator("main").get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("main")).to_contain_text("Text initialled")
    expect(page.locator("main [name=title]")).to_have_value("Text signed")
    step.refresh_from_db()
    assert step.title == "Text initialled", "nothing is overwritten before the person has chosen"
    press(page, "Save")
    step.refresh_from_db()
    assert (step.title, step.weight) == ("Text signed", 7)


@SCRIPT
def test_two_windows_on_one_update_lose_nothing(open_page: OpenPage, theme: Theme, analyst: User, script: bool) -> None:
    update = tracking.make_draft(tracking.make_item(theme=theme), by=analyst, text="Talks began.")
    pages: list[Any] = [open_page(analyst, java_script_enabled=script) for _window in range(2)]
    for page in pages:
        page.goto(f"/updates/{update.pk}/edit/")
    pages[0].locator("[name=text]").fill("Talks began in Durban.")
    press(pages[0], "Save as draft")
    pages[1].locator("[name=text]").fill("Talks began in Kazan.")
    pages[1].locator("main").get_by_role("button", name="Save as draft", exact=True).last.click()
    expect(pages[1].locator("main")).to_contain_text("Talks began in Durban.")
    expect(pages[1].locator("[name=text]")).to_have_value("Talks began in Kazan.")
    update.refresh_from_db()
    assert update.text == "Talks began in Durban."
