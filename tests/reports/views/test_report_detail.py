"""/reports/<number>/: one report from its snapshot, and its files."""

from collections.abc import Callable
from pathlib import Path

import pytest
import time_machine
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from brics_tracker.accounts.models import User
from brics_tracker.tracking.services import items
from reports import services
from reports.models import Report
from reports.renderers.data import checksum
from tests.factories.accounts import make_user
from tests.factories.tracking import make_item, make_update
from tests.reports.builders import MONDAY, WEDNESDAY, WEEK, make_definition, make_report

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


@pytest.fixture
def report(analyst: User, reviewer: User) -> Report:
    with time_machine.travel(WEDNESDAY):
        item = make_item(title="Link the <b>grids</b>")
        make_update(item, by=analyst, reviewer=reviewer, status_claimed="discussion")
    with time_machine.travel(MONDAY):
        return make_report(make_definition())


def test_it_shows_what_was_frozen_not_what_is(sign_in: SignIn, analyst: User, reader: User, report: Report) -> None:
    from brics_tracker.tracking.models import TrackedItem

    items.edit_item(TrackedItem.objects.get(), by=analyst, version=None, changes={"title": "Another title"})
    page = sign_in(reader).get(report.get_absolute_url()).content.decode()
    assert "Link the &lt;b&gt;grids&lt;/b&gt;" in page
    assert "Another title" not in page
    assert report.snapshot.sha256 in page


def test_nobody_is_shown_it_without_the_right(client: Client, report: Report) -> None:
    for address in ("", "csv/", "json/", "pdf/"):
        response = client.get(f"{report.get_absolute_url()}{address}")
        assert (response.status_code, response["Location"].split("?")[0]) == (302, "/accounts/login/")


def test_an_unknown_number_is_not_found(sign_in: SignIn, reader: User) -> None:
    client = sign_in(reader)
    for address in ("/reports/2026-W47-99/", "/reports/2026-W47-99/csv/", "/reports/2026-W47-99/pdf/"):
        assert client.get(address).status_code == 404


def test_it_leads_to_the_reports_before_and_after(sign_in: SignIn, reader: User, report: Report) -> None:
    with time_machine.travel(MONDAY):
        before = make_report(report.definition, WEEK.previous)
    page = sign_in(reader).get(report.get_absolute_url()).content.decode()
    assert f'href="/reports/{before.number}/" rel="prev"' in page
    assert 'rel="next"' not in page


@pytest.mark.parametrize(
    ("format", "kind"), [("csv", "text/csv"), ("json", "application/json"), ("pdf", "application/pdf")]
)
def test_a_file_is_saved_never_opened_in_the_sites_name(
    sign_in: SignIn, reader: User, report: Report, format: str, kind: str
) -> None:
    services.keep_file(report, "pdf", b"%PDF-1.7")
    response = sign_in(reader).get(f"{report.get_absolute_url()}{format}/")
    assert response["Content-Type"].startswith(kind)
    assert response["Content-Disposition"] == f'attachment; filename="report-{report.number}.{format}"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"].startswith("sandbox")
    assert b"".join(response)


def test_the_json_fits_its_checksum(sign_in: SignIn, reader: User, report: Report) -> None:
    tables = sign_in(reader).get(f"{report.get_absolute_url()}json/").json()
    assert checksum(tables) == report.snapshot.sha256


def test_a_pdf_that_is_not_made_or_was_lost_is_not_found(
    sign_in: SignIn, reader: User, report: Report, settings: LazySettings
) -> None:
    client = sign_in(reader)
    assert "not made yet" in client.get(report.get_absolute_url()).content.decode()
    assert client.get(f"{report.get_absolute_url()}pdf/").status_code == 404
    kept = services.keep_file(report, "pdf", b"%PDF")
    Path(settings.MEDIA_ROOT, kept.file.name or "").unlink()
    assert client.get(f"{report.get_absolute_url()}pdf/").status_code == 404


def test_a_missing_font_is_said_on_the_page(sign_in: SignIn, reader: User, report: Report) -> None:
    services.keep_file(report, "pdf", b"%PDF", note="No font for: Thai.")
    assert "No font for: Thai." in sign_in(reader).get(report.get_absolute_url()).content.decode()


def test_a_longer_report_costs_no_more_queries(sign_in: SignIn, reader: User) -> None:
    author, reviewer, client, counts = make_user(role="analyst"), make_user(role="reviewer"), sign_in(reader), []
    definition = make_definition()
    for span, more in ((WEEK.previous, 2), (WEEK, 10)):
        with time_machine.travel(span.began_at):
            for _n in range(more):
                make_update(make_item(), by=author, reviewer=reviewer)
        with time_machine.travel(MONDAY):
            report = make_report(definition, span)
            with CaptureQueriesContext(connection) as asked:
                client.get(report.get_absolute_url())
        counts.append(len(asked))
    assert counts[0] == counts[1]
