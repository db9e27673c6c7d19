"""Heavy steps in a process of their own, with limits of memory, time and output, ended when they should stop.

A worker is a pool of threads, which knows no time limits and cannot be cancelled; a child process can
be, and takes nothing with it when it runs out of memory. It sees no secret of the environment.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from .child import EXIT_OUT_OF_MEMORY

LOOK_EVERY = 0.05


@dataclass(frozen=True, slots=True)
class Limits:
    """What a child may use; address space is counted, so leave room for libraries."""

    memory_mb: int = 1024
    cpu_seconds: int = 60
    wall_seconds: float = 120
    output_mb: int = 100


class ChildFailed(Exception):
    """The child ended without a result; `str()` says why, in words for the person who waits."""


class ChildStopped(ChildFailed):
    """The child was ended because its result is no longer wanted."""


def never() -> bool:
    """The default of should_stop."""
    return False


def run_function(
    function: str,
    payload: object,
    *,
    limits: Limits | None = None,
    should_stop: Callable[[], bool] = never,
) -> bytes:
    """Call "package.module:function" with a JSON-able payload in a child; it returns bytes.

    The module is imported without Django's settings: it must be one that needs none.
    """
    limits = limits or Limits()
    with tempfile.TemporaryDirectory(prefix="tracker-child-") as folder:
        given, made, said = Path(folder, "in"), Path(folder, "out"), Path(folder, "err")
        given.write_text(json.dumps(payload))
        with given.open("rb") as fed, made.open("wb") as out, said.open("wb") as err:
            child = subprocess.Popen(  # noqa: S603 - the launcher below, with the caller's own function
                _launcher(limits, function),
                stdin=fed,
                stdout=out,
                stderr=err,
                cwd=folder,
                env=_plain_environment(folder),
                start_new_session=True,
            )
            try:
                code = _wait(child, limits, should_stop)
            finally:
                _end(child)
        if code != 0:
            raise ChildFailed(_why(code, said.read_text(errors="replace"), limits))
        return made.read_bytes()


def _launcher(limits: Limits, function: str) -> list[str]:
    script = str(Path(__file__).with_name("child.py"))
    return [sys.executable, "-P", script, json.dumps(asdict(limits) | {"parent": os.getpid()}), function]


def _plain_environment(folder: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ}
    return kept | {"PYTHONPATH": str(settings.BASE_DIR), "HOME": folder, "TMPDIR": folder, "PYTHONUTF8": "1"}


def _wait(child: subprocess.Popen[Any], limits: Limits, should_stop: Callable[[], bool]) -> int:
    ends = time.monotonic() + limits.wall_seconds
    while (code := child.poll()) is None:
        if should_stop():
            raise ChildStopped(_("Stopped because its result is no longer wanted."))
        if time.monotonic() > ends:
            raise ChildFailed(_("Stopped after %(seconds)s seconds.") % {"seconds": f"{limits.wall_seconds:g}"})
        time.sleep(LOOK_EVERY)
    return code


def _end(child: subprocess.Popen[Any]) -> None:
    """Kill the child with all that it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def _why(code: int, said: str, limits: Limits) -> str:
    if code == EXIT_OUT_OF_MEMORY or code == -signal.SIGSEGV or "MemoryError" in said:
        return _("Needed more than %(megabytes)s MB of memory.") % {"megabytes": limits.memory_mb}
    if code in {-signal.SIGXCPU, -signal.SIGKILL}:
        return _("Needed more than %(seconds)s seconds of computing.") % {"seconds": limits.cpu_seconds}
    if code == -signal.SIGXFSZ:
        return _("Made more than %(megabytes)s MB.") % {"megabytes": limits.output_mb}
    last = said.strip().splitlines()[-1:] or [f"exit status {code}"]
    return _("Failed: %(reason)s") % {"reason": last[0][:300]}
