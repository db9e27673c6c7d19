"""Whatever people publish, correct, retract and move, in any order: what is stored equals what it sums up to."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from brics_tracker.accounts.models import User
from brics_tracker.tracking import integrity
from brics_tracker.tracking.models import Milestone, TrackedItem, Update
from brics_tracker.tracking.services import milestones as plans
from brics_tracker.tracking.services import updates
from brics_tracker.tracking.services.checks import Claim
from brics_tracker.tracking.workflow import WORKFLOWS
from tests.factories.accounts import make_user
from tests.factories.tracking import make_evidence, make_item, make_milestone

pytestmark = pytest.mark.django_db

DAYS = st.dates(dt.date(2020, 1, 1), dt.date(2024, 12, 31)).map(dt.date.isoformat)
ENTRY = st.fixed_dictionaries({
    "happened": st.one_of(DAYS, DAYS.map(lambda day: day[:7]), DAYS.map(lambda day: day[:4])),
    "status_claimed": st.sampled_from(["", "", *WORKFLOWS["proposal"].statuses]),
    "percent": st.one_of(st.none(), st.integers(0, 100)),
    "step": st.one_of(st.none(), st.integers(0, 2)),
    "move": st.booleans(),
    "sources": st.integers(0, 1),
    "then": st.sampled_from(["keep", "keep", "keep", "retract"]),
})  # fmt: skip


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(entries=st.lists(ENTRY, min_size=1, max_size=7), with_plan=st.booleans())
def test_what_is_stored_equals_the_replay_after_any_series(entries: list[dict[str, Any]], with_plan: bool) -> None:
    analyst, reviewer = make_user(role="analyst"), make_user(role="reviewer")
    item = make_item()
    steps = [make_milestone(item, weight=n, due=dt.date(2024, n, 1)) for n in (1, 2, 3)] if with_plan else []
    for entry in entries:
        update = _log(item, entry, steps, analyst)
        if update is None:
            continue
        try:
            updates.publish_update(
                updates.submit_update(update, by=analyst), by=reviewer, evidence_checked=bool(entry["sources"])
            )
        except ValidationError:
            continue
        if entry["then"] == "retract":
            updates.retract_update(update, by=reviewer, reason="Misread.")
        item.refresh_from_db()
        assert list(integrity.maintained_columns()) == []
        assert list(integrity.one_chain_of_states()) == []
    assert list(integrity.versions()) == []
    item.refresh_from_db()
    assert item.percent is None or Decimal(0) <= item.percent <= Decimal(100)


def _log(item: TrackedItem, entry: dict[str, Any], steps: list[Milestone], analyst: User) -> Update | None:
    claims = []
    if steps and entry["step"] is not None:
        step = steps[int(entry["step"])]
        step.refresh_from_db()
        moved = Claim(step, "moved", dt.date(2025, 6, 1), "Later than planned.")
        claims = [moved if entry["move"] else Claim(step, "completed")]
    fields = {
        "text": "Something happened.", "happened": entry["happened"], "status_claimed": entry["status_claimed"],
        "reason": "As reported.",
        "percent_claimed": None if steps or entry["percent"] is None else Decimal(int(entry["percent"])),
    }  # fmt: skip
    try:
        update = updates.create_update(item, by=analyst, fields=fields, claims=claims)
    except ValidationError:
        return None
    if entry["sources"]:
        make_evidence(item, by=analyst, update=update)
    return update


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(["2021-01-05", "2021-02-05", "2021-03-05", "2021-04-05"]))
def test_the_order_of_publishing_does_not_matter_for_where_an_item_stands(order: list[str]) -> None:
    claims = {"2021-01-05": 10, "2021-02-05": 35, "2021-03-05": 50, "2021-04-05": 80}
    analyst, reviewer = make_user(role="analyst"), make_user(role="reviewer")
    item = make_item()
    for happened in order:
        fields = {"text": "Reported.", "happened": happened, "percent_claimed": Decimal(claims[happened])}
        update = updates.create_update(item, by=analyst, fields=fields)
        updates.publish_update(updates.submit_update(update, by=analyst), by=reviewer)
    item.refresh_from_db()
    assert item.percent == Decimal(80)


@given(weights=st.lists(st.integers(1, 100), min_size=1, max_size=8), done=st.integers(0, 8))
@settings(max_examples=200, deadline=None)
def test_percent_of_a_plan_is_the_completed_share_of_its_weights(weights: list[int], done: int) -> None:
    from brics_tracker.tracking.services.state import plan_percent

    steps = [Milestone(pk=n, weight=weight, confirmed=True) for n, weight in enumerate(weights)]
    percent = plan_percent(steps, set(range(min(done, len(weights)))))
    exact = 100 * sum(weights[:done]) / sum(weights)
    assert percent is not None
    assert abs(float(percent) - exact) <= 0.005 + 1e-9


def test_a_move_told_late_does_not_bring_the_old_date_back() -> None:
    analyst, reviewer = make_user(role="analyst"), make_user(role="reviewer")
    item = make_item()
    step = make_milestone(item, due=dt.date(2024, 1, 1))
    for happened, due in (("2023-11", dt.date(2025, 1, 1)), ("2023-06", dt.date(2024, 6, 1))):
        claim = Claim(step, "moved", due, "Talks went on.")
        fields = {"text": "Moved.", "happened": happened}
        update = updates.create_update(item, by=analyst, fields=fields, claims=[claim])
        updates.publish_update(updates.submit_update(update, by=analyst), by=reviewer)
    step.refresh_from_db()
    item.refresh_from_db()
    assert (step.due, item.next_due, item.slips) == (dt.date(2025, 1, 1), dt.date(2025, 1, 1), 2)


def test_moving_a_confirmed_date_needs_a_reason_and_is_kept() -> None:
    analyst = make_user(role="analyst")
    step = make_milestone(make_item(), due=dt.date(2024, 1, 1))
    with pytest.raises(ValidationError) as refusal:
        plans.edit_milestone(step, by=analyst, version=step.version, changes={"due": dt.date(2024, 5, 1)})
    assert "reason" in refusal.value.message_dict
    plans.edit_milestone(
        step, by=analyst, version=None, changes={"due": dt.date(2024, 5, 1)}, reason="Waiting for a quorum."
    )
    change = step.due_date_changes.get()
    assert (change.old_due, change.new_due, change.days) == (dt.date(2024, 1, 1), dt.date(2024, 5, 1), 121)
