"""`make run`: one tree of processes that starts from nothing, mends itself and ends as one."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError

import pytest

from .installation import BASE_DIR, installation, wait_for

pytestmark = pytest.mark.faults
GIVEN = os.environ.get("DATABASE_URL", "").startswith("postgres") and bool(os.environ.get("REDIS_URL"))
embedded = pytest.mark.skipif(GIVEN, reason="the embedded shape was tested with the suite on SQLite")


class Tracker:
    """`python -m brics_tracker.serve` on a data folder."""

    def __init__(self, data: Path, **environment: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.data = data
        self.output = data.with_suffix(".txt")
        self.environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(data), "PORT": str(self.port), **environment}
        self.began = time.monotonic()
        with self.output.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "brics_tracker.serve"],
                cwd=BASE_DIR,
                env=self.environment,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait(self, seconds: float = 120) -> float:
        """Until it says where it is; returns how long that took."""
        wait_for(lambda: "Ctrl-C ends it." in self.said() or self.process.poll() is not None, "the address", seconds)
        assert self.process.poll() is None, self.said()
        return time.monotonic() - self.began

    def said(self) -> str:
        return self.output.read_text()

    def restarts(self) -> int:
        return self.said().count("starting it again")

    def ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False

    def members(self) -> dict[int, str]:
        """Processes of this tree, by the data folder in their environment (the broker: in its title)."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                environment = (folder / "environ").read_bytes()
            except OSError:
                continue
            if f"DATA_DIR={self.data}\0".encode() in environment or f"{self.data}/broker" in command:
                found[int(folder.name)] = command
        return found

    def end(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=60)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that was prepared by a first start, which the first test looks at."""
    return tmp_path_factory.mktemp("home") / "data"


@pytest.fixture
def trackers() -> Iterator[list[Tracker]]:
    started: list[Tracker] = []
    yield started
    for tracker in started:
        if tracker.process.poll() is None:
            os.killpg(tracker.process.pid, signal.SIGKILL)
            tracker.process.wait()


@embedded
def test_a_first_start_makes_everything_and_ctrl_c_ends_all_of_it(home: Path, trackers: list[Tracker]) -> None:
    tracker = Tracker(home)
    trackers.append(tracker)
    tracker.wait()
    said = tracker.said()
    people = (home / "first-people.txt").read_text()
    assert tracker.ready()
    assert f"http://localhost:{tracker.port}" in said
    assert people in said, "the first passwords are printed"
    assert [line.split()[0] for line in people.splitlines()] == ["administrator", "analyst", "reviewer"]
    for name in ("first-people.txt", "secret-key", "tracker.sqlite3"):
        assert (home / name).stat().st_mode & 0o077 == 0, f"{name} can be read by others"
    assert home.stat().st_mode & 0o077 == 0
    commands = " ".join(tracker.members().values())
    assert all(word in commands for word in ("gunicorn", " worker ", " beat ", "-server"))
    assert tracker.end() == 0
    assert tracker.members() == {}


@embedded
def test_a_second_start_is_quick_loads_nothing_twice_and_tells_no_password(home: Path, trackers: list[Tracker]) -> None:
    tracker = Tracker(home)
    trackers.append(tracker)
    took = tracker.wait()
    people = (home / "first-people.txt").read_text()
    assert took < 8, f"{took:.1f} s"
    assert "Catalogue:" not in tracker.said()
    assert not any(line.split()[2] in tracker.said() for line in people.splitlines())
    assert tracker.end() == 0


@embedded
def test_a_child_that_dies_is_started_again(home: Path, trackers: list[Tracker]) -> None:
    tracker = Tracker(home)
    trackers.append(tracker)
    tracker.wait()
    for count, word in enumerate(("-server", " worker ", "gunicorn"), start=1):
        [oldest, *_rest] = sorted(pid for pid, command in tracker.members().items() if word in command)
        os.kill(oldest, signal.SIGKILL)
        wait_for(lambda count=count: tracker.restarts() == count, f"{word} to be started again")  # type: ignore[misc]
        wait_for(tracker.ready, "readiness")
    assert tracker.end() == 0


@embedded
def test_a_tree_whose_head_is_killed_leaves_no_orphans(home: Path, trackers: list[Tracker]) -> None:
    tracker = Tracker(home)
    trackers.append(tracker)
    tracker.wait()
    os.kill(tracker.process.pid, signal.SIGKILL)
    tracker.process.wait()
    wait_for(lambda: not tracker.members(), "the rest of the tree to end")


@embedded
def test_a_second_tree_on_the_same_folder_is_refused(home: Path, trackers: list[Tracker]) -> None:
    first = Tracker(home)
    trackers.append(first)
    first.wait()
    second = Tracker(home)
    trackers.append(second)
    assert second.process.wait(timeout=20) == 1
    assert first.end() == 0


@pytest.mark.skipif(not GIVEN, reason="needs PostgreSQL and Redis: tested in the second run of the suite")
def test_given_services_are_used_and_no_broker_is_started(tmp_path: Path, trackers: list[Tracker]) -> None:
    with installation(tmp_path / "database", empty=True) as machine:
        given = {"DATABASE_URL": machine.database_url, "REDIS_URL": os.environ["REDIS_URL"]}
        tracker = Tracker(tmp_path / "data", **given)
        trackers.append(tracker)
        tracker.wait()
        commands = " ".join(tracker.members().values())
        assert "gunicorn" in commands
        assert "-server" not in commands
        assert not (tmp_path / "data" / "tracker.sqlite3").exists()
        assert tracker.end() == 0


@embedded
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "70000"),
        ("TIME_ZONE", "Moon/Base"),
        ("DATABASE_URL", "mysql://x/y"),
        ("DEBUG", "maybe"),
    ],
)
def test_a_value_that_cannot_be_read_ends_the_start_with_one_line_that_names_it(
    tmp_path: Path, name: str, value: str
) -> None:
    tracker = Tracker(tmp_path / "data", **{name: value})
    assert tracker.process.wait(timeout=30) != 0
    lines = [line for line in tracker.said().splitlines() if re.match(rf"{name}: ", line)]
    assert len(lines) == 1
    assert "Traceback" not in tracker.said()
