"""manage.py progress_report and load_definitions."""

import io
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command

from reports.models import Report, ReportDefinition

from .builders import MONDAY, WEDNESDAY, make_definition

pytestmark = pytest.mark.django_db


def run(*arguments: str, **options: Any) -> list[str]:
    out = io.StringIO()
    call_command("progress_report", *arguments, stdout=out, **options)
    return out.getvalue().split()


@time_machine.travel(MONDAY)
def test_it_makes_the_report_of_the_last_period_and_writes_it(tmp_path: Path) -> None:
    make_definition()
    said = run("weekly", format="pdf,html,json,csv", out=str(tmp_path / "new"))
    assert said[0] == "2026-W47-01"
    files = {path.suffix: path.read_bytes() for path in (tmp_path / "new").iterdir()}
    assert set(files) == {".pdf", ".html", ".json", ".csv"}
    assert files[".pdf"].startswith(b"%PDF")


@time_machine.travel(MONDAY)
def test_run_again_it_fetches_the_same_report(tmp_path: Path) -> None:
    make_definition()
    for _again in range(2):
        assert run("weekly", format="pdf", out=str(tmp_path))[0] == "2026-W47-01"
    assert Report.objects.count() == 1
    assert Report.objects.get().files.count() == 1


@time_machine.travel(MONDAY)
def test_a_cut_off_at_the_end_of_a_period_is_that_periods_report() -> None:
    make_definition()
    assert run("weekly", cut_off="2026-11-15") == ["2026-W46-01"]
    assert not Report.objects.get().is_extra


@time_machine.travel(MONDAY)
def test_a_cut_off_within_a_period_is_an_extra_report_and_is_fetched_again() -> None:
    make_definition()
    assert run("weekly", cut_off="2026-11-18") == ["2026-W47-01"] == run("weekly", cut_off="2026-11-18")
    report = Report.objects.get()
    assert (report.is_extra, report.cut_off.isoformat()) == (True, "2026-11-19T00:00:00+00:00")


@time_machine.travel(WEDNESDAY)
def test_today_as_cut_off_is_the_period_so_far() -> None:
    make_definition()
    run("weekly", cut_off="2026-11-18")
    assert Report.objects.get().is_extra


@time_machine.travel(WEDNESDAY)
@pytest.mark.parametrize(
    ("arguments", "because"),
    [
        ({"cut_off": "2026-11-19"}, "future"),
        ({"cut_off": "18.11.2026"}, "no date"),
        ({"format": "docx"}, "does not exist yet"),
        ({"format": "gif"}, "no format"),
    ],
)
def test_it_says_what_it_cannot_do(arguments: dict[str, str], because: str) -> None:
    make_definition()
    with pytest.raises(CommandError, match=because):
        run("weekly", **arguments)
    assert not Report.objects.exists()


def test_an_unknown_definition_is_named_with_those_there_are() -> None:
    make_definition()
    with pytest.raises(CommandError, match=r"monthly.*there are: weekly"):
        run("monthly")


def test_the_definitions_that_ship_are_loaded_once() -> None:
    said = [io.StringIO(), io.StringIO()]
    for out in said:
        call_command("load_definitions", stdout=out)
    assert ["1 added" in out.getvalue() for out in said] == [True, False]
    assert ReportDefinition.objects.get().key == "weekly"
