"""What the code imports is in the lock that installs it, and what is in it has its row on the page."""

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from django.conf import settings

OURS = {"brics_tracker", "proposals", "mechanisms", "reports", "tests"}
RUNS = ["brics_tracker", "proposals", "mechanisms", "reports", "deploy"]


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def imported_by(folders: list[str]) -> set[str]:
    """Top-level packages that the folders import, without our own and the standard library's."""
    found: set[str] = set()
    for folder in folders:
        for file in Path(settings.BASE_DIR, folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Import):
                    found |= {alias.name.split(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    found.add(node.module.split(".")[0])
    return found - OURS - set(sys.stdlib_module_names)


def locked_in(name: str) -> set[str]:
    text = Path(settings.BASE_DIR, name).read_text()
    return {normal(found) for found in re.findall(r"^([A-Za-z0-9._-]+)==", text, flags=re.MULTILINE)}


def asked_for_in(name: str) -> set[str]:
    text = Path(settings.BASE_DIR, name).read_text()
    return {normal(found) for found in re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?~=", text, flags=re.MULTILINE)}


@pytest.mark.parametrize(
    ("folders", "lock"), [(RUNS, "requirements.txt"), ([*RUNS, "tests"], "requirements-dev.txt")], ids=["run", "dev"]
)
def test_every_imported_package_is_installed_by_its_lock(folders: list[str], lock: str) -> None:
    distributions = packages_distributions()
    locked = locked_in(lock)
    missing = {
        package
        for package in imported_by(folders)
        if not locked & {normal(name) for name in distributions.get(package, [package])}
    }
    assert missing == set()


def test_both_locks_hold_the_same_versions() -> None:
    def versions(name: str) -> set[str]:
        return set(re.findall(r"^\S+==[^\s;]+", Path(settings.BASE_DIR, name).read_text(), flags=re.MULTILINE))

    assert versions("requirements.txt") <= versions("requirements-dev.txt")


def test_every_package_that_runs_has_its_row() -> None:
    page = Path(settings.BASE_DIR, "docs/reference/dependencies.md").read_text()
    rows = " ".join(re.findall(r"^\| ([^|]+) \|", page, flags=re.MULTILINE))
    assert {name for name in asked_for_in("requirements.in") if name not in rows} <= {
        # one row for the family
        "fontpkg-noto-sans-arabic",
        "fontpkg-noto-sans-devanagari",
    }


@pytest.mark.parametrize("name", ["requirements.in", "requirements.txt", "requirements-dev.in", "requirements-dev.txt"])
def test_no_lock_names_a_registry(name: str) -> None:
    assert "://" not in Path(settings.BASE_DIR, name).read_text()
