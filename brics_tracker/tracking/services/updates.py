"""Progress: drafting, handing in, handing back, publishing, correcting and retracting updates."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from brics_tracker.accounts.notices.services import tell_soon
from brics_tracker.core.markdown import render_markdown
from brics_tracker.tracking import access
from brics_tracker.tracking.choices import ReviewState
from brics_tracker.tracking.models import (
    Evidence,
    MilestoneClaim,
    ReviewReturn,
    TrackedItem,
    Update,
    today,
)

from .changes import add, check_version, lock_item, once, remove, write
from .checks import (
    Claim,
    check_four_eyes,
    check_update,
    require_reason,
    require_state,
    require_version,
)
from .conversation import RETURNS
from .moves import apply_moves, redo_moves, undo_moves
from .state import refresh_item

if TYPE_CHECKING:
    from brics_tracker.accounts.models import User

FIELDS = frozenset({"text", "happened", "status_claimed", "reason", "percent_claimed", "no_change", "wording_only"})


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
    access.require_of(access.may_log, by, item)
    return once(by, form_key, lambda: begin_update(item, by=by, fields=fields, claims=claims, corrects=corrects)[0])


def begin_update(
    item: TrackedItem,
    *,
    by: User,
    fields: Mapping[str, Any],
    claims: Sequence[Claim],
    corrects: Update | None = None,
    hand_in: bool = False,
    with_evidence: bool = False,
) -> tuple[Update, ValidationError | None]:
    """A new update of an item that the caller has locked and may log on: a draft, or handed in at once.

    What it lacks to be handed in leaves it a draft and is returned with it; `with_evidence`: the caller is about
    to add some. Raises ValidationError by field for what not even a draft may say.
    """
    update = Update(item=item, author=by, corrects=corrects, **_prepared(fields))
    refusal = None
    try:
        check_update(update, claims, has_evidence=with_evidence if hand_in else None)
    except ValidationError as lacking:
        if not hand_in:
            raise
        check_update(update, claims, has_evidence=None)
        refusal = lacking
    if hand_in and refusal is None:
        update.review_state, update.submitted_at = ReviewState.SUBMITTED, timezone.now()
    add(update, by=by)
    _set_claims(update, claims)
    return update, refusal


@transaction.atomic
def edit_update(
    update: Update, *, by: User, version: int | None, fields: Mapping[str, Any], claims: Sequence[Claim] | None = None
) -> Update:
    """Change one's own draft or returned update. Raises StaleVersion where another window saved meanwhile."""
    item = lock_item(update.item_id)
    update = Update.objects.select_for_update(no_key=True).get(pk=update.pk)
    access.require(update.author_id == by.pk)
    access.require_of(access.may_log, by, item)
    require_state(update, ReviewState.DRAFT, ReviewState.RETURNED)
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
    access.require(update.author_id == by.pk)
    access.require_of(access.may_log, by, item)
    if update.review_state == ReviewState.SUBMITTED:
        return update
    require_state(update, ReviewState.DRAFT, ReviewState.RETURNED)
    update.item = item
    check_update(update, stored_claims(update), has_evidence=update.evidence.exists())
    return write(update, by=by, review_state=ReviewState.SUBMITTED, submitted_at=timezone.now())


@transaction.atomic
def withdraw_update(update: Update, *, by: User) -> Update:
    """Take one's own submitted update back to draft, to go on writing."""
    lock_item(update.item_id)
    update = Update.objects.select_for_update(no_key=True).get(pk=update.pk)
    access.require(update.author_id == by.pk)
    require_state(update, ReviewState.SUBMITTED)
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
    require_state(update, ReviewState.SUBMITTED)
    check_four_eyes(update.author_id, by)
    if version is not None:
        require_version(update, version)
    if not item.is_published:
        raise ValidationError(_("Publish the item first; its updates follow."), code="item_not_published")
    now = timezone.now()
    if update.corrects_id:
        _take_place_of(update.corrects_id, by=by, at=now)
    update.item = item
    has_evidence = update.evidence.exists()
    check_update(update, stored_claims(update), has_evidence=has_evidence)
    if evidence_checked and not has_evidence:
        raise ValidationError({"evidence_checked": _("There is no evidence to check.")})
    write(
        update, by=by, review_state=ReviewState.PUBLISHED, published_at=now, published_by=by,
        evidence_checked=evidence_checked and update.author_id != by.pk,
    )  # fmt: skip
    apply_moves(update, by=by, at=now)
    refresh_item(item, by=by, because=f"update {update.pk} published", at=now)
    return update


