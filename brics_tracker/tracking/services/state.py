"""What an item's published updates and plan add up to: status, proof, percent, dates. One replay, one home."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import timezone

from brics_tracker.core.partial_dates import last_day
from brics_tracker.tracking.choices import ClaimKind, Proof
from brics_tracker.tracking.models import DueDateChange, Milestone, StatusChange, TrackedItem, Update

from .changes import write

if TYPE_CHECKING:
    from brics_tracker.accounts.models import User

CENT = Decimal("0.01")
FULL = Decimal(100)


@dataclass(frozen=True, slots=True)
class ItemState:
    """What is shown of an item, and since which update."""

    status: str
    proof: str
    percent: Decimal | None
    update: Update | None


def published_updates(item: TrackedItem, *, without: Iterable[int] = ()) -> list[Update]:
    """Published, neither corrected nor retracted, as things happened, each with its number of sources and claims."""
    return list(item.updates.for_replay().exclude(pk__in=list(without)))


def proof_of(update: Update) -> str:
    """The proof of an update read with its number of sources."""
    return update.proof_with(update.sources)  # type: ignore[attr-defined]


def replay(item: TrackedItem, updates: Sequence[Update], milestones: Sequence[Milestone]) -> ItemState:
    """Follow the updates in the order in which things happened. Pure: reads nothing but its arguments.

    Percent: confirmed milestones by weight where there are any, else the last claim, else None (no data);
    100 where the status counts as done.
    """
    status, proof, claimed, last = item.workflow.first, str(Proof.CLAIMED), None, None
    completed: set[int] = set()
    for update in updates:
        claims = [claim for claim in update.milestone_claims.all() if claim.kind == ClaimKind.COMPLETED]
        if update.status_claimed:
            status = update.status_claimed
        if update.percent_claimed is not None:
            claimed = update.percent_claimed
        completed.update(claim.milestone_id for claim in claims)
        if update.status_claimed or update.percent_claimed is not None or claims:
            proof, last = proof_of(update), update
    percent = plan_percent(milestones, completed)
    if percent is None:
        percent = claimed
    if status in item.workflow.done:
        percent = FULL
    return ItemState(status, proof, percent, last)


def plan_percent(milestones: Sequence[Milestone], completed: set[int]) -> Decimal | None:
    """Share of the confirmed weights that is completed, 0 to 100, half up to two places; None without any."""
    confirmed = [milestone for milestone in milestones if milestone.confirmed]
    whole = sum(milestone.weight for milestone in confirmed)
    if not whole:
        return None
    done = sum(milestone.weight for milestone in confirmed if milestone.pk in completed)
    return (Decimal(done) * 100 / Decimal(whole)).quantize(CENT, ROUND_HALF_UP)


def status_before(item: TrackedItem, happened: str, *, without: Iterable[int] = ()) -> tuple[str, list[Update]]:
    """The status just before something that happened then and is published now, and the updates after it."""
    status, later = item.workflow.first, []
    for update in published_updates(item, without=without):
        if update.happened > happened:
            later.append(update)
        elif update.status_claimed:
            status = update.status_claimed
    return status, later


def refresh_item(
    item: TrackedItem, *, by: User, because: str = "", at: dt.datetime | None = None, **edits: Any
) -> TrackedItem:
    """Bring what is kept of a locked item in line with its updates and plan; record what is shown from now on.

    Call it in the transaction that changed them. `edits`: what else changes of the item, written with it as one
    edit. Writes the item only where something differs; raises ValidationError by field.
    """
    at = at or timezone.now()
    for name, value in edits.items():
        if not item._meta.get_field(name).many_to_many:
            setattr(item, name, value)
    milestones = list(item.milestones.filter(dropped_at__isnull=True))
    updates = published_updates(item)
    complete_milestones(milestones, updates, by=by)
    state = replay(item, updates, milestones)
    maintained = {
        "status": state.status,
        "proof": state.proof,
        "percent": state.percent,
        **derived_dates(item, state.status, updates, milestones, slips=count_slips(milestones)),
    }
    changes = edits | {name: value for name, value in maintained.items() if getattr(item, name) != value}
    if changes:
        write(item, by=by, because=because, **changes)
    if item.is_published:
        show_state(item, state, by=by, at=at)
    return item


def count_slips(milestones: Sequence[Milestone]) -> int:
    """How many times a due date of these milestones was moved later, undone moves left out."""
    changes = DueDateChange.objects.filter(milestone__in=[milestone.pk for milestone in milestones])
    return sum(change.is_slip for change in changes)


def derived_dates(
    item: TrackedItem, status: str, updates: Sequence[Update], milestones: Sequence[Milestone], *, slips: int
) -> dict[str, object]:
    """next_due, stagnant_after, slips and last_reported_on from the plan and the updates. Pure, like `replay`.

    Only people report: what the catalogue entered is no report (but in a demonstration, where the system plays them).
    """
    told = [update for update in updates if settings.DEMO or not update.by_system]  # type: ignore[attr-defined]
    reported = [timezone.localdate(update.published_at) for update in told if update.published_at]
    substantive = [timezone.localdate(u.published_at) for u in updates if u.published_at and u.is_substantive]
    dates: dict[str, object] = {"slips": slips, "last_reported_on": max(reported, default=None)}
    if item.tracked_since is None or status in item.workflow.closed or item.archived_at is not None:
        return {**dates, "next_due": None, "stagnant_after": None}
    due = [m.due for m in milestones if m.confirmed and m.due and not m.completed_on]
    if item.target_date:
        due.append(last_day(item.target_date))
    alive = max([item.tracked_since, *substantive])
    return {**dates, "next_due": min(due, default=None), "stagnant_after": alive + dt.timedelta(days=item.rhythm_days)}


def complete_milestones(milestones: Sequence[Milestone], updates: Sequence[Update], *, by: User) -> None:
    """A milestone is completed by the first published update that says so; retracting it opens the milestone again."""
    first: dict[int, Update] = {}
    for update in updates:
        for claim in update.milestone_claims.all():
            if claim.kind == ClaimKind.COMPLETED:
                first.setdefault(claim.milestone_id, update)
    for milestone in milestones:
        telling = first.get(milestone.pk)
        if milestone.completed_by_id != (telling.pk if telling else None):
            write(milestone, by=by, completed_by=telling, completed_on=telling.happened if telling else "")


def show_state(item: TrackedItem, state: ItemState, *, by: User, at: dt.datetime) -> None:
    """Close what was shown and open what is shown now, where it differs: any day can be shown again by one range."""
    shown = item.status_changes.filter(until__isnull=True).first()
    if shown is not None:
        if (shown.status, shown.proof, shown.percent) == (state.status, state.proof, state.percent):
            return
        shown.until = at
        shown.save(update_fields=["until"])
    StatusChange.objects.create(
        item=item, status=state.status, proof=state.proof, percent=state.percent, since=at, by=by,
        update=state.update, happened=state.update.happened if state.update else "",
    )  # fmt: skip
