"""Search in a real browser: from any page by its key, a slip of the finger forgiven, to the very place; without script too."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from brics_tracker.accounts.models import User
from tests.factories.tracking import make_item, make_update

from .conftest import OpenPage

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def test_from_the_key_to_the_very_update(open_page: OpenPage, reader: User) -> None:
    item = make_item(title="Rail corridors to the sea")
    update = make_update(item, text="The 金砖国家 corridor was opened at the port.")
    desk = open_page(reader)
    desk.goto("/mechanisms/")
    desk.keyboard.press("/")
    expect(desk.locator("main [name=q]:focus")).to_be_visible()
    desk.keyboard.type("rail corridr")
    desk.keyboard.press("Enter")
    expect(desk.locator("main")).to_contain_text("Did you mean rail corridors?")
    expect(desk.locator(".hits mark").first).to_have_text("Rail")

    desk.locator("main [name=q]").fill("金砖国家")
    expect(desk.locator(".hits mark").first).to_have_text("金砖国家")
    expect(desk.locator("#search-results [role=status]")).to_contain_text("1 found")
    assert desk.evaluate("decodeURI(location.search)") == "?q=金砖国家", "what was typed can be passed on"
    desk.locator("main").focus()
    desk.keyboard.press("j")
    desk.keyboard.press("Enter")
    expect(desk.locator(f"#update-{update.pk}")).to_contain_text("was opened at the port")
    assert desk.url.endswith(f"{item.get_absolute_url()}#update-{update.pk}")


def test_without_script(open_page: OpenPage, reader: User) -> None:
    item = make_item(title="Rail corridors to the sea")
    make_update(item, text="The corridor was opened.")
    desk = open_page(reader, java_script_enabled=False)
    desk.goto("/")
    desk.get_by_label("Search the register").fill("corridor")
    desk.get_by_role("button", name="Search").click()
    expect(desk.locator(".hits > li")).to_have_count(2)
    desk.get_by_role("link", name="updates 1").click()
    expect(desk.locator(".hits > li")).to_have_count(1)
    desk.locator("[name=kind]").select_option("proposal")
    desk.get_by_role("button", name="Search").click()
    desk.get_by_role("link", name=item.title).click()
    expect(desk.get_by_role("heading", level=1)).to_contain_text(item.title)
