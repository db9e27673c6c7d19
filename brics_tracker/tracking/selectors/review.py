"""Review: what waits for a reviewer, and what publishing it would change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from brics_tracker.accounts import access as grants
from brics_tracker.accounts.access import REVIEWERS
from brics_tracker.tracking import access
from brics_tracker.tracking.choices import ClaimKind, Proof, ReviewState
from brics_tracker.tracking.models import (
    Comment,
    Evidence,
    Milestone,
    MilestoneClaim,
    ReviewRequest,
    ReviewReturn,
    TrackedItem,
    Update,
)
from brics_tracker.tracking.querysets import PUBLIC_STATES
from brics_tracker.tracking.services.state import ItemState, published_updates, replay

from .conversation import comments_on
from .items import facts_of
from .plan import Move
from .timeline import File, Source

if TYPE_CHECKING:
    from brics_tracker.accounts.models import User

SHOWN = 50


@dataclass(frozen=True, slots=True)
class Effect:
    """What the register shows of an item now, and what it would show once an update is published."""

    before: ItemState
    after: ItemState

    @property
    def moves_status(self) -> bool:
        return self.before.status != self.after.status

    @property
    def moves_percent(self) -> bool:
        return self.before.percent != self.after.percent

    @property
    def moves_proof(self) -> bool:
        return self.before.proof != self.after.proof


class Queue:
    """What was handed in and lies in the person's scope, oldest first; their own apart while four-eyes is on.

    What is archived waits for nobody: restored, it is there again.
    """

    def __init__(self, user: User) -> None:
        self.user = user

    @cached_property
    def _not_own(self) -> Q:
        return ~Q(author=self.user) if settings.FOUR_EYES else Q()

    def updates(self) -> QuerySet[Update]:
        within = grants.scope_q(self.user, REVIEWERS, "item__")
        waiting = Update.objects.filter(
            within, self._not_own, review_state=ReviewState.SUBMITTED, item__archived_at=None
        )
        return waiting.select_related("item", "author").order_by("submitted_at", "pk")

    def items(self) -> QuerySet[TrackedItem]:
        within = grants.scope_q(self.user, REVIEWERS)
        waiting = TrackedItem.objects.current().filter(within, self._not_own, review_state=ReviewState.SUBMITTED)
        return waiting.select_related("author", "lead_theme").order_by("submitted_at", "pk")

    def own(self) -> list[Update | TrackedItem]:
        """The person's own, which wait for someone else."""
        if not settings.FOUR_EYES:
            return []
        state = Q(author=self.user, review_state=ReviewState.SUBMITTED)
        updates = Update.objects.filter(state).select_related("item").order_by("submitted_at", "pk")
        items = TrackedItem.objects.filter(state).order_by("submitted_at", "pk")
        return sorted([*updates[:SHOWN], *items[:SHOWN]], key=lambda row: row.submitted_at or timezone.now())

    def next_after(self, done: Update | TrackedItem) -> Update | TrackedItem | None:
        """What to look at next: the oldest that still waits, new items first since updates follow them."""
        items, updates = self.items(), self.updates()
        if isinstance(done, Update):
            updates = updates.exclude(pk=done.pk)
        else:
            items = items.exclude(pk=done.pk)
        return items.first() or updates.first()


