"""What happened to an item, newest first: updates with their evidence, moves of dates, returns."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import Prefetch, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from brics_tracker.accounts.access import OVERSEERS
from brics_tracker.core.partial_dates import show
from brics_tracker.tracking.access import in_scope
from brics_tracker.tracking.choices import ClaimKind, ReviewState
from brics_tracker.tracking.models import (
    DueDateChange,
    Evidence,
    EvidenceFile,
    MilestoneClaim,
    ReviewReturn,
    TrackedItem,
    Update,
)
from brics_tracker.tracking.querysets import PUBLIC_STATES
from brics_tracker.tracking.workflow import Status

if TYPE_CHECKING:
    from brics_tracker.accounts.access import Actor

UNDERWAY = (ReviewState.DRAFT, ReviewState.SUBMITTED, ReviewState.RETURNED)


@dataclass(frozen=True, slots=True)
class Move:
    """One move of a milestone's due date: old → new, how far, the how-manieth, and why."""

    milestone: str
    old: dt.date | None
    new: dt.date | None
    reason: str
    by: str = ""
    at: dt.datetime | None = None
    nth: int = 0
    undone: bool = False

    @property
    def days(self) -> int | None:
        return (self.new - self.old).days if self.old and self.new else None

    @property
    def signed(self) -> str:
        """The days with their sign: +132 or a minus."""
        days = self.days or 0
        return f"+{days}" if days >= 0 else f"\N{MINUS SIGN}{-days}"

    @property
    def is_later(self) -> bool:
        return (self.days or 0) > 0


@dataclass(frozen=True, slots=True)
class Source:
    """Evidence as it stands under an update."""

    evidence: Evidence
    files: Sequence[EvidenceFile]

    @property
    def line(self) -> str:
        """Where it comes from, in one line."""
        evidence = self.evidence
        parts = [
            evidence.publisher,
            evidence.source_date and _("dated %(day)s") % {"day": show(evidence.source_date)},
            evidence.accessed and _("accessed %(day)s") % {"day": show(evidence.accessed.isoformat())},
            evidence.get_reliability_display(),
        ]
        return " · ".join(str(part) for part in parts if part)


@dataclass(frozen=True, slots=True)
class Act:
    """Something that this person may do with an entry: its word and its address."""

    label: str
    url: str


@dataclass(slots=True)
class Happening:
    """One entry of the timeline. `kind`: update, move, return or entered."""

    kind: str
    when: str  # a partial date: when it happened
    at: dt.datetime
    update: Update | None = None
    by: str = ""
    before: str = ""  # the status that an update's new one followed
    reason: str = ""
    moves: list[Move] = field(default_factory=list)
    completed: list[str] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    hidden: int = 0  # confidential sources that this person may not read
    returns: list[ReviewReturn] = field(default_factory=list)
    corrected_by: int | None = None
    acts: list[Act] = field(default_factory=list)

    @property
    def day(self) -> str:
        return show(self.when)

    @property
    def state(self) -> str:
        return self.update.review_state if self.update else ""

    @property
    def is_underway(self) -> bool:
        """Not yet public."""
        return self.state in UNDERWAY

    @property
    def is_struck(self) -> bool:
        """Once public, no longer counted."""
        return self.state in {ReviewState.CORRECTED, ReviewState.RETRACTED}

    @property
    def status(self) -> str:
        return self.update.status_claimed if self.update else ""

    @property
    def status_before(self) -> str:
        return str(Status(self.before).label) if self.before and self.before != self.status else ""

    @property
    def percent(self) -> Decimal | None:
        return self.update.percent_claimed if self.update else None

    @property
    def proof(self) -> str:
        """How well what it claims is proved; "" where it claims nothing."""
        if self.update is None or not (self.status or self.completed or self.percent is not None):
            return ""
        return self.update.proof_with(len(self.sources) + self.hidden)


def timeline(item: TrackedItem, user: Actor, *, oversees: bool | None = None) -> list[Happening]:
    """Everything that happened to an item, as far as this person may see it: what is underway first, then newest first.

    Returned drafts and their reasons are seen by the author and by overseers in scope; `oversees` saves
    asking again where the caller knows. Seven queries at most, whatever the number of entries.
    """
    oversees = in_scope(user, item, OVERSEERS) if oversees is None else oversees
    updates = updates_in_sight(item, user, oversees=oversees)
    moves = _moves(item)
    returns = _returns(item, user, updates, oversees=oversees)
    before = statuses_before(item, updates)
    correctors = {update.corrects_id: update.pk for update in updates if update.corrects_id and not _is_off(update)}
    entries = [_of_update(update, user, moves, returns, before, correctors, oversees) for update in updates]
    entries += [_of_move(move) for move in moves[None]]
    entries += [
        Happening("return", timezone.localdate(each.at).isoformat(), each.at, by=str(each.by), reason=each.reason)
        for each in returns[None]
    ]
    if item.published_at is not None:
        day = timezone.localdate(item.published_at).isoformat()
        entries.append(Happening("entered", day, item.published_at, by=str(item.published_by or item.author)))
    entries.sort(key=lambda entry: (entry.is_underway, entry.when, entry.at), reverse=True)
    return entries


