"""/reports/: what is made next, what is on its way, what is frozen."""

import datetime as dt
from collections.abc import Callable

import pytest
import time_machine
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from brics_tracker.accounts.models import User
from reports import services
from tests.factories.accounts import make_user
from tests.factories.core import make_theme
from tests.reports.builders import MONDAY, WEEK, make_definition, make_report

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


def test_whoever_is_not_signed_in_is_asked_to(client: Client) -> None:
    response = client.get("/reports/")
    assert (response.status_code, response["Location"]) == (302, "/accounts/login/?next=/reports/")


def test_a_public_register_shows_it_to_everyone(client: Client, settings: LazySettings) -> None:
    settings.PUBLIC_READ = True
    page = client.get("/reports/")
    assert page.status_code == 200
    assert "Run now" not in page.content.decode()


@time_machine.travel(MONDAY)
def test_it_says_what_comes_next_and_lists_what_is_frozen(sign_in: SignIn, reader: User) -> None:
    report = make_report()
    page = sign_in(reader).get("/reports/").content.decode()
    assert "2026-W48" in page
    assert "30 Nov 2026, 06:00" in page
    for address in ("", "csv/", "json/"):
        assert f'href="/reports/{report.number}/{address}"' in page


def test_before_the_hour_the_report_of_the_period_that_ended_comes_next(sign_in: SignIn, reader: User) -> None:
    make_definition()
    with time_machine.travel(WEEK.cut_off + dt.timedelta(hours=5)):
        page = sign_in(reader).get("/reports/").content.decode()
    assert "2026-W47" in page
    assert "23 Nov 2026, 06:00" in page


def test_one_that_is_switched_off_says_so(sign_in: SignIn, reader: User) -> None:
    make_definition(active=False)
    assert "switched off" in sign_in(reader).get("/reports/").content.decode()


@pytest.mark.parametrize(
    ("role", "may"), [("administrator", True), ("reviewer", True), ("analyst", False), ("", False)]
)
def test_administrators_and_reviewers_may_run_one_now(sign_in: SignIn, role: str, may: bool) -> None:
    make_definition()
    page = sign_in(make_user(role=role)).get("/reports/").content.decode()
    assert ("Run now" in page) is may


def test_a_reviewer_of_one_theme_may_not(sign_in: SignIn) -> None:
    make_definition()
    user = make_user(role="reviewer", themes=[make_theme("EC")])
    assert "Run now" not in sign_in(user).get("/reports/").content.decode()


def test_runs_on_their_way_are_shown_to_those_who_may_run(sign_in: SignIn, reviewer: User, reader: User) -> None:
    make_definition(starts_on=WEEK.start)
    with time_machine.travel(MONDAY):
        [run] = services.enqueue_due(MONDAY)
        assert f"/reports/runs/{run.pk}/" in sign_in(reviewer).get("/reports/").content.decode()
        assert f"/reports/runs/{run.pk}/" not in sign_in(reader).get("/reports/").content.decode()


@time_machine.travel(MONDAY)
def test_the_list_can_be_filtered_exported_and_swapped(sign_in: SignIn, reader: User) -> None:
    mine, other = make_report(make_definition()), make_report(make_definition("board", title="Board"))
    client = sign_in(reader)
    page = client.get("/reports/?definition=board").content.decode()
    assert f"/reports/{other.number}/" in page
    assert f"/reports/{mine.number}/" not in page
    fragment = client.get("/reports/", headers={"HX-Request": "true"}).content.decode()
    assert fragment.strip().startswith('<div id="report-results"')
    lines = b"".join(client.get("/reports/?export=csv")).decode("utf-8-sig").splitlines()
    assert len(lines) == 3
    assert "2026-W47-01" in lines[2]


@time_machine.travel(MONDAY)
def test_more_reports_cost_no_more_queries(sign_in: SignIn, reviewer: User) -> None:
    definition, client = make_definition(), sign_in(reviewer)
    span, counts = WEEK, []
    for more in (2, 10):
        for _week in range(more):
            services.keep_file(make_report(definition, span), "pdf", b"%PDF")
            span = span.previous
        with CaptureQueriesContext(connection) as asked:
            client.get("/reports/")
        counts.append(len(asked))
    assert counts[0] == counts[1]
