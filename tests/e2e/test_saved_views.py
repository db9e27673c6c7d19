"""A day's list: filtered, its columns chosen, kept under a name, found again."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from brics_tracker.accounts.models import SavedView, User
from tests.factories.tracking import make_proposal

from .conftest import OpenPage

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("script", [True, False], ids=["with-script", "without-script"])
def test_filter_choose_columns_save_and_come_back(open_page: OpenPage, analyst: User, script: bool) -> None:
    make_proposal(title="Grain exchange", kind="goal")
    make_proposal(title="Gas prices", kind="commitment")
    desk = open_page(analyst, java_script_enabled=script)
    desk.goto("/proposals/")
    rows = desk.locator("table.rows tbody tr")
    expect(rows).to_have_count(2)

    desk.get_by_label("Kind", exact=True).first.select_option("goal")
    if not script:
        desk.get_by_role("button", name="Show", exact=True).click()
    expect(rows).to_have_count(1)

    desk.locator("summary", has_text="Columns").click()
    desk.get_by_role("checkbox", name="Proof").uncheck()
    desk.get_by_role("checkbox", name="Phase").check()
    with desk.expect_navigation():
        desk.get_by_role("button", name="Show these").click()
    expect(desk.locator("thead")).to_contain_text("Phase")
    expect(desk.locator("thead")).not_to_contain_text("Proof")
    expect(desk).to_have_url(re.compile("kind=goal.*columns="))

    desk.locator("summary", has_text="Views").click()
    desk.get_by_label("Save what is shown as").fill("Goals by phase")
    desk.get_by_label("Share it with everyone signed in").check()
    with desk.expect_navigation():
        desk.get_by_role("button", name="Save the view").click()
    expect(desk.locator(".view-line")).to_contain_text("Goals by phase")
    assert SavedView.objects.get().shared

    desk.locator("summary", has_text="Views").click()
    with desk.expect_navigation():
        desk.get_by_role("button", name="Goals by phase").click()
    desk.goto("/")
    desk.get_by_role("link", name="Proposals").first.click()
    expect(desk.locator(".view-line")).to_contain_text("your default")
    expect(rows).to_have_count(1)
    expect(desk.locator("thead")).to_contain_text("Phase")
    desk.get_by_role("link", name="Show everything").click()
    expect(rows).to_have_count(2)


def test_the_counts_come_when_they_are_looked_at_and_follow_the_filter(open_page: OpenPage, analyst: User) -> None:
    make_proposal(kind="goal")
    make_proposal(kind="commitment")
    desk = open_page(analyst)
    asked: list[str] = []
    desk.on("request", lambda request: asked.append(request.url) if "facets" in request.url else None)
    desk.goto("/proposals/")
    assert asked == []
    desk.locator(".counts > summary").click()
    goals = desk.locator(".facets").get_by_role("link", name="Goal")
    expect(goals).to_be_visible()
    desk.get_by_label("Kind", exact=True).first.select_option("commitment")
    expect(desk.locator(".facets [aria-current]")).to_contain_text("Commitment")
    goals.click()
    expect(desk.locator("table.rows tbody tr")).to_have_count(1)
    expect(desk.locator(".facets [aria-current]")).to_contain_text("Goal")
