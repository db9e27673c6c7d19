"""Freezing, numbering, and what is due: decided from the database, once for each period."""

import copy
import datetime as dt
import uuid
from pathlib import Path

import pytest
import time_machine
from django.conf import LazySettings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError

from brics_tracker.accounts.models import User
from brics_tracker.core.models import Job
from brics_tracker.tracking.services import items, updates
from reports import services
from reports.integrity import frozen_reports
from reports.models import Report, ReportCounter, Snapshot
from reports.periods import period_containing
from reports.renderers.data import canonical, checksum
from tests.factories.accounts import make_user
from tests.factories.core import make_theme
from tests.factories.tracking import make_item, make_update

from .builders import MONDAY, WEDNESDAY, WEEK, make_definition, make_report

pytestmark = pytest.mark.django_db


# --- freezing -------------------------------------------------------------------------------------


@time_machine.travel(MONDAY)
def test_a_report_is_numbered_by_its_period_and_holds_its_number() -> None:
    report = make_report()
    assert report.number == "2026-W47-01"
    assert report.snapshot.tables["head"]["number"] == "2026-W47-01"
    assert report.snapshot.sha256 == checksum(report.snapshot.tables)
    assert (report.period_start, report.period_end) == (WEEK.start, WEEK.end)


@time_machine.travel(MONDAY)
def test_freezing_again_gives_the_one_that_exists() -> None:
    report = make_report()
    assert make_report(report.definition) == report
    assert Report.objects.count() == Snapshot.objects.count() == 1


@time_machine.travel(MONDAY)
def test_reports_of_one_period_are_numbered_on() -> None:
    first = make_report(make_definition("weekly"))
    second = make_report(make_definition("board"))
    extra = make_report(first.definition, extra=True, cut_off=WEEK.cut_off)
    assert [report.number for report in (first, second, extra)] == ["2026-W47-01", "2026-W47-02", "2026-W47-03"]
    assert ReportCounter.objects.get(label="2026-W47").last == 3


@time_machine.travel(WEDNESDAY)
def test_a_period_that_still_runs_is_refused() -> None:
    with pytest.raises(ValidationError, match="not over"):
        make_report()
    assert not Report.objects.exists()


@time_machine.travel(MONDAY)
def test_a_failure_uses_up_no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("disk full")

    with monkeypatch.context() as broken:
        broken.setattr(Snapshot.objects, "create", fail)
        with pytest.raises(RuntimeError):
            make_report()
    assert not Report.objects.exists()
    assert make_report().number == "2026-W47-01"


def test_a_frozen_report_stays_as_it_is_byte_for_byte(analyst: User, reviewer: User) -> None:
    with time_machine.travel(WEDNESDAY):
        item = make_item(title="As it was called")
        update = make_update(item, by=analyst, reviewer=reviewer, status_claimed="discussion")
    with time_machine.travel(MONDAY):
        report = make_report()
        before = canonical(report.snapshot.tables)
        items.edit_item(item, by=analyst, version=None, changes={"title": "Another title"})
        updates.retract_update(update, by=reviewer, reason="mistaken")
        make_report(report.definition)
    snapshot = Snapshot.objects.get(report=report)
    assert canonical(snapshot.tables) == before
    assert "As it was called" in before.decode()
    assert list(frozen_reports()) == []


@time_machine.travel(MONDAY)
def test_a_report_that_was_tampered_with_is_found() -> None:
    report = make_report()
    tables = copy.deepcopy(report.snapshot.tables)
    tables["totals"]["overdue"] = 99
    Snapshot.objects.filter(report=report).update(tables=tables)
    assert [line for line in frozen_reports() if report.number in line]


def test_the_next_report_says_what_changed_since_the_one_before(analyst: User, reviewer: User) -> None:
    with time_machine.travel(WEDNESDAY):
        item = make_item()
        make_item(target_date="2026-11-25")
    with time_machine.travel(MONDAY):
        first = make_report()
        make_report(first.definition, period_containing("week", MONDAY.date()), extra=True, cut_off=MONDAY)
    with time_machine.travel(MONDAY + dt.timedelta(days=1)):
        make_update(item, by=analyst, reviewer=reviewer, status_claimed="discussion")
    with time_machine.travel(MONDAY + dt.timedelta(days=7)):
        second = make_report(first.definition, WEEK.next)
    changes = second.snapshot.tables["changes"]
    # Against the regular report before it: the extra one in between is not of the series.
    assert changes["since"] == first.number
    assert {row["direction"] for row in changes["rows"]} == {"forward", "overdue"}
    assert changes["total"] == 2


# --- what is due ----------------------------------------------------------------------------------


