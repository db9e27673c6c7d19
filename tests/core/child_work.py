"""What the tests of children run in a child."""

import os
import time
from typing import Any


def double(payload: dict[str, Any]) -> bytes:
    return str(payload["number"] * 2).encode()


def eat_memory(payload: dict[str, Any]) -> bytes:
    return bytes(int(payload["megabytes"]) * 1024 * 1024)


def compute_for_ever(payload: object) -> bytes:
    while True:
        pass


def sleep_with_a_child(payload: object) -> bytes:
    if os.fork() == 0:
        time.sleep(60)
    time.sleep(60)
    return b""


def fail(payload: object) -> bytes:
    raise ValueError("there is no such table")


def environment(payload: object) -> bytes:
    return " ".join(sorted(os.environ)).encode()


def write_much(payload: object) -> bytes:
    return b"x" * (5 * 1024 * 1024)
