"""An item's plan: steps added, changed, confirmed, moved with a reason, dropped."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from brics_tracker.tracking import access
from brics_tracker.tracking.models import Milestone, TrackedItem
from brics_tracker.tracking.plans import PLANS
from brics_tracker.tracking.querysets import STEP_TO_CONFIRM

from .changes import add, check_version, lock_item, once, write
from .checks import require_reason
from .moves import record_move, undo_changes
from .state import refresh_item

if TYPE_CHECKING:
    from brics_tracker.accounts.models import User

FIELDS = frozenset({"title", "owner", "weight", "due", "confirmed"})


@transaction.atomic
def add_milestone(
    item: TrackedItem, *, by: User, fields: Mapping[str, Any], form_key: uuid.UUID | None = None
) -> Milestone:
    """A new step of the plan, at its end; confirmed by whoever may confirm it, unless they say otherwise.

    Raises PermissionDenied where others say that it is.
    """
    item = lock_item(item.pk)
    access.require_of(access.may_edit, by, item)
    may_confirm = access.may_confirm(by, item)
    values = {"confirmed": may_confirm, **_known(fields)}
    access.require(may_confirm or not values["confirmed"])

    def make() -> Milestone:
        position = item.milestones.count() + 1
        milestone = add(Milestone(item=item, position=position, **values), by=by)
        refresh_item(item, by=by)
        return milestone

    return once(by, form_key, make)


@transaction.atomic
def add_plan(item: TrackedItem, plan: str, *, by: User) -> list[Milestone]:
    """The steps of a template, undated and marked as such until someone confirms them."""
    lock_item(item.pk)
    steps = PLANS[plan].milestones
    first = item.milestones.count() + 1
    return [
        add(
            Milestone(item=item, title=str(step.title), weight=step.weight, position=position, from_template=True),
            by=by,
        )
        for position, step in enumerate(steps, start=first)
    ]


@transaction.atomic
def edit_milestone(
    milestone: Milestone, *, by: User, version: int | None, changes: Mapping[str, Any], reason: str = ""
) -> Milestone:
    """Change a step. Moving the date of a confirmed step needs a reason and goes into its slip history.

    Raises StaleVersion, ValidationError by field, PermissionDenied (also where someone who edits but may not
    confirm would change whether the step counts).
    """
    item = lock_item(milestone.item_id)
    access.require_of(access.may_edit, by, item)
    milestone = Milestone.objects.select_for_update(no_key=True).get(pk=milestone.pk)
    _require_open(milestone)
    wanted = check_version(milestone, version, _known(changes))
    access.require("confirmed" not in wanted or access.may_confirm(by, item))
    moved = "due" in wanted and milestone.due is not None and milestone.confirmed
    if moved:
        due = wanted.pop("due")
        record_move(milestone, due, reason=require_reason(reason), by=by, at=timezone.now())
    if wanted:
        write(milestone, by=by, because=reason, **wanted)
    refresh_item(item, by=by)
    return milestone


@transaction.atomic
def set_back_milestone(
    milestone: Milestone, *, by: User, version: int, due: dt.date | None, confirmed: bool, moves: Iterable[int]
) -> Milestone:
    """Undo what an edit of many did to a step: its moves (keys of DueDateChange) are marked undone, not erased.

    `version`: the step's once that edit was done. Raises StaleVersion where someone changed the same since.
    """
    item = lock_item(milestone.item_id)
    access.require_of(access.may_edit, by, item)
    milestone = Milestone.objects.select_for_update(no_key=True).get(pk=milestone.pk)
    _require_open(milestone)
    wanted = check_version(milestone, version, {"due": due, "confirmed": confirmed})
    access.require("confirmed" not in wanted or access.may_confirm(by, item))
    made = milestone.due_date_changes.filter(pk__in=list(moves), undone_at=None)
    undo_changes(made.select_related("milestone"), by=by, at=timezone.now())
    milestone = Milestone.objects.get(pk=milestone.pk)
    left = {name: value for name, value in wanted.items() if getattr(milestone, name) != value}
    if left:
        write(milestone, by=by, **left)
    refresh_item(item, by=by)
    return milestone


@transaction.atomic
def confirm_plan(item: TrackedItem, *, by: User) -> int:
    """Take every step that waits into the plan that counts: overseers in scope; returns how many were confirmed."""
    item = lock_item(item.pk)
    access.require_of(access.may_confirm, by, item)
    open_steps = list(item.milestones.filter(STEP_TO_CONFIRM))
    for milestone in open_steps:
        write(milestone, by=by, confirmed=True)
    refresh_item(item, by=by)
    return len(open_steps)


@transaction.atomic
def drop_milestone(milestone: Milestone, *, by: User, reason: str) -> Milestone:
    """Take a step out of the plan, with the reason; it stays in the history. A completed one cannot be dropped."""
    item = lock_item(milestone.item_id)
    access.require_of(access.may_edit, by, item)
    milestone = Milestone.objects.select_for_update(no_key=True).get(pk=milestone.pk)
    if milestone.dropped_at is not None:
        return milestone
    _require_open(milestone)
    write(milestone, by=by, because=require_reason(reason), dropped_at=timezone.now())
    refresh_item(item, by=by)
    return milestone


def _require_open(milestone: Milestone) -> None:
    if milestone.completed_on:
        raise ValidationError(_("This milestone is completed; retract the update that says so to change it."))
    if milestone.dropped_at is not None:
        raise ValidationError(_("This milestone was dropped from the plan."))


def _known(fields: Mapping[str, Any]) -> dict[str, Any]:
    unknown = set(fields) - FIELDS
    if unknown:
        raise TypeError(f"not a field of a milestone that people write: {sorted(unknown)}")
    return dict(fields)
