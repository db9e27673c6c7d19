"""Whatever was reported on two items, in whatever order: merged they stand where one item with both stories stands."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from brics_tracker.accounts.models import User
from brics_tracker.tracking import integrity
from brics_tracker.tracking.models import TrackedItem, Update
from brics_tracker.tracking.services import merging, splitting, updates
from brics_tracker.tracking.services.checks import Claim
from brics_tracker.tracking.services.merging import Choice
from brics_tracker.tracking.services.state import published_updates, replay
from brics_tracker.tracking.workflow import WORKFLOWS
from tests.factories.accounts import make_user
from tests.factories.tracking import make_evidence, make_item, make_milestone

pytestmark = pytest.mark.django_db
ENTRY = st.fixed_dictionaries({
    "on": st.integers(0, 1),
    "happened": st.dates(dt.date(2020, 1, 1), dt.date(2024, 12, 31)).map(dt.date.isoformat),
    "status_claimed": st.sampled_from(["", "", *WORKFLOWS["proposal"].statuses]),
    "percent": st.one_of(st.none(), st.integers(0, 100)),
    "step": st.booleans(),
    "sources": st.integers(0, 1),
    "then": st.sampled_from(["publish", "publish", "publish", "retract", "draft"]),
})  # fmt: skip


def report(item: TrackedItem, entry: dict[str, Any], analyst: User, reviewer: User) -> None:
    """One entry of progress; what the register's rules refuse is simply not reported."""
    steps = list(item.milestones.filter(dropped_at=None, completed_on=""))
    fields = {
        "text": "Something happened.", "happened": entry["happened"], "status_claimed": entry["status_claimed"],
        "reason": "As reported.",
        "percent_claimed": None if item.milestones.exists() or entry["percent"] is None else Decimal(entry["percent"]),
    }  # fmt: skip
    claims = [Claim(steps[0], "completed")] if steps and entry["step"] else []
    try:
        with transaction.atomic():
            update = updates.create_update(item, by=analyst, fields=fields, claims=claims)
            if entry["sources"]:
                make_evidence(item, by=analyst, update=update)
            if entry["then"] == "draft":
                return
            update = updates.publish_update(updates.submit_update(update, by=analyst), by=reviewer)
            if entry["then"] == "retract":
                updates.retract_update(update, by=reviewer, reason="Misread.")
    except ValidationError:
        pass


def faults() -> list[str]:
    checks = (integrity.versions, integrity.maintained_columns, integrity.one_chain_of_states, integrity.merges)
    return [line for check in checks for line in check()]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(entries=st.lists(ENTRY, min_size=1, max_size=8), plans=st.integers(0, 3), add=st.booleans())
def test_merged_they_stand_where_the_replay_of_both_puts_them(
    entries: list[dict[str, Any]], plans: int, add: bool
) -> None:
    with transaction.atomic():
        analyst, reviewer, administrator = (make_user(role=role) for role in ("analyst", "reviewer", "administrator"))
        both = [make_item(), make_item()]
        for number, item in enumerate(both):
            if plans & (number + 1):
                make_milestone(item, weight=number + 1, due=dt.date(2024, 5, 1))
        for entry in entries:
            report(both[entry["on"]], entry, analyst, reviewer)
        keep, other = (TrackedItem.objects.get(pk=item.pk) for item in both)
        told = sorted(
            [*published_updates(keep), *published_updates(other)], key=lambda u: (u.happened, u.published_at, u.pk)
        )
        steps = [*keep.milestones.filter(dropped_at=None), *(other.milestones.filter(dropped_at=None) if add else ())]
        wanted = replay(keep, told, steps)
        before = set(Update.objects.values_list("pk", flat=True))

        merging.merge_items(
            keep, other, by=administrator, seen=(keep.version, other.version),
            choice=Choice("One thing twice.", plan="add" if add else "keep"),
        )  # fmt: skip

        keep.refresh_from_db()
        assert (keep.status, keep.proof, keep.percent) == (wanted.status, wanted.proof, wanted.percent)
        assert set(keep.updates.values_list("pk", flat=True)) == before
        assert faults() == []

        # Split again by where each was reported, nothing is lost either, and each part is the replay of its own.
        mine = [update.pk for update in told if update.author_id == analyst.pk][::2]
        passages = list(keep.citations.values_list("passage", flat=True))
        try:
            with transaction.atomic():
                part = splitting.Part("A part", passages=passages, updates=mine)
                splitting.split_item(keep, [part], by=administrator, version=None, reason="Two after all.")
        except ValidationError:
            pass  # an update claims a step that stays: refused in words, nothing done
        assert set(Update.objects.values_list("pk", flat=True)) == before
        assert faults() == []
        transaction.set_rollback(True)
