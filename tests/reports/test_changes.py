"""What changed since the report before: which way, and counted once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brics_tracker.tracking.workflow import WORKFLOWS
from reports.builders.changes import UNKNOWN, State, compare, direction_of
from reports.renderers.layout import DIRECTIONS

statuses = st.sampled_from(WORKFLOWS["proposal"].statuses)
registers = st.dictionaries(
    st.sampled_from([f"EC-{n:02d}" for n in range(12)]),
    st.tuples(st.just("proposal"), statuses, st.sampled_from([0, 1])).map(list),
)


@pytest.mark.parametrize(
    ("before", "after", "direction"),
    [
        ("proposed", "agreed", "forward"),
        ("implementing", "discussion", "back"),
        ("agreed", "stalled", "paused"),
        ("stalled", "agreed", "resumed"),
        ("stalled", "implemented", "resumed"),
        ("agreed", "rejected", "ended"),
        ("stalled", "superseded", "ended"),
        ("rejected", "agreed", "reopened"),
        ("implemented", "agreed", "back"),
        ("agreed", "agreed", ""),
    ],
)
def test_a_step_has_a_direction(before: str, after: str, direction: str) -> None:
    assert direction_of("proposal", before, after) == direction


@pytest.mark.parametrize("kind", WORKFLOWS)
def test_every_step_of_every_workflow_has_a_word(kind: str) -> None:
    every = WORKFLOWS[kind].statuses
    found = {direction_of(kind, before, after) for before in every for after in every if before != after}
    assert found <= set(DIRECTIONS)


def test_an_item_that_moves_and_falls_behind_is_told_twice() -> None:
    before: dict[str, State] = {"EC-01": ["proposal", "proposed", 0], "EC-02": ["proposal", "agreed", 1]}
    after: dict[str, State] = {"EC-01": ["proposal", "agreed", 1], "EC-02": ["proposal", "agreed", 0]}
    told = [(change.reference, change.direction) for change in compare(before, after)]
    assert told == [("EC-01", "forward"), ("EC-01", "overdue"), ("EC-02", "caught_up")]


def test_nobody_is_newly_late_of_whom_it_was_not_known_before() -> None:
    before: dict[str, State] = {"EC-01": ["proposal", "agreed", UNKNOWN]}
    for late in (0, 1, UNKNOWN):
        assert list(compare(before, {"EC-01": ["proposal", "agreed", late]})) == []


@given(registers, registers)
def test_changes_are_all_told_and_nothing_else_is(before: dict[str, State], after: dict[str, State]) -> None:
    told = list(compare(before, after))
    assert {c.reference for c in told if c.direction == "new"} == after.keys() - before.keys()
    assert {c.reference for c in told if c.direction == "left"} == before.keys() - after.keys()
    stayed = before.keys() & after.keys()
    assert {c.reference for c in told if c.reference in stayed} == {
        reference
        for reference in stayed
        if before[reference][1] != after[reference][1] or before[reference][2] != after[reference][2]
        # An item that moved on and is no longer late is told by its move.
    }
    assert not list(compare(after, after))