def test_a_report_is_asked_for_from_its_hour_on_and_once() -> None:
    make_definition(starts_on=WEEK.start)
    assert services.enqueue_due(dt.datetime(2026, 11, 23, 5, 59, tzinfo=dt.UTC)) == []
    asked = services.enqueue_due(dt.datetime(2026, 11, 23, 6, 0, tzinfo=dt.UTC))
    assert [job.key for job in asked] == ["weekly:2026-11-16"]
    assert services.enqueue_due(dt.datetime(2026, 11, 23, 6, 1, tzinfo=dt.UTC)) == []
    assert Job.objects.count() == 1


def test_missed_periods_are_caught_up_with_but_not_without_end() -> None:
    make_definition(starts_on=dt.date(2020, 1, 6))
    keys = [job.key for job in services.enqueue_due(MONDAY)]
    assert len(keys) == services.CATCH_UP
    assert keys[-1] == "weekly:2026-11-16"
    assert keys == sorted(keys)


def test_nothing_is_made_before_the_first_period_or_while_switched_off() -> None:
    make_definition(starts_on=WEEK.next.start)
    make_definition("off", active=False)
    assert services.enqueue_due(MONDAY) == []


@time_machine.travel(MONDAY)
def test_a_report_made_by_hand_is_not_asked_for_again() -> None:
    make_report(make_definition(starts_on=WEEK.start))
    assert services.enqueue_due(MONDAY) == []


def test_each_definition_is_due_by_its_own_rhythm() -> None:
    make_definition(starts_on=WEEK.start)
    make_definition("quarterly", period="quarter", starts_on=dt.date(2026, 7, 1))
    assert {job.key for job in services.enqueue_due(MONDAY)} == {"weekly:2026-11-16", "quarterly:2026-07-01"}


def test_asking_costs_no_more_with_many_reports(django_assert_num_queries: object) -> None:
    definition = make_definition(starts_on=WEEK.start)
    with time_machine.travel(MONDAY):
        make_report(definition)
    # Definitions, reports made, jobs asked for.
    with django_assert_num_queries(3):  # type: ignore[operator]
        services.enqueue_due(MONDAY)


# --- run now --------------------------------------------------------------------------------------


@time_machine.travel(WEDNESDAY)
def test_the_same_form_twice_starts_one_run(reviewer: User) -> None:
    definition, key = make_definition(), uuid.uuid4()
    runs = {services.run_now(definition, by=reviewer, form_key=key).pk for _click in range(2)}
    assert len(runs) == 1
    assert services.run_now(definition, by=reviewer, form_key=uuid.uuid4()).pk not in runs


@pytest.mark.parametrize("role", ["", "analyst"])
def test_others_may_not_run_reports(role: str) -> None:
    with pytest.raises(PermissionDenied):
        services.run_now(make_definition(), by=make_user(role=role), form_key=uuid.uuid4())


def test_a_reviewer_of_one_theme_may_not_run_a_report_on_all() -> None:
    user = make_user(role="reviewer", themes=[make_theme("EC")])
    with pytest.raises(PermissionDenied):
        services.run_now(make_definition(), by=user, form_key=uuid.uuid4())


# --- definitions and files ------------------------------------------------------------------------


@time_machine.travel(WEDNESDAY)
def test_definitions_are_added_once_and_never_overwritten() -> None:
    entries = [{"key": "weekly", "title": "Weekly", "period": "week", "hour": 6, "themes": []}]
    [added] = services.ensure_definitions(entries)
    assert added.starts_on == WEEK.start
    added.title = "Our Monday letter"
    added.save(update_fields=["title"])
    assert services.ensure_definitions(entries) == []
    added.refresh_from_db()
    assert added.title == "Our Monday letter"


@time_machine.travel(MONDAY)
def test_a_file_is_kept_once_and_leftovers_of_a_killed_worker_go(settings: LazySettings) -> None:
    report = make_report()
    folder = Path(settings.MEDIA_ROOT, "reports", report.number)
    folder.mkdir(parents=True)
    (folder / "left-behind").write_bytes(b"half")
    kept = services.keep_file(report, "pdf", b"first", note="")
    assert services.keep_file(report, "pdf", b"second") == kept
    assert [path.read_bytes() for path in folder.iterdir()] == [b"first"]
    assert (kept.size, kept.file.read()) == (5, b"first")


@time_machine.travel(MONDAY)
def test_a_file_whose_row_cannot_be_saved_does_not_stay(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = make_report()

    def fail(*_args: object, **_kwargs: object) -> None:
        raise IntegrityError

    monkeypatch.setattr("reports.models.ReportFile.save", fail)
    with pytest.raises(IntegrityError):
        services.keep_file(report, "pdf", b"content")
    assert not [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]
