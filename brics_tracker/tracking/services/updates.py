"""Progress: drafting, handing in, handing back, publishing, correcting and retracting updates."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from brics_tracker.core.markdown import render_markdown
from brics_tracker.core.partial_dates import first_day, validate_partial_date
from brics_tracker.tracking import access
from brics_tracker.tracking.choices import ClaimKind, ReviewState
from brics_tracker.tracking.models import (
    DueDateChange,
    Evidence,
    Milestone,
    MilestoneClaim,
    ReviewReturn,
    TrackedItem,
    Update,
    today,
)
from brics_tracker.tracking.workflow import Status

from .changes import add, check_version, lock_item, once, write
from .state import effective_due, moved_on, refresh_item, status_before

if TYPE_CHECKING:
    from brics_tracker.accounts.models import User

FIELDS = frozenset({"text", "happened", "status_claimed", "reason", "percent_claimed", "no_change", "wording_only"})


@dataclass(frozen=True, slots=True)
class Claim:
    """What an update says of one milestone: completed, or moved to a new due date for a reason."""

    milestone: Milestone
    kind: str
    new_due: dt.date | None = None
    reason: str = ""


@transaction.atomic
def create_update(
    item: TrackedItem,
    *,
    by: User,
    fields: Mapping[str, Any],
    claims: Sequence[Claim] = (),
    corrects: Update | None = None,
    form_key: uuid.UUID | None = None,
) -> Update:
    """Start an entry of progress as a draft; the same `form_key` again returns the one already made.

    Raises ValidationError by field; PermissionDenied where `by` may not log on this item.
    """
    item = lock_item(item.pk)
    access.require(access.may_log(by, item))

    def make() -> Update:
        update = Update(item=item, author=by, corrects=corrects, **_prepared(fields))
        check_update(update, claims, has_evidence=None)
        add(update, by=by)
        _set_claims(update, claims)
        return update

    return once(by, form_key, make)


@transaction.atomic
def edit_update(
    update: Update, *, by: User, version: int | None, fields: Mapping[str, Any], claims: Sequence[Claim] | None = None
) -> Update:
    """Change one's own draft or returned update. Raises StaleVersion where another window saved meanwhile."""
    item = lock_item(update.item_id)
    update = Update.objects.select_for_update(no_key=True).get(pk=update.pk)
    access.require(update.author_id == by.pk and access.may_log(by, item))
    _require_state(update, ReviewState.DRAFT, ReviewState.RETURNED)
    changes = check_version(update, version, _prepared(fields))
    for name, value in changes.items():
        setattr(update, name, value)
    update.item = item
    check_update(update, claims if claims is not None else stored_claims(update), has_evidence=None)
    write(update, by=by, **changes)
    if claims is not None:
        _set_claims(update, claims)
    return update


@transaction.atomic
def submit_update(update: Update, *, by: User) -> Update:
    """Hand a draft or returned update in for review; whatever it still lacks is said by field."""
    item = lock_item(update.item_id)
    update = Update.objects.select_for_update(no_key=True).get(pk=update.pk)
    access.require(update.author_id == by.pk and (access.may_log(by, item)))
    if update.review_state == ReviewState.SUBMITTED:
        return update
    _require_state(update, ReviewState.DRAFT, ReviewState.RETURNED)
    update.item = item
    check_update(update, stored_claims(update), has_evidence=update.evidence.exists())
    return write(update, by=by, review_state=ReviewState.SUBMITTED, submitted_at=timezone.now())


@transaction.atomic
def withdraw_update(update: Update, *, by: User) -> Update:
    """Take one's own submitted update back to draft, to go on writing."""
    lock_item(update.item_id)
    update = Update.objects.select_for_update(no_key=True).get(pk=update.pk)
    access.require(update.author_id == by.pk)
    _require_state(update, ReviewState.SUBMITTED)
    return write(update, by=by, review_state=ReviewState.DRAFT, submitted_at=None)


