"""Workers and brokers are killed for real; each job still ends once. Every family has its control arm."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .installation import Installation, installation, wait_for

pytestmark = pytest.mark.faults

LATER = "from datetime import timedelta\nfrom django.utils import timezone\nlater = timezone.now() + jobs.LOST_AFTER + timedelta(seconds=1)\n"


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    # A short name: the address of a socket may have 100 characters.
    with installation(tmp_path_factory.mktemp("t")) as made:
        yield made


@pytest.fixture
def tracker(migrated: Installation) -> Iterator[Installation]:
    yield migrated
    migrated.end_processes()
    migrated.ask(
        "from brics_tracker.core.models import CatalogueEntry\n"
        "result = [Job.objects.all().delete()[0], CatalogueEntry.objects.all().delete()[0]]"
    )
    for trace in migrated.folder.glob("begun-*"):
        trace.unlink()


def enqueue(tracker: Installation, kind: str, key: str) -> None:
    tracker.ask(f"result = jobs.enqueue({kind!r}, key={key!r}).pk")


def state(tracker: Installation, key: str) -> tuple[str, int, int]:
    """State, attempts, number of effects."""
    [(found, attempts)] = tracker.rows("SELECT state, attempts FROM core_job WHERE key = %s", key)
    [(effects,)] = tracker.rows("SELECT count(*) FROM core_catalogueentry WHERE noun = %s", key)
    return found, attempts, effects


def begun(tracker: Installation, key: str) -> int:
    trace = tracker.folder / f"begun-{key}"
    return len(trace.read_text().splitlines()) if trace.exists() else 0


def sweep_later(tracker: Installation) -> dict[str, int]:
    """The sweep as it will run once the heartbeat is too old."""
    found: dict[str, int] = tracker.ask(f"{LATER}result = jobs.sweep(later)")
    return found


def kill_in_the_middle(tracker: Installation, kind: str, key: str) -> None:
    """Let a worker begin the job, kill it with -9 while it holds, and prove that it was at work."""
    hold = Path(tracker.folder, "hold")
    hold.touch()
    worker = tracker.start_worker()
    enqueue(tracker, kind, key)
    wait_for(lambda: begun(tracker, key) == 1, "the job to begin")
    tracker.kill(worker)
    assert state(tracker, key)[0] == "running", "the fault did not happen: the job was not running"
    hold.unlink()


def test_a_job_whose_worker_was_killed_runs_again_with_one_effect(tracker: Installation) -> None:
    tracker.start_broker()
    # Killed inside the transaction that writes the effect, and before it.
    for number, kind in enumerate(["tests.fenced", "tests.slow"]):
        key = f"job-{number}"
        kill_in_the_middle(tracker, kind, key)
        assert sweep_later(tracker)["reclaimed"] == 1
        worker = tracker.start_worker()
        wait_for(lambda key=key: state(tracker, key)[0] == "done", f"{key} to be done")  # type: ignore[misc]
        assert state(tracker, key) == ("done", 2, 1)
        assert begun(tracker, key) == 2
        tracker.kill(worker)


def test_control_without_the_fence_the_effect_happens_twice(tracker: Installation) -> None:
    tracker.start_broker()
    kill_in_the_middle(tracker, "tests.careless", "careless")
    assert sweep_later(tracker)["reclaimed"] == 1
    tracker.start_worker()
    wait_for(lambda: state(tracker, "careless")[0] == "done", "the job to be done")
    assert state(tracker, "careless") == ("done", 2, 2)


def test_control_without_the_sweep_a_lost_job_stays_lost(tracker: Installation) -> None:
    broker = tracker.start_broker()
    kill_in_the_middle(tracker, "tests.slow", "slow")
    # The broker forgets too: nothing but the row knows of the job now.
    tracker.kill(broker)
    tracker.start_broker()
    tracker.start_worker()
    enqueue(tracker, "tests.slow", "another")
    wait_for(lambda: state(tracker, "another")[0] == "done", "another job to pass")
    assert state(tracker, "slow") == ("running", 1, 0)


def test_a_broker_that_forgot_everything_loses_no_job(tracker: Installation) -> None:
    broker = tracker.start_broker()
    for number in range(5):
        enqueue(tracker, "tests.slow", f"job-{number}")
    tracker.kill(broker)
    enqueue(tracker, "tests.slow", "asked-while-it-was-down")
    tracker.start_broker()
    assert tracker.ask("result = jobs.sweep()")["sent"] == 1, "only what was never sent is sent at once"
    assert sweep_later_for_resending(tracker)["sent"] == 6
    tracker.start_worker()
    everyone = [f"job-{number}" for number in range(5)] + ["asked-while-it-was-down"]
    wait_for(lambda: all(state(tracker, key)[0] == "done" for key in everyone), "all jobs to be done", 60)
    assert [state(tracker, key) for key in everyone] == [("done", 1, 1)] * 6


def sweep_later_for_resending(tracker: Installation) -> dict[str, int]:
    found: dict[str, int] = tracker.ask(
        "from datetime import timedelta\nfrom django.utils import timezone\n"
        "result = jobs.sweep(timezone.now() + jobs.RESEND_AT_MOST_AFTER + timedelta(seconds=1))"
    )
    return found


def test_a_worker_outlives_a_restart_of_its_broker(tracker: Installation) -> None:
    broker = tracker.start_broker()
    tracker.start_worker()
    enqueue(tracker, "tests.slow", "before")
    wait_for(lambda: state(tracker, "before")[0] == "done", "the first job to be done")
    tracker.kill(broker)
    tracker.start_broker()
    enqueue(tracker, "tests.slow", "after")
    wait_for(lambda: state(tracker, "after")[0] == "done", "a job after the restart to be done", 60)
