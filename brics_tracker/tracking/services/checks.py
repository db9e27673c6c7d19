"""What an update must be, by field, before it is kept, handed in or published."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from brics_tracker.core.partial_dates import first_day, validate_partial_date
from brics_tracker.tracking.choices import ClaimKind
from brics_tracker.tracking.models import Milestone, Update, today
from brics_tracker.tracking.workflow import Status

from .state import status_before

if TYPE_CHECKING:
    from brics_tracker.accounts.models import User


@dataclass(frozen=True, slots=True)
class Claim:
    """What an update says of one milestone: completed, or moved to a new due date for a reason."""

    milestone: Milestone
    kind: str
    new_due: dt.date | None = None
    reason: str = ""


def check_update(update: Update, claims: Sequence[Claim], *, has_evidence: bool | None) -> None:
    """Everything an update must be, by field. `has_evidence` None: still being written, so not asked yet."""
    errors: dict[str, str] = {}
    if not update.no_change and not update.text.strip():
        errors["text"] = _("Say what happened, or mark “no change this period”.")
    _check_happened(update, errors)
    if update.no_change and (update.status_claimed or update.percent_claimed is not None or claims):
        errors["no_change"] = _("“No change” cannot claim a status, progress or a milestone.")
    if update.status_claimed and "happened" not in errors:
        errors.update(step_errors(update, has_evidence=has_evidence))
    _check_percent(update, errors)
    _check_claims(update, claims, errors)
    if errors:
        raise ValidationError(errors)


def step_errors(update: Update, *, has_evidence: bool | None) -> dict[str, str]:
    """Why the claimed status may not follow the one before it in the order of happening; {} if it may."""
    item, flow = update.item, update.item.workflow
    without = [pk for pk in (update.pk, update.corrects_id) if pk]
    current, later = status_before(item, update.happened, without=without)
    claimed = update.status_claimed
    if not flow.allows(current, claimed):
        allowed = ", ".join(str(Status(status).label) for status in flow.next_statuses(current) if status != current)
        words = {"current": Status(current).label, "allowed": allowed or _("none; retract the update that ended it")}
        return {"status_claimed": _("From %(current)s it can go to: %(allowed)s.") % words}
    if claimed == current:
        return (
            {
                "evidence": _("It is %(s)s already: add evidence, or leave the status as it is.")
                % {"s": Status(current).label}
            }
            if has_evidence is False
            else {}
        )
    if claimed in flow.final and any(entry.status_claimed for entry in later):
        return {
            "status_claimed": _("Later entries have moved it on since; a status that ends it cannot come before them.")
        }
    errors = {}
    if flow.is_backward(current, claimed) and not update.reason.strip():
        errors["reason"] = _("A step back needs a reason.")
    if has_evidence is False and claimed in flow.needs_evidence:
        errors["evidence"] = _("“%(status)s” needs evidence: add an address or a file.") % {
            "status": Status(claimed).label
        }
    return errors


def _check_happened(update: Update, errors: dict[str, str]) -> None:
    try:
        validate_partial_date(update.happened)
    except ValidationError as problem:
        errors["happened"] = problem.messages[0]
        return
    if first_day(update.happened) > today():
        errors["happened"] = _("This lies in the future; log what has happened, and plan the rest as a milestone.")


def _check_percent(update: Update, errors: dict[str, str]) -> None:
    if update.percent_claimed is None:
        return
    if not 0 <= update.percent_claimed <= 100:
        errors["percent_claimed"] = _("Progress lies between 0 and 100 percent.")
    elif update.item.milestones.filter(dropped_at__isnull=True, confirmed=True).exists():
        errors["percent_claimed"] = _("Progress follows from the milestones here; mark those that are completed.")


def _check_claims(update: Update, claims: Sequence[Claim], errors: dict[str, str]) -> None:
    for claim in claims:
        problem = _claim_problem(update, claim)
        if problem:
            errors["milestones"] = f"{claim.milestone.title}: {problem}"
            return


def _claim_problem(update: Update, claim: Claim) -> str:
    milestone = claim.milestone
    if milestone.item_id != update.item_id or milestone.dropped_at is not None:
        return _("is not part of this item's plan.")
    if not milestone.confirmed:
        return _("waits to be confirmed by a reviewer or an administrator.")
    if milestone.completed_on and milestone.completed_by_id not in {update.pk, update.corrects_id}:
        return _("is completed already.")
    if claim.kind == ClaimKind.MOVED:
        if claim.new_due is None:
            return _("give the new due date.")
        if not claim.reason.strip():
            return _("a move needs a reason.")
    return ""


def check_four_eyes(author_id: int, by: User) -> None:
    """While four-eyes is on nobody judges their own; the catalogue's system actor is the one exception."""
    if settings.FOUR_EYES and author_id == by.pk and not by.is_system:
        raise ValidationError(_("Someone other than its author must review this (four-eyes rule)."), code="four_eyes")


def require_reason(reason: str) -> str:
    """The reason without surrounding space; a ValidationError at `reason` where there is none or over 500 characters."""
    reason = reason.strip()
    if not reason:
        raise ValidationError({"reason": _("Give a reason; it is kept and shown to the author.")})
    if len(reason) > 500:
        raise ValidationError({"reason": _("At most 500 characters, please.")})
    return reason


def require_state(update: Update, *states: str) -> None:
    if update.review_state not in states:
        words = {"state": update.get_review_state_display()}
        raise ValidationError(_("This update is %(state)s by now; look at it again.") % words, code="wrong_state")


def require_version(update: Update, version: int) -> None:
    if update.version != version:
        raise ValidationError(_("The author changed this update since you opened it; read it again."), code="stale")
