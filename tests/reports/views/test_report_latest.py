"""/reports/latest/: the last report in the slot of another page, and what was recorded since."""

import datetime as dt
from collections.abc import Callable

import pytest
import time_machine
from django.test import Client
from django.utils.html import strip_tags

from brics_tracker.accounts.models import User
from brics_tracker.core.models import Theme
from brics_tracker.tracking.models import TrackedItem
from reports import services
from reports.selectors import gist_of
from tests.factories.core import make_theme
from tests.factories.tracking import make_item, make_milestone, make_update
from tests.growth import queries_of
from tests.reports.builders import MONDAY, WEDNESDAY, WEEK, make_definition, make_report

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
SLOT = {"HX-Request": "true"}
LATER = MONDAY + dt.timedelta(days=2)


def item_due(day: str, **fields: Theme) -> TrackedItem:
    """An item entered in the week before the report whose only step is due that day."""
    with time_machine.travel(WEDNESDAY):
        item = make_item(**fields)
        make_milestone(item, due=dt.date.fromisoformat(day))
    return item


def slot(client: Client) -> str:
    return client.get("/reports/latest/", headers=SLOT).content.decode()


@time_machine.travel(MONDAY)
def test_it_says_what_the_report_says_and_leads_to_its_files(sign_in: SignIn, reader: User) -> None:
    report = make_report()
    services.keep_file(report, "pdf", b"%PDF")
    page = slot(sign_in(reader))
    assert page.strip().startswith('<div id="latest-report"')
    assert "Weekly progress report" in page
    assert "frozen <time" in " ".join(page.split())
    assert "the register followed" in page
    for address in ("", "pdf/", "csv/", "json/"):
        assert f'href="/reports/{report.number}/{address}"' in page


def test_the_one_that_reaches_farthest_is_the_last(sign_in: SignIn, reader: User) -> None:
    definition = make_definition()
    with time_machine.travel(MONDAY):
        newest = make_report(definition)
    with time_machine.travel(LATER):
        make_report(definition, WEEK.previous)  # made up for later: old news
        assert f"/reports/{newest.number}/" in slot(sign_in(reader))


@time_machine.travel(MONDAY)
def test_as_a_page_it_leads_to_the_report(sign_in: SignIn, reader: User) -> None:
    client = sign_in(reader)
    assert client.get("/reports/latest/")["Location"] == "/reports/"
    report = make_report()
    answer = client.get("/reports/latest/")
    assert answer["Location"] == f"/reports/{report.number}/"
    assert "HX-Request" in answer["Vary"]


def test_without_reports_it_says_so(sign_in: SignIn, reader: User) -> None:
    page = slot(sign_in(reader))
    assert "No report is frozen yet." in page
    assert "overview-since" not in page


def test_the_overview_asks_for_it_and_has_a_link_without_script(sign_in: SignIn, reader: User) -> None:
    make_item()
    page = sign_in(reader).get("/").content.decode()
    assert 'hx-get="/reports/latest/"' in page
    assert 'href="/reports/latest/"' in page
    assert '<span id="overview-since"></span>' in page


def test_it_counts_what_was_recorded_since_the_cut_off(sign_in: SignIn, reader: User) -> None:
    moved, quiet = item_due("2026-12-24"), item_due("2026-12-24")
    item_due("2026-11-24")  # falls due between the report and now
    item_due("2026-11-10")  # was overdue in the report
    with time_machine.travel(WEDNESDAY + dt.timedelta(hours=1)):
        make_update(moved, status_claimed="discussion")  # the report has it
    with time_machine.travel(MONDAY):
        make_report()
        make_update(moved, status_claimed="agreed", sources=1)
        make_update(quiet, no_change=True, text="")
    with time_machine.travel(LATER):
        said = " ".join(slot(sign_in(reader)).split())
    assert "2 updates published, 1 item moved, 1 newly overdue." in strip_tags(said)
    assert 'href="/changes/?since=2026-11-22&amp;until=2026-11-25"' in said


@time_machine.travel(WEDNESDAY)
def test_a_report_of_today_has_no_earlier_day_to_compare_with(sign_in: SignIn, reader: User) -> None:
    make_report(extra=True, cut_off=WEDNESDAY)
    assert "/changes/" not in slot(sign_in(reader))


def test_a_past_day_of_the_overview_asks_for_the_last_report_of_that_day(sign_in: SignIn, reader: User) -> None:
    client = sign_in(reader)
    assert 'hx-get="/reports/latest/?as_of=2020-01-01"' in client.get("/?as_of=2020-01-01").content.decode()
    with time_machine.travel(MONDAY):
        report = make_report()
    with time_machine.travel(LATER):
        before, after = (
            client.get(f"/reports/latest/?as_of={day}", headers=SLOT).content.decode()
            for day in (MONDAY.date() - dt.timedelta(days=1), MONDAY.date())
        )
    assert "No report is frozen yet." in before
    assert f"/reports/{report.number}/" in after


def test_a_report_on_some_themes_counts_what_they_lead() -> None:
    energy, culture = make_theme("EN"), make_theme("CU")
    item_due("2026-11-24", theme=make_theme("EN-GAS", parent=energy))
    item_due("2026-11-24", theme=culture)
    with time_machine.travel(MONDAY):
        report = make_report(make_definition(themes=[energy]))
    with time_machine.travel(LATER):
        assert gist_of(report).since.overdue == 1


def test_what_became_overdue_and_was_archived_is_not_counted(administrator: User) -> None:
    item = item_due("2026-11-24")
    with time_machine.travel(MONDAY):
        report = make_report()
    with time_machine.travel(LATER):
        TrackedItem.objects.filter(pk=item.pk).update(archived_at=LATER)
        assert gist_of(report).since.overdue == 0


def test_more_rows_cost_no_more_queries(sign_in: SignIn, reader: User) -> None:
    client, counts = sign_in(reader), []
    with time_machine.travel(MONDAY):
        make_report()
    for more in (2, 10):
        with time_machine.travel(WEDNESDAY):
            items = [make_item() for _n in range(more)]
        with time_machine.travel(LATER):
            for item in items:
                make_update(item, status_claimed="discussion")
            counts.append(queries_of(lambda: client.get("/reports/latest/", headers=SLOT)))
    # session, person; report, files; head and totals; published, moved, overdue
    assert counts == [8, 8]
