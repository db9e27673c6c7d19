"""A heavy step runs in a process of its own and cannot take the worker with it."""

import os
import time

import pytest

from brics_tracker.core.children import ChildFailed, ChildStopped, Limits, run_function

WORK = "tests.core.child_work"


def test_it_returns_what_the_function_made() -> None:
    assert run_function(f"{WORK}:double", {"number": 21}) == b"42"


def test_a_function_that_eats_memory_is_refused_it() -> None:
    with pytest.raises(ChildFailed, match="more than 512 MB of memory"):
        run_function(f"{WORK}:eat_memory", {"megabytes": 600}, limits=Limits(memory_mb=512))


def test_the_same_function_within_its_limit_succeeds() -> None:
    assert len(run_function(f"{WORK}:eat_memory", {"megabytes": 1}, limits=Limits(memory_mb=512))) == 1024 * 1024


def test_endless_computing_ends() -> None:
    with pytest.raises(ChildFailed, match="more than 1 seconds of computing"):
        run_function(f"{WORK}:compute_for_ever", None, limits=Limits(cpu_seconds=1))


def test_waiting_ends_and_takes_grandchildren_along(tmp_path: object) -> None:
    began = time.monotonic()
    with pytest.raises(ChildFailed, match=r"after 0\.5 seconds"):
        run_function(f"{WORK}:sleep_with_a_child", None, limits=Limits(wall_seconds=0.5))
    assert time.monotonic() - began < 5
    assert not [line for line in _command_lines() if "sleep_with_a_child" in line]


def test_it_ends_when_its_result_is_no_longer_wanted() -> None:
    began = time.monotonic()
    with pytest.raises(ChildStopped):
        run_function(f"{WORK}:compute_for_ever", None, should_stop=lambda: time.monotonic() > began + 0.3)
    assert time.monotonic() - began < 3


def test_more_output_than_allowed_is_refused() -> None:
    with pytest.raises(ChildFailed, match="more than 1 MB"):
        run_function(f"{WORK}:write_much", None, limits=Limits(output_mb=1))


def test_a_failure_says_why() -> None:
    with pytest.raises(ChildFailed, match="ValueError: there is no such table"):
        run_function(f"{WORK}:fail", None)


def test_the_child_sees_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "hush")
    monkeypatch.setenv("DATABASE_URL", "postgres://someone:hush@localhost/x")
    names = run_function(f"{WORK}:environment", None).decode().split()
    assert not {"SECRET_KEY", "DATABASE_URL"} & set(names)


def _command_lines() -> list[str]:
    lines = []
    for pid in filter(str.isdigit, os.listdir("/proc")):  # noqa: PTH208 - only names are wanted
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:  # noqa: PTH123
                lines.append(file.read().replace(b"\0", b" ").decode(errors="replace"))
        except OSError:
            continue
    return lines
