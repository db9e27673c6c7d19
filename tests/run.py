"""What `make test` does: the whole suite on SQLite, again on PostgreSQL and Redis, browser paths once.

Names at the end what was left out and why. With REQUIRE_SERVICES=1 leaving something out is a failure.
COVERAGE=1 measures the first run. Anything after the options goes to pytest: `tests/run.py -- -k jobs`.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

BASE_DIR = Path(__file__).resolve().parent.parent
DATABASE_DEFAULT = "postgres://postgres@127.0.0.1:5432/brics_tracker"
REDIS_DEFAULT = "redis://127.0.0.1:6379/15"
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NO_TESTS = 5


@dataclass
class Results:
    """What ran, what was left out, and how long it took."""

    lines: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    failed: bool = False

    def run(self, name: str, arguments: list[str], environment: dict[str, str]) -> None:
        """One pytest process; a part that finds no tests at all has failed."""
        print(f"\n=== {name} ===", flush=True)
        began = time.monotonic()
        command = [sys.executable, "-m", "pytest", "-q", *arguments]
        settings = os.environ | environment
        settings = {key: value for key, value in settings.items() if value}  # "" stands for "not set"
        code = subprocess.run(command, cwd=BASE_DIR, env=settings, check=False).returncode
        word = {0: "passed", NO_TESTS: "found no tests"}.get(code, f"FAILED (status {code})")
        self.lines.append(f"{name}: {word} in {time.monotonic() - began:.0f} s")
        self.failed = self.failed or code != 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faults", action="store_true", help="only the long fault series")
    parser.add_argument("rest", nargs="*", help="arguments for pytest")
    options = parser.parse_args()
    required = os.environ.get("REQUIRE_SERVICES") == "1"
    results = Results()
    suite = (
        ["-m", "faults", "tests/faults"]
        if options.faults
        else ["-n", "2", "--dist", "loadfile", "-m", "not e2e and not long"]
    )
    suite += options.rest

    coverage = ["--cov", "--cov-report=term"] if os.environ.get("COVERAGE") == "1" else []
    results.run("suite on SQLite", suite + coverage, {"DATABASE_URL": "", "REDIS_URL": ""})
    services, reason = reachable_services()
    if services:
        results.run("suite on PostgreSQL and Redis", suite, services)
    else:
        results.left_out.append(f"suite on PostgreSQL and Redis: {reason}")
    if not options.faults and not options.rest:
        run_browser_paths(results)
    return report(results, required=required)


def run_browser_paths(results: Results) -> None:
    """Once, on SQLite: the pages are the same on both databases."""
    browser = find_chromium()
    if browser is None:
        results.left_out.append(f"browser paths: none of {', '.join(CHROMIUM_NAMES)} is on the path")
        return
    environment = {"DATABASE_URL": "", "REDIS_URL": "", "CHROMIUM": browser, "DJANGO_ALLOW_ASYNC_UNSAFE": "1"}
    results.run("browser paths", ["-n", "2", "--dist", "worksteal", "-m", "e2e", "tests/e2e"], environment)


def find_chromium() -> str | None:
    """CHROMIUM, or the first browser of that family on the path."""
    named = os.environ.get("CHROMIUM")
    return named or next((found for name in CHROMIUM_NAMES if (found := shutil.which(name))), None)


def reachable_services() -> tuple[dict[str, str], str]:
    """The environment of the second run, or the reason why there is none."""
    database = os.environ.get("TEST_DATABASE_URL") or DATABASE_DEFAULT
    broker = os.environ.get("TEST_REDIS_URL") or REDIS_DEFAULT
    tries: list[tuple[str, str, Callable[[str], None]]] = [
        ("PostgreSQL (TEST_DATABASE_URL)", database, try_database),
        ("Redis (TEST_REDIS_URL)", broker, try_broker),
    ]
    for name, address, attempt in tries:
        try:
            attempt(address)
        except Exception as problem:  # noqa: BLE001 - whatever it is, the service is not to be had
            return (
                {},
                f"{name} at {without_password(address)} cannot be reached ({str(problem).strip().splitlines()[0]})",
            )
    return {"DATABASE_URL": database, "REDIS_URL": broker}, ""


def try_database(address: str) -> None:
    import psycopg

    # The server's own database: the tests make theirs beside it.
    parts = urlsplit(address)
    with psycopg.connect(parts._replace(path="/postgres").geturl(), connect_timeout=3) as connection:
        connection.execute("SELECT 1")


def try_broker(address: str) -> None:
    import redis

    redis.Redis.from_url(address, socket_connect_timeout=3, socket_timeout=3).ping()


def without_password(address: str) -> str:
    parts = urlsplit(address)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def report(results: Results, *, required: bool) -> int:
    """The closing lines; exit status 1 if a part failed, or was left out where that is not allowed."""
    print("\n=== make test ===")
    for line in results.lines:
        print(line)
    for line in results.left_out:
        print(f"left out: {line}")
    if not Path(BASE_DIR, "..", "shared").is_dir():
        print("left out: comparisons with ../shared, which is not beside this folder")
    if results.left_out and required:
        print("REQUIRE_SERVICES=1: leaving something out is a failure")
        return 1
    return int(results.failed)


if __name__ == "__main__":
    sys.exit(main())