@transaction.atomic
def publish_update(update: Update, *, by: User, evidence_checked: bool = False, version: int | None = None) -> Update:
    """Make a submitted update public and let it move its item.

    A second click finds it published and changes nothing. Raises PermissionDenied for whoever is no
    reviewer in scope, ValidationError for one's own update while four-eyes is on, for a step that the
    workflow does not allow any more, and (StaleVersion) where the author changed it since it was read.
    """
    item = lock_item(update.item_id)
    update = Update.objects.select_for_update(no_key=True).get(pk=update.pk)
    access.check_may_review(by, item)
    if update.review_state == ReviewState.PUBLISHED:
        return update
    _require_state(update, ReviewState.SUBMITTED)
    check_four_eyes(update.author_id, by)
    if version is not None:
        _require_version(update, version)
    if not item.is_published:
        raise ValidationError(_("Publish the item first; its updates follow."), code="item_not_published")
    update.item = item
    has_evidence = update.evidence.exists()
    check_update(update, stored_claims(update), has_evidence=has_evidence)
    if evidence_checked and not has_evidence:
        raise ValidationError({"evidence_checked": _("There is no evidence to check.")})
    now = timezone.now()
    write(
        update, by=by, review_state=ReviewState.PUBLISHED, published_at=now, published_by=by,
        evidence_checked=evidence_checked and update.author_id != by.pk,
    )  # fmt: skip
    if update.corrects_id:
        original = Update.objects.select_for_update(no_key=True).get(pk=update.corrects_id)
        if original.review_state == ReviewState.PUBLISHED:
            _undo_moves(original, by=by, at=now)
            write(original, by=by, review_state=ReviewState.CORRECTED)
    _apply_moves(update, by=by, at=now)
    refresh_item(item, by=by, because=f"update {update.pk} published", at=now)
    return update


@transaction.atomic
def return_update(update: Update, *, by: User, reason: str) -> Update:
    """Hand a submitted update back to its author with a reason, which is kept for good."""
    item = lock_item(update.item_id)
    update = Update.objects.select_for_update(no_key=True).get(pk=update.pk)
    access.check_may_review(by, item)
    check_four_eyes(update.author_id, by)
    _require_state(update, ReviewState.SUBMITTED)
    reason = require_reason(reason)
    ReviewReturn.objects.create(item=item, update=update, reason=reason, by=by, at=timezone.now())
    return write(update, by=by, because=reason, review_state=ReviewState.RETURNED)


@transaction.atomic
def retract_update(update: Update, *, by: User, reason: str) -> Update:
    """Take a published update out of the reckoning: it stays readable, marked, and the item is recomputed.

    Retracting a correction brings back what it corrected.
    """
    item = lock_item(update.item_id)
    update = Update.objects.select_for_update(no_key=True).get(pk=update.pk)
    access.check_may_review(by, item)
    if update.review_state == ReviewState.RETRACTED:
        return update
    _require_state(update, ReviewState.PUBLISHED)
    reason = require_reason(reason)
    now = timezone.now()
    write(
        update, by=by, because=reason, review_state=ReviewState.RETRACTED, retracted_at=now, retracted_by=by,
        retraction_reason=reason,
    )  # fmt: skip
    _undo_moves(update, by=by, at=now)
    if update.corrects_id:
        original = Update.objects.select_for_update(no_key=True).get(pk=update.corrects_id)
        if original.review_state == ReviewState.CORRECTED:
            write(original, by=by, because=reason, review_state=ReviewState.PUBLISHED)
            _redo_moves(original, by=by)
    refresh_item(item, by=by, because=f"update {update.pk} retracted", at=now)
    return update


@transaction.atomic
def report_no_change(item: TrackedItem, *, by: User, form_key: uuid.UUID | None = None) -> Update:
    """One click: nothing changed this period. Counts as reported, not as a sign of life; goes to review."""
    fields = {"happened": today().isoformat(), "no_change": True}
    update = create_update(item, by=by, fields=fields, form_key=form_key)
    return submit_update(update, by=by)


@transaction.atomic
def enter_update(
    item: TrackedItem,
    *,
    by: User,
    fields: Mapping[str, Any],
    sources: Sequence[Mapping[str, Any]],
    claims: Sequence[Claim] = (),
    at: dt.datetime | None = None,
    checked: bool = False,
) -> Update:
    """One entry by the marked system actor, public at once; `sources`: fields of its evidence.

    For the catalogue and for invented data; `at`: when it counts as published, `checked`: as verified.
    """
    access.require(by.is_system)
    item = lock_item(item.pk)
    at = at or timezone.now()
    update = Update(
        item=item, author=by, review_state=ReviewState.PUBLISHED, submitted_at=at, published_at=at, published_by=by,
        evidence_checked=checked and bool(sources), **_prepared(fields),
    )  # fmt: skip
    check_update(update, claims, has_evidence=bool(sources))
    add(update, by=by)
    _set_claims(update, claims)
    for source in sources:
        evidence = add(Evidence(item=item, author=by, accessed=today(), **source), by=by)
        evidence.updates.add(update)
    _apply_moves(update, by=by, at=at)
    refresh_item(item, by=by, because=f"update {update.pk} entered", at=at)
    return update


