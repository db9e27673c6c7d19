"""A program that reads in the order of change while others write: no change is passed by."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .installation import Installation, installation

pytestmark = pytest.mark.faults
FOLLOW = "from tests.faults import following\nresult = following.follow(writers=4, edits={edits}, seed={seed}, careful={careful})"


@pytest.fixture(scope="module")
def tracker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installation(tmp_path_factory.mktemp("f")) as made:
        made.environment["DJANGO_SETTINGS_MODULE"] = "tests.settings"
        yield made


@pytest.mark.parametrize("edits", [15, pytest.param(250, marks=pytest.mark.long)])
def test_no_change_is_passed_by(tracker: Installation, edits: int) -> None:
    found = tracker.ask(FOLLOW.format(edits=edits, seed=7, careful=True))
    assert found["came"] > 8, "the reader read nothing while others wrote"
    assert found["missed"] == 0


def test_control_by_the_clock_alone_changes_that_are_saved_late_are_missed(tracker: Installation) -> None:
    """On SQLite those who write wait for each other: nothing is saved late there."""
    if not tracker.database_url.startswith("postgres"):
        pytest.skip("SQLite saves in the order in which it began")
    missed = sum(tracker.ask(FOLLOW.format(edits=15, seed=seed, careful=False))["missed"] for seed in (1, 2, 3))
    assert missed > 0
