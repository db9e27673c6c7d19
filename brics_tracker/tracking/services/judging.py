"""Review of many: several updates and new items published or handed back, each by its own service; shown first."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from brics_tracker.core.partial_dates import show
from brics_tracker.core.templatetags.ui import percent_text
from brics_tracker.tracking.choices import ClaimKind, Judgement, Outcome
from brics_tracker.tracking.models import BulkReview, BulkReviewRow, TrackedItem, Update

from . import items, updates
from .changes import once
from .checks import require_reason, require_version

if TYPE_CHECKING:
    from brics_tracker.accounts.models import User

MOST = 50  # things in one review
Change = tuple[str, str, str]  # field, before, after, in words


@dataclass(frozen=True, slots=True)
class Handed:
    """What a reviewer chose, by the versions that were shown: updates and new items by key.

    checked: keys of the updates whose evidence they say they opened; nothing is checked unless it is named here.
    """

    updates: dict[int, int] = field(default_factory=dict)
    items: dict[int, int] = field(default_factory=dict)
    checked: frozenset[int] = frozenset()

    def __len__(self) -> int:
        return len(self.updates) + len(self.items)


@dataclass(frozen=True, slots=True)
class Judged:
    """What became, or would become, of one update (of one new item where `update` is None)."""

    item: TrackedItem
    update: Update | None
    outcome: Outcome
    changes: Sequence[Change] = ()
    refusal: str = ""


def preview_review(handed: Handed, act: Judgement, *, by: User, reason: str = "") -> list[Judged]:
    """What the decision would do to each, refusals and conflicts included: done, read and taken back."""
    with transaction.atomic():
        rows = _judge(handed, act, by=by, reason=reason)
        transaction.set_rollback(True)
    return rows


@transaction.atomic
def review_many(
    handed: Handed, act: Judgement, *, by: User, reason: str = "", form_key: uuid.UUID | None = None
) -> BulkReview:
    """Publish or hand back what was chosen, new items first: each in a savepoint, by the rules of one alone.

    What refuses (four-eyes, rights, a changed version, missing evidence) is left alone and says why. The same
    `form_key` again does nothing and returns the same review. Raises ValidationError for none, too many, no reason.
    """
    if not 0 < len(handed) <= MOST:
        raise ValidationError(_("Choose between 1 and %(most)s of what was handed in.") % {"most": MOST})
    reason = require_reason(reason) if act == Judgement.RETURN else ""

    def make() -> BulkReview:
        review = BulkReview.objects.create(by=by, act=act, reason=reason)
        BulkReviewRow.objects.bulk_create(
            BulkReviewRow(
                review=review, item=row.item, update=row.update, outcome=row.outcome,
                words=list(row.changes) or ([row.refusal] if row.refusal else []),
            )
            for row in _judge(handed, act, by=by, reason=reason)
        )  # fmt: skip
        return review

    return once(by, form_key, make)


def _judge(handed: Handed, act: Judgement, *, by: User, reason: str) -> list[Judged]:
    """New items first, since their updates follow them; each kind as it was handed in."""
    waiting = TrackedItem.objects.visible_to(by).filter(pk__in=handed.items).order_by("submitted_at", "pk")
    rows = [_attempt(item, None, handed, act, by=by, reason=reason) for item in waiting]
    told = Update.objects.visible_to(by).filter(pk__in=handed.updates).select_related("item", "author")
    return rows + [
        _attempt(update.item, update, handed, act, by=by, reason=reason)
        for update in told.order_by("submitted_at", "pk")
    ]


def _attempt(
    item: TrackedItem, update: Update | None, handed: Handed, act: Judgement, *, by: User, reason: str
) -> Judged:
    before = _stands(item.pk, update)
    try:
        with transaction.atomic():
            if update is None:
                _judge_item(item, handed.items[item.pk], act, by=by, reason=reason)
            else:
                checked = update.pk in handed.checked
                _judge_update(update, handed.updates[update.pk], act, by=by, reason=reason, checked=checked)
    except ValidationError as refusal:
        stale = getattr(refusal, "code", None) == "stale"
        outcome = Outcome.CONFLICT if stale else Outcome.REFUSED
        return Judged(item, update, outcome, refusal=" ".join(refusal.messages))
    except PermissionDenied as refusal:
        return Judged(item, update, Outcome.REFUSED, refusal=str(refusal))
    after = _stands(item.pk, update)
    changes = [(name, before[name], after[name]) for name in before if before[name] != after[name]]
    if not changes:
        return Judged(item, update, Outcome.SAME)
    return Judged(item, update, Outcome.CHANGED, [*changes, *_claimed(update, act)])


def _judge_update(update: Update, version: int, act: Judgement, *, by: User, reason: str, checked: bool) -> None:
    if act == Judgement.PUBLISH:
        updates.publish_update(update, by=by, evidence_checked=checked, version=version)
        return
    require_version(update, version)
    updates.return_update(update, by=by, reason=reason)


def _judge_item(item: TrackedItem, version: int, act: Judgement, *, by: User, reason: str) -> None:
    if item.version != version and not item.is_published:
        raise ValidationError(_("It was changed since you opened it; read it again."), code="stale")
    if act == Judgement.PUBLISH:
        items.publish_item(item, by=by)
    else:
        items.return_item(item, by=by, reason=reason)


def _stands(item_pk: int, update: Update | None) -> dict[str, str]:
    """The review state of what was handed in, and what its item shows, in words."""
    item = TrackedItem.objects.get(pk=item_pk)
    subject = item if update is None else Update.objects.get(pk=update.pk)
    return {
        _("review"): str(subject.get_review_state_display()),
        _("status"): str(item.get_status_display()),
        _("progress"): percent_text(item.percent),
        _("proof"): str(item.get_proof_display()),
    }


def _claimed(update: Update | None, act: Judgement) -> list[Change]:
    """Milestones that publishing completes or moves."""
    if update is None or act != Judgement.PUBLISH:
        return []
    changes = []
    for claim in update.milestone_claims.select_related("milestone").order_by("pk"):
        if claim.kind == ClaimKind.COMPLETED:
            changes.append((claim.milestone.title, _("open"), _("completed")))
        else:
            due = claim.new_due.isoformat() if claim.new_due else ""
            changes.append((claim.milestone.title, _("date"), show(due)))
    return changes
