"""Two people at one form, one person clicking twice, eight writing at once: nothing lost, nothing doubled."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .contention import CREATIONS, TARGETS
from .installation import Installation, installation, sqlite_in

pytestmark = pytest.mark.faults

EDITORS, ROUNDS = 4, 8
FORMS = 40


@pytest.fixture(scope="module")
def tracker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """On the database of this run; its settings are the tests', so that no manifest of static files is asked for."""
    with installation(tmp_path_factory.mktemp("c")) as made:
        made.environment["DJANGO_SETTINGS_MODULE"] = "tests.settings"
        yield made


@pytest.fixture(scope="module")
def edits(tracker: Installation) -> dict[tuple[str, bool], dict[str, int]]:
    """Every text edited by all editors at once, carefully and not: counts by (name, careful)."""
    careful, careless = run(
        tracker,
        f"[{{name: contention.contend(name, editors={EDITORS}, rounds={ROUNDS}, careful=careful)"
        " for name in contention.TARGETS} for careful in (True, False)]",
    )
    return {(name, True): found for name, found in careful.items()} | {
        (name, False): found for name, found in careless.items()
    }


@pytest.fixture(scope="module")
def submits(tracker: Installation) -> dict[tuple[str, bool], dict[str, int]]:
    """Every form sent twice, with its key and without: counts by (name, keyed)."""
    keyed, bare = run(
        tracker,
        "[{name: contention.submit_twice(name, forms=forms, keyed=keyed) for name in contention.CREATIONS}"
        f" for keyed, forms in ((True, {FORMS}), (False, 3))]",
    )
    return {(name, True): found for name, found in keyed.items()} | {
        (name, False): found for name, found in bare.items()
    }


def run(tracker: Installation, expression: str) -> Any:
    return tracker.ask(f"from tests.faults import contention\nresult = {expression}")


@pytest.mark.parametrize("name", TARGETS)
def test_no_accepted_edit_disappears_under_another(edits: dict[tuple[str, bool], dict[str, int]], name: str) -> None:
    found = edits[name, True]
    assert found["refused"] > 0, "the fault did not happen: nobody was in anybody's way"
    assert found["accepted"] == EDITORS * ROUNDS
    assert found["lost"] == 0
    assert found["versions"] == found["records"] == EDITORS * ROUNDS


@pytest.mark.parametrize("name", TARGETS)
def test_control_without_lock_and_version_edits_are_lost(
    edits: dict[tuple[str, bool], dict[str, int]], name: str
) -> None:
    assert edits[name, False]["lost"] > 0


def test_edits_of_different_fields_all_stand(tracker: Installation) -> None:
    assert run(tracker, "contention.other_fields()") == {"kept": 6, "asked": 6}


@pytest.mark.parametrize("name", CREATIONS)
def test_a_form_sent_twice_makes_one_thing(submits: dict[tuple[str, bool], dict[str, int]], name: str) -> None:
    assert submits[name, True] == {"made": FORMS, "same_answer": FORMS}


@pytest.mark.parametrize("name", CREATIONS)
def test_control_without_its_key_a_form_makes_two(submits: dict[tuple[str, bool], dict[str, int]], name: str) -> None:
    assert submits[name, False] == {"made": 6, "same_answer": 0}


def test_eight_writers_never_find_the_database_locked(tracker: Installation) -> None:
    found = run(tracker, "contention.write_together(writers=8, rounds=10)")
    assert found == {"written": 80, "there": 80, "errors": 0}


def test_control_with_the_usual_settings_sqlite_is_locked(tmp_path: Path) -> None:
    """Django's own settings: a transaction that has read cannot wait to write."""
    with installation(tmp_path, sqlite_in(tmp_path)) as made:
        made.environment["DJANGO_SETTINGS_MODULE"] = "tests.faults.careless_settings"
        assert run(made, "contention.write_together(writers=8, rounds=10)")["errors"] > 0


def test_a_merge_beside_people_at_work_loses_nothing(tracker: Installation) -> None:
    found = run(tracker, "contention.merge_against_work(rounds=4, careful=True)")
    assert found["led on"] > 0, "the fault did not happen: nobody was in the way of the merge"
    assert (found["merged"], found["accepted"], found["lost"]) == (4, 4 * 18, 0)
    assert tracker.ask("from brics_tracker.tracking import integrity\nresult = list(integrity.merges())") == []


def test_control_a_merge_without_a_lock_leaves_work_behind(tracker: Installation) -> None:
    assert run(tracker, "contention.merge_against_work(rounds=4, careful=False)")["lost"] > 0