class UpdateReview:
    """One update before its reviewer: what it says, what it would change, on what it rests."""

    def __init__(self, update: Update, user: User) -> None:
        self.update = update
        self.user = user

    @cached_property
    def is_own(self) -> bool:
        return self.update.author_id == self.user.pk

    @cached_property
    def may_judge(self) -> bool:
        """Waits for review, and this person may be the one."""
        waits = self.update.review_state == ReviewState.SUBMITTED
        return waits and not (self.is_own and settings.FOUR_EYES) and access.may_review(self.user, self.update.item)

    @cached_property
    def sources(self) -> list[Source]:
        rows = Evidence.objects.visible_to(self.user).filter(updates=self.update).prefetch_related("files")
        return [
            Source(row, [File(file.pk, file.name, file.size) for file in row.files.all()])
            for row in rows.order_by("pk")
        ]

    @cached_property
    def completed(self) -> list[MilestoneClaim]:
        return [claim for claim in self._claims if claim.kind == ClaimKind.COMPLETED]

    @cached_property
    def moved(self) -> list[Move]:
        """Dates that it moves; once published, as they were moved."""
        made = list(self.update.due_date_changes.select_related("milestone").order_by("at", "pk"))
        if made:
            return [Move(change.milestone.title, change.old_due, change.new_due, change.reason) for change in made]
        claims = [claim for claim in self._claims if claim.kind == ClaimKind.MOVED]
        return [Move(claim.milestone.title, claim.milestone.due, claim.new_due, claim.reason) for claim in claims]

    @property
    def is_coming(self) -> bool:
        """Not public yet: publishing it would still change something."""
        return self.update.review_state not in PUBLIC_STATES

    @cached_property
    def _claims(self) -> list[MilestoneClaim]:
        return list(self.update.milestone_claims.select_related("milestone"))

    @cached_property
    def comments(self) -> list[Comment]:
        return comments_on(self.update)

    @cached_property
    def may_comment(self) -> bool:
        return access.may_comment(self.user, self.update.item)

    @cached_property
    def asked(self) -> list[ReviewRequest]:
        """Whom its author asked by name."""
        return list(self.update.review_requests.select_related("reviewer", "by"))

    @cached_property
    def returns(self) -> list[ReviewReturn]:
        return list(self.update.returns.select_related("by").order_by("at", "pk"))

    @cached_property
    def effect(self) -> Effect:
        return effect_of(self.update)

    @property
    def would_verify(self) -> bool:
        """Would the reviewer's tick make what the item shows verified?"""
        after = self.effect.after
        return after.update is not None and after.update.pk == self.update.pk and after.proof == Proof.DOCUMENTED

    @property
    def stays(self) -> bool:
        """It claims a status, but what happened later stands: it takes its place in the past."""
        claimed = self.update.status_claimed
        return bool(claimed) and self.effect.after.status != claimed


def effect_of(update: Update) -> Effect:
    """The item's state now and with this update published, by the same replay that publishing uses.

    Four queries. Proof is shown as it would be without the reviewer's tick.
    """
    item = update.item
    milestones: Sequence[Milestone] = list(item.milestones.filter(dropped_at__isnull=True))
    now = published_updates(item)
    before = replay(item, now, milestones)
    if update.review_state in PUBLIC_STATES:
        return Effect(before, before)
    coming = Update.objects.filter(pk=update.pk).prefetch_related("milestone_claims").get()
    coming.sources = update.evidence.count()  # type: ignore[attr-defined]
    coming.published_at = timezone.now()
    after = [each for each in now if each.pk != update.corrects_id] + [coming]
    after.sort(key=_order)
    return Effect(before, replay(item, after, milestones))


def _order(update: Update) -> tuple[str, dt.datetime, int]:
    return update.happened, update.published_at or timezone.now(), update.pk


class ItemReview:
    """A new item before its reviewer."""

    def __init__(self, item: TrackedItem, user: User) -> None:
        self.item = item
        self.user = user

    @cached_property
    def is_own(self) -> bool:
        return self.item.author_id == self.user.pk

    @cached_property
    def may_judge(self) -> bool:
        waits = self.item.review_state == ReviewState.SUBMITTED
        return waits and not (self.is_own and settings.FOUR_EYES) and access.may_review(self.user, self.item)

    @cached_property
    def facts(self) -> list[tuple[str, str]]:
        """What its kind holds of it, by the names of the columns, as far as it is said."""
        return facts_of(self.item)

    @cached_property
    def returns(self) -> list[ReviewReturn]:
        return list(self.item.returns.filter(update__isnull=True).select_related("by").order_by("at", "pk"))
