"""A large list as a file: offered by the list, cancelled, run again, ready while one looks on, fetched."""

from __future__ import annotations

import io

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from brics_tracker.accounts.models import User
from brics_tracker.core import jobs
from brics_tracker.core.models import Job
from brics_tracker.core.writers import XlsxWriter
from tests.factories.tracking import make_proposal

from .conftest import OpenPage

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _slow_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """A list of two is large, and no worker takes a job before the test does."""
    monkeypatch.setattr(XlsxWriter, "cells_at_once", 20)
    monkeypatch.setattr(jobs, "send", lambda pk: True)


def press(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.locator("main").get_by_role("button", name=name).first.click()


@pytest.mark.parametrize("script", [True, False], ids=["with-script", "without-script"])
def test_a_large_list_as_a_workbook(open_page: OpenPage, reader: User, script: bool) -> None:
    for title in ("Grain exchange", "Grain reserve", "Gas prices"):
        make_proposal(title=title)
    page = open_page(reader, java_script_enabled=script)
    page.goto("/proposals/?q=grain&sort=title")
    page.locator("summary", has_text="Export").click()
    page.get_by_role("link", name="XLSX", exact=True).click()
    expect(page.locator("main")).to_contain_text("Words in this list: grain")
    press(page, "Make the file")
    expect(page.get_by_role("status").first).to_contain_text("waiting")
    press(page, "Cancel")
    expect(page.locator("main")).to_contain_text("Cancelled by")
    press(page, "Run it again")
    expect(page.get_by_role("status").first).to_contain_text("waiting")

    jobs.run(Job.objects.get().pk)
    if not script:
        page.get_by_role("link", name="Look again").click()
    ready = page.get_by_role("link", name="Download")
    expect(ready).to_be_visible()
    with page.expect_download() as fetching:
        ready.click()
    assert fetching.value.suggested_filename.endswith(".xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(fetching.value.path().read_bytes())).worksheets[0]
    assert [row[1].value for row in sheet.iter_rows(min_row=2)] == ["Grain exchange", "Grain reserve"]


def test_small_lists_come_at_once(open_page: OpenPage, reader: User) -> None:
    make_proposal(title="Grain exchange")
    page = open_page(reader)
    page.goto("/proposals/")
    page.locator("summary", has_text="Export").click()
    for format in ("CSV", "XLSX", "JSON"):
        with page.expect_download() as fetching:
            page.get_by_role("link", name=format, exact=True).click()
        assert fetching.value.suggested_filename.endswith(f".{format.lower()}")
