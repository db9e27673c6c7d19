"""Workers killed in the middle of a report, brokers emptied, many schedulers: each report exists exactly once.

Every family shows that its fault happened, and has a control arm that fails without the defence.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .installation import Installation, installation, wait_for
from .report_work import POINTS

pytestmark = pytest.mark.faults

SEED = 20261122
LATER = "from datetime import timedelta\nfrom django.utils import timezone\nlater = timezone.now() + jobs.LOST_AFTER + timedelta(seconds=1)\n"


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    # A short name: the address of a socket may have 100 characters.
    with installation(tmp_path_factory.mktemp("r")) as made:
        yield made


@pytest.fixture
def tracker(migrated: Installation) -> Iterator[Installation]:
    yield migrated
    migrated.end_processes()
    for trace in (*migrated.folder.glob("reached-*"), *migrated.folder.glob("hold-*")):
        trace.unlink()


def start_worker(tracker: Installation) -> Any:
    """A worker as in production that can be held at a point of a report."""
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "brics_tracker",
        "worker",
        "--pool",
        "threads",
        "--concurrency",
        "2",
    ]
    command += ["--include", "tests.faults.report_work", "--loglevel", "INFO", "--without-gossip", "--without-mingle"]
    return tracker.start(command, "worker.log")


def freezing(tracker: Installation, expression: str) -> Any:
    return tracker.ask(f"from tests.faults import freezing\nresult = {expression}")


def ask_for_last_week(tracker: Installation, key: str) -> str:
    """Define a report that begins with last week, and let a scheduler's tick ask for it; the job's key."""
    asked: list[str] = tracker.ask(
        "from django.utils import timezone\nfrom reports import services\nfrom reports.models import ReportDefinition\n"
        "from reports.periods import last_ended_period\n"
        "span = last_ended_period('week', timezone.now())\n"
        f"ReportDefinition.objects.create(key={key!r}, title={key!r}, period='week', hour=0, starts_on=span.start)\n"
        "result = [job.key for job in services.enqueue_due()]"
    )
    [found] = asked
    return found


def sweep_later(tracker: Installation) -> dict[str, int]:
    """The sweep as it will run once the heartbeat is too old."""
    found: dict[str, int] = tracker.ask(f"{LATER}result = jobs.sweep(later)")
    return found


def job_of(tracker: Installation, key: str) -> tuple[str, int]:
    [(state, attempts)] = tracker.rows("SELECT state, attempts FROM core_job WHERE key = %s", key)
    return state, attempts


def reports_of(tracker: Installation, key: str) -> list[tuple[Any, ...]]:
    """Number, tables frozen, files kept."""
    return tracker.rows(
        "SELECT r.number, (SELECT count(*) FROM reports_snapshot s WHERE s.report_id = r.id),"
        " (SELECT count(*) FROM reports_reportfile f WHERE f.report_id = r.id) FROM reports_report r"
        " JOIN reports_reportdefinition d ON d.id = r.definition_id WHERE d.key = %s ORDER BY r.id",
        key,
    )


def reached(tracker: Installation, point: str) -> int:
    trace = tracker.folder / f"reached-{point}"
    return len(trace.read_text().splitlines()) if trace.exists() else 0


def files_on_disk(tracker: Installation) -> int:
    return sum(path.is_file() for path in (tracker.folder / "files").rglob("*"))


@pytest.mark.parametrize("point", random.Random(SEED).sample(POINTS, len(POINTS)))  # noqa: S311 - a seed, no secret
def test_a_worker_killed_in_the_middle_leaves_one_report(tracker: Installation, point: str) -> None:
    tracker.start_broker()
    hold = tracker.folder / f"hold-{point}"
    hold.touch()
    worker = start_worker(tracker)
    key = ask_for_last_week(tracker, f"killed-{point}")
    wait_for(lambda: reached(tracker, point) == 1, f"the report to reach {point}")
    tracker.kill(worker)
    hold.unlink()
    assert job_of(tracker, key) == ("running", 1), "the fault did not happen: the job was not running"
    before = reports_of(tracker, f"killed-{point}")
    assert len(before) == (1 if point in {"drawing", "keeping"} else 0)

    assert sweep_later(tracker)["reclaimed"] == 1
    start_worker(tracker)
    wait_for(lambda: job_of(tracker, key)[0] == "done", "the report to be done")
    assert job_of(tracker, key) == ("done", 2)
    [(number, tables, files)] = reports_of(tracker, f"killed-{point}")
    assert (tables, files) == (1, 1)
    # What was frozen before the kill is what stands.
    assert [number] == [row[0] for row in before] or not before
    assert files_on_disk(tracker) == tracker.rows("SELECT count(*) FROM reports_reportfile")[0][0]
    assert "no violation" in tracker.manage("check_integrity").stdout


def test_control_a_report_without_a_natural_key_is_made_twice(tracker: Installation) -> None:
    tracker.start_broker()
    Path(tracker.folder, "hold-careless").touch()
    worker = start_worker(tracker)
    tracker.ask(
        "import tests.faults.report_work\nfrom tests.faults import freezing\nfreezing.define('careless')\n"
        "result = jobs.enqueue('tests.careless_report', key='careless', arguments={'definition': 'careless', 'day': '2026-06-15'}).pk"
    )
    wait_for(lambda: reached(tracker, "careless") == 1, "the careless report to be written")
    tracker.kill(worker)
    Path(tracker.folder, "hold-careless").unlink()
    assert sweep_later(tracker)["reclaimed"] == 1
    start_worker(tracker)
    wait_for(lambda: job_of(tracker, "careless")[0] == "done", "the careless job to be done")
    assert len(reports_of(tracker, "careless")) == 2


def test_an_emptied_broker_loses_no_report(tracker: Installation) -> None:
    broker = tracker.start_broker()
    key = ask_for_last_week(tracker, "flushed")
    tracker.kill(broker)
    tracker.start_broker()
    start_worker(tracker)
    # The control: the message is gone, and without the sweep nobody would know.
    with pytest.raises(AssertionError, match="waited"):
        wait_for(lambda: job_of(tracker, key)[0] != "waiting", "a message that is gone", seconds=4)
    tracker.ask(f"{LATER}result = jobs.sweep(timezone.now() + jobs.RESEND_AT_MOST_AFTER + timedelta(seconds=1))")
    wait_for(lambda: job_of(tracker, key)[0] == "done", "the report to be done")
    assert len(reports_of(tracker, "flushed")) == 1


def test_a_message_delivered_twice_makes_one_report(tracker: Installation) -> None:
    tracker.start_broker()
    key = ask_for_last_week(tracker, "twice")
    tracker.ask(f"row = Job.objects.get(key={key!r})\nresult = [jobs.send(row.pk) for _n in range(5)]")
    start_worker(tracker)
    wait_for(lambda: job_of(tracker, key)[0] == "done", "the report to be done")
    assert job_of(tracker, key) == ("done", 1)
    assert len(reports_of(tracker, "twice")) == 1


def test_many_schedulers_at_once_ask_once(tracker: Installation) -> None:
    assert freezing(tracker, "freezing.schedule_together(6)") == {"looked": 6, "jobs": 1, "errors": 0}


def test_those_that_freeze_at_once_get_the_same_report(tracker: Installation) -> None:
    found = freezing(tracker, "freezing.freeze_together('together', number=3)")
    assert (len(found["given"]), len(set(found["given"])), found["refused"], found["reports"]) == (3, 1, [], 1)


def test_the_constraint_alone_lets_one_through_and_the_others_fetch_it(tracker: Installation) -> None:
    found = freezing(tracker, "freezing.freeze_together('constrained', number=3, defence='constraint')")
    assert len(set(found["given"])) == 1
    assert (len(found["given"]), found["refused"], found["reports"]) == (3, [], 1)


def test_control_blind_to_each_other_both_try_and_one_is_refused(tracker: Installation) -> None:
    found = freezing(tracker, "freezing.freeze_together('blind', number=2, defence='none')")
    assert (len(found["given"]), found["refused"], found["reports"]) == (1, [True], 1)


def test_reports_frozen_at_once_get_numbers_of_their_own(tracker: Installation) -> None:
    numbers = freezing(tracker, "freezing.number_together(['a', 'b', 'c', 'd'])")
    assert len(set(numbers)) == 4
    taken = [int(number.rsplit("-", 1)[1]) for number in numbers]
    assert sorted(taken) == list(range(min(taken), min(taken) + 4)), "a number was left out"


def test_a_report_reads_one_moment_and_holds_up_nobody_who_writes(tracker: Installation) -> None:
    before, during, after, errors = freezing(tracker, "freezing.write_while_reading()")
    assert (during, after, errors) == (before, before + 1, 0)