@transaction.atomic
def return_update(update: Update, *, by: User, reason: str) -> Update:
    """Hand a submitted update back to its author with a reason, which is kept for good."""
    item = lock_item(update.item_id)
    update = Update.objects.select_for_update(no_key=True).get(pk=update.pk)
    access.check_may_review(by, item)
    check_four_eyes(update.author_id, by)
    require_state(update, ReviewState.SUBMITTED)
    reason = require_reason(reason)
    returned = ReviewReturn.objects.create(item=item, update=update, reason=reason, by=by, at=timezone.now())
    tell_soon(RETURNS, key=f"return:{returned.pk}")
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
    require_state(update, ReviewState.PUBLISHED)
    reason = require_reason(reason)
    now = timezone.now()
    write(
        update, by=by, because=reason, review_state=ReviewState.RETRACTED, retracted_at=now, retracted_by=by,
        retraction_reason=reason,
    )  # fmt: skip
    undo_moves(update, by=by, at=now)
    if update.corrects_id:
        original = Update.objects.select_for_update(no_key=True).get(pk=update.corrects_id)
        if original.review_state == ReviewState.CORRECTED:
            write(original, by=by, because=reason, review_state=ReviewState.PUBLISHED)
            redo_moves(original, by=by)
    refresh_item(item, by=by, because=f"update {update.pk} retracted", at=now)
    return update


@transaction.atomic
def report_no_change(item: TrackedItem, *, by: User, form_key: uuid.UUID | None = None) -> Update:
    """One click: nothing changed this period. Counts as reported, not as a sign of life; goes to review."""
    item = lock_item(item.pk)
    access.require_of(access.may_log, by, item)
    fields = {"happened": today().isoformat(), "no_change": True}
    return once(by, form_key, lambda: begin_update(item, by=by, fields=fields, claims=(), hand_in=True)[0])


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
    apply_moves(update, by=by, at=at)
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
    for evidence in update.evidence.all():
        write(evidence, by=by)  # one update less rests on it
    update.evidence.clear()
    remove(update, by=by)


def stored_claims(update: Update) -> list[Claim]:
    rows = update.milestone_claims.select_related("milestone")
    return [Claim(row.milestone, row.kind, row.new_due, row.reason) for row in rows]


def _take_place_of(pk: int, *, by: User, at: dt.datetime) -> None:
    """Take a corrected update out of the reckoning. Two corrections of one would count twice: the second is refused."""
    original = Update.objects.select_for_update(no_key=True).get(pk=pk)
    if original.review_state != ReviewState.PUBLISHED:
        words = {"state": original.get_review_state_display()}
        raise ValidationError(
            _("The update that this corrects is %(state)s by now; return it.") % words, code="wrong_state"
        )
    undo_moves(original, by=by, at=at)
    write(original, by=by, review_state=ReviewState.CORRECTED)


def _prepared(fields: Mapping[str, Any]) -> dict[str, Any]:
    unknown = set(fields) - FIELDS
    if unknown:
        raise TypeError(f"not a field of an update that people write: {sorted(unknown)}")
    prepared = dict(fields)
    if "text" in prepared:
        prepared["text_html"] = render_markdown(prepared["text"])
    return prepared


def _set_claims(update: Update, claims: Sequence[Claim]) -> None:
    if update.version > 1:  # a new update has none to replace
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
