"""A small tree of processes: started together, restarted when one dies, ended together."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

RESTARTS_ALLOWED = 5
RESTARTS_COUNTED_FOR = 60.0
GRACE = 20.0
LOG_KEPT = 10 * 1024 * 1024
PR_SET_PDEATHSIG = 1


@dataclass
class Child:
    """One member of the tree: what to run, and where its output goes."""

    name: str
    command: Sequence[str]
    log_path: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    deaths: list[float] = field(default_factory=list)

    def start(self) -> None:
        """Start it in a session of its own: Ctrl-C reaches the head of the tree alone, which ends it in order."""
        if self.log_path.exists() and self.log_path.stat().st_size > LOG_KEPT:
            self.log_path.replace(self.log_path.with_suffix(".log.1"))
        with self.log_path.open("ab") as out:
            self.process = subprocess.Popen(  # noqa: S603 - the tree's own fixed commands
                list(self.command),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env={**os.environ, **self.environment},
                start_new_session=True,
                preexec_fn=_end_with_the_parent,
            )

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def may_restart(self) -> bool:
        """Notes a death; False once there were too many in a short time."""
        now = time.monotonic()
        self.deaths = [moment for moment in self.deaths if now - moment < RESTARTS_COUNTED_FOR] + [now]
        return len(self.deaths) <= RESTARTS_ALLOWED

    def ask_to_end(self) -> None:
        if self.is_running and self.process is not None:
            self.process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it and whatever it started."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def last_words(self, lines: int = 15) -> str:
        try:
            return "\n".join(self.log_path.read_text(errors="replace").splitlines()[-lines:])
        except OSError:
            return ""


def _end_with_the_parent() -> None:
    """Ask the kernel to end this child with its parent, so that a killed tree leaves no orphans (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Ended(Exception):
    """Someone asked for the end (Ctrl-C, SIGTERM)."""


class Tree:
    """Children in the order of their start; they end in the reverse order."""

    def __init__(self) -> None:
        self.children: list[Child] = []
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._asked_to_end)

    @staticmethod
    def _asked_to_end(number: int, frame: object) -> None:
        raise Ended

    def add(self, child: Child) -> Child:
        """Start a child as part of the tree."""
        self.children.append(child)
        child.start()
        return child

    def tend(self) -> Child | None:
        """Restart what has died; returns a child that dies too often, or None."""
        for child in self.children:
            if child.is_running:
                continue
            status = child.process.returncode if child.process else "none"
            if not child.may_restart():
                return child
            sys.stderr.write(f"{child.name} ended (status {status}); starting it again\n")
            child.kill()
            child.start()
        return None

    def end(self) -> None:
        """Ask every child to end, last started first, and wait; kill what stays. A second Ctrl-C kills at once."""
        try:
            for child in reversed(self.children[1:]):
                child.ask_to_end()
            self._wait_for(self.children[1:])
            # The first child (the broker) ends last: the others may still have words for it.
            for child in self.children[:1]:
                child.ask_to_end()
            self._wait_for(self.children[:1])
        except Ended:
            pass
        finally:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            for child in self.children:
                child.kill()

    @staticmethod
    def _wait_for(children: Sequence[Child]) -> None:
        until = time.monotonic() + GRACE
        while time.monotonic() < until and any(child.is_running for child in children):
            time.sleep(0.05)
