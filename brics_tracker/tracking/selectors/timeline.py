"""What happened to an item, newest first: updates with their evidence, moves of dates, returns."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from brics_tracker.accounts.access import OVERSEERS
from brics_tracker.core.partial_dates import show
from brics_tracker.tracking.access import in_scope
from brics_tracker.tracking.choices import ClaimKind, ReviewState
from brics_tracker.tracking.models import (
    Comment,
    Evidence,
    ReviewReturn,
    TrackedItem,
    Update,
)
from brics_tracker.tracking.querysets import PUBLIC_STATES, sees_only_public
from brics_tracker.tracking.workflow import Status

from .conversation import comments_by_update
from .plan import Move, read_plan

if TYPE_CHECKING:
    from brics_tracker.accounts.access import Actor

UNDERWAY = (ReviewState.DRAFT, ReviewState.SUBMITTED, ReviewState.RETURNED)


@dataclass(frozen=True, slots=True)
class File:
    """A file of a piece of evidence; served by tracking:evidence-file, which asks for the rights again."""

    pk: int
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Source:
    """Evidence as it stands under an update."""

    evidence: Evidence
    files: list[File] = field(default_factory=list)

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
    """One entry of the timeline. `kind`: update, move, return, comment or entered."""

    kind: str
    when: str  # a partial date: when it happened
    at: dt.datetime
    update: Update | None = None
    by: str = ""
    before: str = ""  # the status that an update's new one followed; "" where the item was entered with it
    reason: str = ""
    moves: list[Move] = field(default_factory=list)
    completed: list[str] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    hidden: int = 0  # confidential sources that this person may not read
    returns: list[ReviewReturn] = field(default_factory=list)
    corrected_by: int | None = None
    comments: list[Comment] = field(default_factory=list)
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
    def is_first_status(self) -> bool:
        """The item came into the register at this status; it moved from none."""
        return bool(self.status) and not self.before

    @property
    def percent(self) -> Decimal | None:
        return self.update.percent_claimed if self.update else None

    @property
    def proof(self) -> str:
        """How well what it claims is proved; "" where it claims nothing."""
        if self.update is None or not (self.status or self.completed or self.percent is not None):
            return ""
        return self.update.proof_with(len(self.sources) + self.hidden)


def timeline(
    item: TrackedItem,
    user: Actor,
    *,
    oversees: bool | None = None,
    moves: Mapping[int | None, list[Move]] | None = None,
) -> list[Happening]:
    """Everything that happened to an item, as far as this person may see it: what is underway first, then newest first.

    Returned drafts and their reasons are seen by the author and by overseers in scope; `oversees` and `moves`
    save asking again where the caller knows. Five queries at most, whatever the number of entries.
    """
    oversees = in_scope(user, item, OVERSEERS) if oversees is None else oversees
    moves = read_plan(item).moves if moves is None else moves
    told = updates_in_sight(item, user, oversees=oversees)
    sources = _sources([each.update for each in told])
    returns = _returns(item, user, [each.update for each in told], oversees=oversees)
    before = statuses_before(item, [each.update for each in told])
    said = comments_by_update(item, {each.update.pk for each in told})
    correctors = {
        u.corrects_id: u.pk
        for each in told
        if (u := each.update).corrects_id and u.review_state == ReviewState.PUBLISHED
    }
    entries = []
    for each in told:
        pk, found = each.update.pk, sources[each.update.pk]
        seen = [s for s in found if oversees or not s.evidence.confidential or s.evidence.author_id == user.pk]
        entries.append(
            Happening(
                "update",
                each.update.happened,
                each.update.published_at or each.update.updated_at,
                each.update,
                each.update.author_name,  # type: ignore[attr-defined]
                before=before[pk],
                moves=moves.get(pk) or each.moves,
                completed=each.completed,
                sources=seen,
                hidden=len(found) - len(seen),
                returns=returns[pk],
                corrected_by=correctors.get(pk),
                comments=said[pk],
            )
        )
    entries += [_of_move(move) for move in moves.get(None, [])]
    entries += [
        Happening("return", timezone.localdate(each.at).isoformat(), each.at, by=str(each.by), reason=each.reason)
        for each in returns[None]
    ]
    entries += [_of_comment(comment) for comment in said[None]]
    if item.published_at is not None:
        day = timezone.localdate(item.published_at).isoformat()
        entries.append(Happening("entered", day, item.published_at, by=str(item.published_by or item.author)))
    entries.sort(key=lambda entry: (entry.is_underway, entry.when, entry.at), reverse=True)
    return entries


@dataclass(slots=True)
class Told:
    """An update with what it claims of milestones."""

    update: Update
    completed: list[str] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)


def updates_in_sight(item: TrackedItem, user: Actor, *, oversees: bool) -> list[Told]:
    """The item's updates that UpdateQuerySet.visible_to would show of this (visible) item; a test holds the two equal.

    One query: claims and names come with the rows, an update with several claims in several rows.
    """
    updates = Update.objects.filter(item=item)
    if sees_only_public(user):
        updates = updates.filter(review_state__in=PUBLIC_STATES)
    elif not oversees:
        updates = updates.filter(Q(review_state__in=PUBLIC_STATES) | Q(author=user.pk))
    rows: QuerySet[Any] = updates.annotate(
        author_name=F("author__name"),
        by_system=F("author__is_system"),
        publisher_name=F("published_by__name"),
        retractor_name=F("retracted_by__name"),
        claim=F("milestone_claims__kind"),
        claim_step=F("milestone_claims__milestone__title"),
        claim_old=F("milestone_claims__milestone__due"),
        claim_new=F("milestone_claims__new_due"),
        claim_reason=F("milestone_claims__reason"),
    )
    told: dict[int, Told] = {}
    for row in rows.order_by("-happened", "-published_at", "-pk", "milestone_claims__pk"):
        entry = told.setdefault(row.pk, Told(row))
        if row.claim == ClaimKind.COMPLETED:
            entry.completed.append(row.claim_step)
        elif row.claim == ClaimKind.MOVED:
            entry.moves.append(Move(row.claim_step, row.claim_old, row.claim_new, row.claim_reason))
    return list(told.values())


def _sources(updates: Sequence[Update]) -> dict[int, list[Source]]:
    """Evidence with its files by update; one query."""
    links: QuerySet[Any] = Update.evidence.through.objects.filter(update__in=[update.pk for update in updates])
    rows = links.select_related("evidence").annotate(
        file=F("evidence__files__pk"), file_name=F("evidence__files__name"), file_size=F("evidence__files__size")
    )
    found: dict[int, dict[int, Source]] = defaultdict(dict)
    for row in rows.order_by("evidence_id", "file") if updates else ():
        source = found[row.update_id].setdefault(row.evidence_id, Source(row.evidence))
        if row.file is not None:
            source.files.append(File(row.file, row.file_name, row.file_size))
    return defaultdict(list, {pk: list(sources.values()) for pk, sources in found.items()})


def statuses_before(item: TrackedItem, updates: Iterable[Update]) -> dict[int, str]:
    """By update: the status that stood just before it in the order in which things happened.

    "" where the system actor entered the item with it; what people report first moves it from the workflow's first.
    """
    ordered = sorted(updates, key=lambda update: (update.happened, update.published_at or timezone.now(), update.pk))
    status, before = "", {}
    for update in ordered:
        before[update.pk] = status or ("" if update.by_system else item.workflow.first)  # type: ignore[attr-defined]
        if update.status_claimed and update.review_state == ReviewState.PUBLISHED:
            status = update.status_claimed
    return before


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


def _of_comment(comment: Comment) -> Happening:
    day = timezone.localdate(comment.created_at).isoformat()
    return Happening("comment", day, comment.created_at, by=str(comment.author), comments=[comment])


def _of_move(move: Move) -> Happening:
    at = move.at or timezone.now()
    return Happening("move", timezone.localdate(at).isoformat(), at, by=move.by, moves=[move])
