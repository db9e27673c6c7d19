"""Making a report in the background: with progress, as far as it had come, with the rights of who asked."""

import datetime as dt
import uuid
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError

from brics_tracker.accounts.models import User
from brics_tracker.core import jobs
from brics_tracker.core.children import ChildFailed
from brics_tracker.core.choices import JobState
from brics_tracker.core.models import Job
from reports import services, tasks
from reports.models import Report, ReportFile
from reports.renderers import pdf
from reports.renderers.pdf import Drawing

from .builders import MONDAY, WEDNESDAY, WEEK, make_definition

pytestmark = pytest.mark.django_db


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Numbers of the reports whose PDF was drawn; no child process is started."""
    numbers: list[str] = []

    def draw(tables: dict[str, Any], **_options: object) -> Drawing:
        numbers.append(tables["head"]["number"])
        return Drawing(b"%PDF", ["CJK"])

    monkeypatch.setattr(pdf, "draw", draw)
    return numbers


def due_job() -> Job:
    make_definition(starts_on=WEEK.start)
    [row] = services.enqueue_due(MONDAY)
    return row


def run(row: Job) -> Job:
    jobs.run(row.pk)
    row.refresh_from_db()
    return row


@time_machine.travel(MONDAY)
def test_a_due_report_is_frozen_and_its_pdf_kept(drawn: list[str]) -> None:
    row = run(due_job())
    assert (row.state, row.progress) == (JobState.DONE, 100)
    report = Report.objects.get()
    assert (report.number, report.job_id, report.made_by) == ("2026-W47-01", row.pk, None)
    kept = report.files.get()
    assert (kept.format, kept.file.read()) == ("pdf", b"%PDF")
    # A script without a font is told on the page, too.
    assert "CJK" in kept.note


@time_machine.travel(MONDAY)
def test_run_again_it_goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object, **_options: object) -> None:
        raise ChildFailed("Needed more than 2048 MB of memory.")

    monkeypatch.setattr("reports.renderers.pdf.run_function", fail)
    row = run(due_job())
    assert row.state == JobState.FAILED
    assert "2048 MB" in row.reason
    assert Report.objects.get().files.count() == 0
    monkeypatch.setattr(pdf, "draw", lambda *_args, **_options: Drawing(b"%PDF", []))
    Job.objects.filter(pk=row.pk).update(state=JobState.WAITING)
    assert run(row).state == JobState.DONE
    assert (Report.objects.count(), ReportFile.objects.count()) == (1, 1)


@time_machine.travel(MONDAY)
def test_a_job_run_twice_makes_nothing_new(drawn: list[str]) -> None:
    row = run(due_job())
    Job.objects.filter(pk=row.pk).update(state=JobState.WAITING)
    assert run(row).state == JobState.DONE
    assert (Report.objects.count(), ReportFile.objects.count(), len(drawn)) == (1, 1, 1)


@time_machine.travel(WEDNESDAY)
def test_an_extra_run_uses_up_no_period(drawn: list[str], reviewer: User) -> None:
    definition = make_definition(starts_on=WEEK.start)
    extra = run(services.run_now(definition, by=reviewer, form_key=uuid.uuid4()))
    assert extra.state == JobState.DONE
    report = Report.objects.get()
    assert (report.is_extra, report.made_by, report.cut_off.date()) == (True, reviewer, WEDNESDAY.date())
    with time_machine.travel(MONDAY):
        [due] = services.enqueue_due(MONDAY)
        run(due)
    assert Report.objects.get(is_extra=False).number == "2026-W47-02"


@time_machine.travel(WEDNESDAY)
def test_a_right_withdrawn_meanwhile_stops_the_run(drawn: list[str], reviewer: User) -> None:
    row = services.run_now(make_definition(), by=reviewer, form_key=uuid.uuid4())
    reviewer.grants.all().delete()
    row = run(row)
    assert row.state == JobState.FAILED
    assert "may not run" in row.reason
    assert not Report.objects.exists()


@time_machine.travel(WEDNESDAY)
def test_a_run_whose_end_is_asked_for_ends_before_it_freezes(drawn: list[str], reviewer: User) -> None:
    row = services.run_now(make_definition(), by=reviewer, form_key=uuid.uuid4())
    Job.objects.filter(pk=row.pk).update(cancel_asked=True)
    assert run(row).state == JobState.CANCELLED
    assert not Report.objects.exists()


@time_machine.travel(MONDAY)
def test_a_definition_that_is_gone_is_said_to_be(drawn: list[str]) -> None:
    row = due_job()
    Job.objects.filter(pk=row.pk).update(arguments={"definition": "gone", "day": "2026-11-16"})
    assert "is gone" in run(row).reason


@time_machine.travel(MONDAY + dt.timedelta(minutes=1))
def test_the_tick_counts_what_it_asked_for() -> None:
    make_definition(starts_on=WEEK.start)
    assert tasks.enqueue_due() == 1
    assert tasks.enqueue_due() == 0


def test_a_pdf_that_cannot_be_drawn_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object, **_options: object) -> None:
        raise ChildFailed("Stopped after 240 seconds.")

    monkeypatch.setattr("reports.renderers.pdf.run_function", fail)
    with time_machine.travel(MONDAY):
        report = services.freeze_report(make_definition(), WEEK)
    with pytest.raises(ValidationError, match="240 seconds"):
        pdf.draw(report.snapshot.tables)