def updates_in_sight(item: TrackedItem, user: Actor, *, oversees: bool) -> list[Update]:
    """The item's updates that UpdateQuerySet.visible_to would show of this (visible) item; a test holds the two equal."""
    updates = Update.objects.filter(item=item)
    if not oversees:
        updates = updates.filter(Q(review_state__in=PUBLIC_STATES) | Q(author=user.pk))
    evidence = Evidence.objects.order_by("pk").prefetch_related("files")
    claims = MilestoneClaim.objects.select_related("milestone")
    return list(
        updates.select_related("author", "published_by", "retracted_by").prefetch_related(
            Prefetch("evidence", queryset=evidence), Prefetch("milestone_claims", queryset=claims)
        )
    )


def statuses_before(item: TrackedItem, updates: Iterable[Update]) -> dict[int, str]:
    """By update: the status that stood just before it in the order in which things happened."""
    ordered = sorted(updates, key=lambda update: (update.happened, update.published_at or timezone.now(), update.pk))
    status, before = item.workflow.first, {}
    for update in ordered:
        before[update.pk] = status
        if update.status_claimed and update.review_state == ReviewState.PUBLISHED:
            status = update.status_claimed
    return before


def _is_off(update: Update) -> bool:
    return update.review_state != ReviewState.PUBLISHED


def _moves(item: TrackedItem) -> dict[int | None, list[Move]]:
    """Moves of the item's due dates by the update that made them (None: made on the plan itself)."""
    changes = DueDateChange.objects.filter(milestone__item=item).select_related("milestone", "by").order_by("at", "pk")
    count: dict[int, int] = defaultdict(int)
    moves: dict[int | None, list[Move]] = defaultdict(list)
    for change in changes:
        count[change.milestone_id] += change.undone_at is None
        moves[change.update_id].append(
            Move(
                change.milestone.title,
                change.old_due,
                change.new_due,
                change.reason,
                str(change.by),
                change.at,
                count[change.milestone_id],
                change.undone_at is not None,
            )
        )
    return moves


def _returns(
    item: TrackedItem, user: Actor, updates: Iterable[Update], *, oversees: bool
) -> dict[int | None, list[ReviewReturn]]:
    """Reasons of returns by update (None: of the item itself), for those who may see them."""
    own = {update.pk for update in updates if update.author_id == user.pk}
    found: dict[int | None, list[ReviewReturn]] = defaultdict(list)
    if oversees or own or item.author_id == user.pk:
        for each in item.returns.select_related("by"):
            mine = each.update_id in own if each.update_id else item.author_id == user.pk
            if oversees or mine:
                found[each.update_id].append(each)
    return found


def _of_update(
    update: Update,
    user: Actor,
    moves: dict[int | None, list[Move]],
    returns: dict[int | None, list[ReviewReturn]],
    before: dict[int, str],
    correctors: dict[int, int],
    oversees: bool,
) -> Happening:
    evidence = list(update.evidence.all())
    seen = [each for each in evidence if oversees or not each.confidential or each.author_id == user.pk]
    claims = list(update.milestone_claims.all())
    made = moves[update.pk] or [
        Move(claim.milestone.title, claim.milestone.due, claim.new_due, claim.reason)
        for claim in claims
        if claim.kind == ClaimKind.MOVED
    ]
    return Happening(
        "update",
        update.happened,
        update.published_at or update.updated_at,
        update,
        str(update.author),
        before=before[update.pk],
        moves=made,
        completed=[claim.milestone.title for claim in claims if claim.kind == ClaimKind.COMPLETED],
        sources=[Source(each, each.files.all()) for each in seen],  # type: ignore[arg-type]
        hidden=len(evidence) - len(seen),
        returns=returns[update.pk],
        corrected_by=correctors.get(update.pk),
    )


def _of_move(move: Move) -> Happening:
    at = move.at or timezone.now()
    return Happening("move", timezone.localdate(at).isoformat(), at, by=move.by, moves=[move])
