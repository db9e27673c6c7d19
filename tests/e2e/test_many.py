"""Boards, lines of time and work on many at once, in a real browser with and without JavaScript."""

from __future__ import annotations

import datetime as dt

import pytest
from playwright.sync_api import Page, expect

from brics_tracker.accounts.models import User
from brics_tracker.tracking.models import BulkEdit, TrackedItem, Update
from tests.factories.core import make_organisation
from tests.factories.tracking import make_item, make_milestone, make_update

from .conftest import OpenPage

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
SCRIPT = pytest.mark.parametrize("script", [True, False], ids=["with-script", "without-script"])


def press(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.locator("main").get_by_role("button", name=name).first.click()


@SCRIPT
def test_from_the_board_to_an_update_with_its_status(open_page: OpenPage, analyst: User, script: bool) -> None:
    item = make_item(title="Grain exchange")
    make_milestone(item, title="Text agreed", due=dt.date.today() + dt.timedelta(days=30))
    page = open_page(analyst, java_script_enabled=script)
    page.goto("/proposals/?q=grain")
    page.get_by_role("link", name="Timeline", exact=True).click()
    expect(page.get_by_role("img", name="Text agreed").first).to_be_visible()
    page.get_by_role("link", name="Board", exact=True).click()
    expect(page.get_by_role("heading", name="Proposed")).to_contain_text("1")
    card = page.locator(".item-card")
    card.locator("summary").press("Enter")
    card.get_by_role("link", name="Under discussion").click()
    expect(page.locator("[name=status_claimed]")).to_have_value("discussion")


@SCRIPT
def test_many_are_confirmed_and_set_back(open_page: OpenPage, reviewer: User, script: bool) -> None:
    bank, council = make_organisation("bank"), make_organisation("council")
    items = [make_item(plan="agreement", owner=bank) for _n in range(3)]
    page = open_page(reviewer, java_script_enabled=script)
    page.goto("/proposals/?to_confirm=true")
    page.get_by_role("link", name="Confirm owners and plans").click()
    for item in items[:2]:
        page.get_by_label(f"Confirm {item.reference}", exact=True).check()
    page.get_by_label(f"Owner of {items[1].reference}").fill(council.name)
    press(page, "Show what it would change")
    press(page, "Change 2 items")
    assert TrackedItem.objects.filter(owner_confirmed=True).count() == 2
    assert TrackedItem.objects.get(pk=items[1].pk).owner == council
    press(page, "Undo the whole edit")
    assert TrackedItem.objects.filter(owner_confirmed=False, owner=bank).count() == 3
    assert BulkEdit.objects.count() == 2


@SCRIPT
def test_a_reviewer_decides_on_many(open_page: OpenPage, reviewer: User, script: bool) -> None:
    proved = make_update(make_item(title="Grain"), state="submitted", status_claimed="agreed", sources=1)
    plain = make_update(make_item(title="Rail"), state="submitted", status_claimed="discussion")
    page = open_page(reviewer, java_script_enabled=script)
    page.goto("/review/")
    for update in (proved, plain):
        page.get_by_label(f"Choose {update.item.reference}").check()
    press(page, "Decide on those chosen")
    expect(page.locator("main")).to_contain_text("Under discussion")
    page.get_by_label("I opened the evidence").check()
    press(page, "Publish them")
    expect(page.locator("main")).to_contain_text("What was decided")
    assert set(Update.objects.values_list("review_state", flat=True)) == {"published"}
    assert TrackedItem.objects.get(pk=proved.item_id).proof == "verified"