@transaction.atomic
def delete_draft(update: Update, *, by: User) -> None:
    """Throw away one's own draft that was never handed in; what was returned or public is kept."""
    lock_item(update.item_id)
    update = Update.objects.select_for_update(no_key=True).get(pk=update.pk)
    access.require(update.author_id == by.pk)
    if update.review_state != ReviewState.DRAFT or update.submitted_at or update.returns.exists():
        raise ValidationError(_("Only a draft that was never handed in can be deleted."), code="not_a_draft")
    update.evidence.clear()
    update.delete()


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
        return _("is still a template step; confirm the plan first.")
    if milestone.completed_on and milestone.completed_by_id not in {update.pk, update.corrects_id}:
        return _("is completed already.")
    if claim.kind == ClaimKind.MOVED:
        if claim.new_due is None:
            return _("give the new due date.")
        if not claim.reason.strip():
            return _("a move needs a reason.")
    return ""


def stored_claims(update: Update) -> list[Claim]:
    rows = update.milestone_claims.select_related("milestone")
    return [Claim(row.milestone, row.kind, row.new_due, row.reason) for row in rows]


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


def _prepared(fields: Mapping[str, Any]) -> dict[str, Any]:
    unknown = set(fields) - FIELDS
    if unknown:
        raise TypeError(f"not a field of an update that people write: {sorted(unknown)}")
    prepared = dict(fields)
    if "text" in prepared:
        prepared["text_html"] = render_markdown(prepared["text"])
    return prepared


def _require_state(update: Update, *states: str) -> None:
    if update.review_state not in states:
        words = {"state": update.get_review_state_display()}
        raise ValidationError(_("This update is %(state)s by now; look at it again.") % words, code="wrong_state")


def _require_version(update: Update, version: int) -> None:
    if update.version != version:
        raise ValidationError(_("The author changed this update since you opened it; read it again."), code="stale")


def _set_claims(update: Update, claims: Sequence[Claim]) -> None:
    update.milestone_claims.all().delete()
    MilestoneClaim.objects.bulk_create(
        MilestoneClaim(
            update=update,
            milestone=claim.milestone,
            kind=claim.kind,
            new_due=claim.new_due,
            reason=claim.reason.strip(),
        )
        for claim in claims
    )


def _apply_moves(update: Update, *, by: User, at: dt.datetime) -> None:
    for claim in update.milestone_claims.filter(kind=ClaimKind.MOVED).select_related("milestone"):
        record_move(claim.milestone, claim.new_due, reason=claim.reason, by=by, at=at, update=update)


def record_move(
    milestone: Milestone,
    new_due: dt.date | None,
    *,
    reason: str,
    by: User,
    at: dt.datetime,
    update: Update | None = None,
) -> None:
    """Write one move into the slip history, at its place in time, and set the due date that now stands."""
    change = DueDateChange(milestone=milestone, new_due=new_due, reason=reason, by=by, at=at, update=update)
    standing = [c for c in milestone.due_date_changes.select_related("update") if c.undone_at is None]
    before = sorted((c for c in standing if moved_on(c) < moved_on(change)), key=moved_on)
    after = sorted((c for c in standing if moved_on(c) > moved_on(change)), key=moved_on)
    change.old_due = before[-1].new_due if before else after[0].old_due if after else milestone.due
    change.save(force_insert=True)
    _settle_due(milestone, by=by)


def _undo_moves(update: Update, *, by: User, at: dt.datetime) -> None:
    for change in update.due_date_changes.filter(undone_at__isnull=True).select_related("milestone"):
        change.undone_at = at
        change.save(update_fields=["undone_at"])
        _settle_due(change.milestone, by=by)


def _redo_moves(update: Update, *, by: User) -> None:
    for change in update.due_date_changes.filter(undone_at__isnull=False).select_related("milestone"):
        change.undone_at = None
        change.save(update_fields=["undone_at"])
        _settle_due(change.milestone, by=by)


def _settle_due(milestone: Milestone, *, by: User) -> None:
    due = effective_due(milestone)
    if milestone.due != due:
        write(milestone, by=by, due=due)
