"""Every name that the environment may set is written down where operators look."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings

PAGE = Path(settings.BASE_DIR, "docs", "reference", "settings.md")
CODE = ("brics_tracker", "proposals", "mechanisms", "reports")
READS = re.compile(
    r"""(?:read\(\s*env\.\w+,\s*|read_bool\(\s*|environ(?:\.get|\.setdefault|\.pop)?[\(\[]\s*|getenv\(\s*)["']([A-Z][A-Z0-9_]+)["']"""
)
# Set by ourselves for Django or for child processes; nobody outside is asked for them.
INNER = {"DJANGO_SETTINGS_MODULE"}


def names_read() -> set[str]:
    files = [file for folder in CODE for file in Path(settings.BASE_DIR, folder).rglob("*.py")]
    return {name for file in files for name in READS.findall(file.read_text("utf-8"))} - INNER


def test_every_name_is_documented() -> None:
    page = PAGE.read_text("utf-8")
    assert sorted(name for name in names_read() if f"`{name}`" not in page) == []


def test_no_name_is_documented_that_nothing_reads() -> None:
    documented = set(re.findall(r"^\|\s*`([A-Z][A-Z0-9_]+)`", PAGE.read_text("utf-8"), re.MULTILINE))
    makefile = Path(settings.BASE_DIR, "Makefile").read_text("utf-8")
    tests = "\n".join(file.read_text("utf-8") for file in Path(settings.BASE_DIR, "tests").rglob("*.py"))
    assert documented
    assert sorted(name for name in documented - names_read() if name not in makefile + tests) == []


def test_the_names_are_found_where_they_are_read() -> None:
    assert {"SECRET_KEY", "DATABASE_URL", "PUBLIC_READ", "DATA_DIR"} <= names_read()
