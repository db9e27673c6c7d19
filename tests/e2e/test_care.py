"""Duplicates found, compared and merged; an item split: with script and without."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from brics_tracker.accounts.models import User
from brics_tracker.core import jobs
from brics_tracker.core.models import Job
from brics_tracker.tracking.models import TrackedItem
from tests.factories.tracking import make_document, make_item, make_milestone, make_update

from .conftest import OpenPage
from .test_registering import SCRIPT, press

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@SCRIPT
def test_two_entries_of_one_thing_become_one(open_page: OpenPage, administrator: User, script: bool) -> None:
    keep = make_item(title="Grain exchange of the members", summary="Prices are exchanged every month.")
    other = make_item(title="An exchange for grain among members", summary="Prices are exchanged each month.")
    make_update(other, text="The ministers agreed on a text.", status_claimed="discussion")
    page = open_page(administrator, java_script_enabled=script)
    page.goto("/care/duplicates/")
    press(page, "Look through the register")
    jobs.run(Job.objects.get(kind="tracking.find_duplicates").pk)
    page.goto("/care/duplicates/")
    with page.expect_navigation():
        page.get_by_role("link", name="Side by side").first.click()
    page.get_by_label(f"{other.reference}: {other.title}").check()
    page.locator("[name=reason]").fill("One thing twice.")
    press(page, "Show what it would do")
    expect(page.locator("#merge-preview")).to_contain_text("Under discussion")
    press(page, f"Merge {other.reference} into {keep.reference}")
    expect(page.locator("h1")).to_have_text(other.title)
    expect(page.locator("#item-timeline")).to_contain_text("The ministers agreed on a text.")
    page.goto(f"/proposals/{other.reference}/")
    assert page.url.endswith(f"/proposals/{keep.reference}/")
    expect(page.locator("main")).to_contain_text(f"{other.reference} was merged into {keep.reference}")


@SCRIPT
def test_one_entry_becomes_two(open_page: OpenPage, administrator: User, script: bool) -> None:
    item = make_item(title="Grain exchange and reserve", passages=make_document(paragraphs=2).passages.all())
    update = make_update(item, text="A reserve was agreed on.", status_claimed="discussion")
    make_milestone(item, title="Sign the text")
    page = open_page(administrator, java_script_enabled=script)
    page.goto(f"/proposals/{item.reference}/")
    with page.expect_navigation():
        page.get_by_role("link", name="Split", exact=True).click()
    page.locator("[name=title_1]").fill("Grain exchange")
    page.locator("[name=title_2]").fill("Grain reserve")
    page.locator(f"[name=update_{update.pk}]").select_option("2")
    page.locator("[name=reason]").fill("Two things in one.")
    press(page, "Split it")
    expect(page.locator("main")).to_contain_text("is split into")
    reserve = TrackedItem.objects.get(title="Grain reserve")
    page.goto(f"/proposals/{reserve.reference}/")
    expect(page.locator("main")).to_contain_text("A reserve was agreed on.")
    expect(page.locator("#item-head")).to_contain_text("Under discussion")


def test_what_is_like_a_title_is_offered_while_it_is_typed(open_page: OpenPage, analyst: User) -> None:
    item = make_item(title="Grain exchange of the members")
    page = open_page(analyst)
    page.goto("/proposals/new/")
    page.locator("[name=title]").fill("A grain exchange")
    page.locator("[name=title]").blur()
    expect(page.locator("#similar")).to_contain_text(item.reference)
    expect(page.locator("[name=title]")).to_have_value("A grain exchange")
