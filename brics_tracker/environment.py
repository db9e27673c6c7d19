"""Reads the environment once; a value that cannot be read ends the start with one line that names it."""

import sys
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

import environ

env = environ.Env()


def refuse(name: str, why: str) -> NoReturn:
    """End the start: one line on standard error names the variable and says what is wrong; exit status 2."""
    sys.stderr.write(f"{name}: {why}\n")
    sys.exit(2)


T = TypeVar("T")


def read(reader: Callable[..., T], name: str, **kwargs: Any) -> T:
    """The value of one environment variable, or the end of the start.

    django-environ falls back to False for a boolean it does not know and raises for most other
    values; both become the same one line here.
    """
    try:
        return reader(name, **kwargs)
    except Exception as problem:  # noqa: BLE001 - whatever the reader raises, the operator gets one line
        refuse(name, f"cannot be read ({problem})")


def read_bool(name: str, *, default: bool) -> bool:
    """True for 1/true/yes/on, False for 0/false/no/off; anything else ends the start."""
    raw = read(env.str, name, default="").strip().lower()
    if not raw:
        return default
    if raw in {"1", "true", "yes", "on"}:
        return True
    if raw in {"0", "false", "no", "off"}:
        return False
    refuse(name, f"must be on or off, not {raw!r}")
