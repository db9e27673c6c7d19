"""The launcher inside a child process: sets its own limits, then calls a function.

Run by path (see children.py), so it imports nothing of the project.
"""

import ctypes
import importlib
import json
import os
import resource
import signal
import sys

EXIT_OUT_OF_MEMORY = 86
PR_SET_PDEATHSIG = 1


def set_limits(limits: dict[str, float]) -> None:
    """Bound this process; ask the kernel to end it with its parent (where the kernel can)."""
    megabyte = 1024 * 1024
    cpu = int(limits["cpu_seconds"])
    resource.setrlimit(resource.RLIMIT_AS, (int(limits["memory_mb"]) * megabyte,) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(limits["output_mb"]) * megabyte,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)  # Python ignores it, and would report a mere OSError
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != limits["parent"]:
            sys.exit("the parent ended before its child began")


def call(name: str) -> None:
    """Feed the JSON of standard input to "module:function" and write the bytes it returns."""
    module, function = name.split(":")
    try:
        result = getattr(importlib.import_module(module), function)(json.load(sys.stdin))
    except MemoryError:
        sys.exit(EXIT_OUT_OF_MEMORY)
    sys.stdout.buffer.write(result)


if __name__ == "__main__":
    set_limits(json.loads(sys.argv[1]))
    call(sys.argv[2])
