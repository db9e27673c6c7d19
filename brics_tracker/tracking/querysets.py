"""Which rows: what a person may see of items, updates and evidence, and what is late or still."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from brics_tracker.accounts import access
from brics_tracker.core.clock import shown_day, start_of, today

from .choices import ReviewState
from .workflow import CLOSED, DROPPED

if TYPE_CHECKING:
    from brics_tracker.accounts.access import Actor

    from .models import Comment, Evidence, TrackedItem, Update

MOVED_DAYS = 30  # what the overview and the filter call lately
# What was public once stays in sight, marked: nothing disappears silently.
PUBLIC_STATES = (ReviewState.PUBLISHED, ReviewState.CORRECTED, ReviewState.RETRACTED)
# A milestone that stands in the plan and doesn't count yet.
STEP_TO_CONFIRM = Q(confirmed=False, dropped_at__isnull=True)


def is_overdue(day: dt.date | None = None) -> Q:
    """The next due date of an item lies before the day."""
    return Q(next_due__lt=day or today())


def is_due_soon(day: dt.date | None = None) -> Q:
    """Due from the day to DUE_SOON_DAYS from it, both included."""
    day = day or today()
    return Q(next_due__gte=day, next_due__lte=day + dt.timedelta(days=settings.DUE_SOON_DAYS))


def is_stagnant(day: dt.date | None = None) -> Q:
    """No substantive update for longer than its rhythm."""
    return Q(stagnant_after__lt=day or today())


def is_at_risk(day: dt.date | None = None) -> Q:
    """Stagnant, or its milestones slipped AT_RISK_SLIPS times or more while still open."""
    return (Q(slips__gte=settings.AT_RISK_SLIPS) & ~Q(status__in=CLOSED)) | is_stagnant(day)


def sees_only_public(user: Actor) -> bool:
    """Nobody in particular; and everyone, where a past day is shown: it is read as it was published."""
    return not user.is_authenticated or not user.is_active or shown_day() is not None


class TrackedItemQuerySet(models.QuerySet["TrackedItem"]):
    def visibility(self, user: Actor, prefix: str = "") -> Q:
        """The rule as a condition, for querysets that reach the item through `prefix`.

        Published: everyone who may read. Not yet published: its author, and reviewers and
        administrators in scope; on a past day only what was published by then.
        """
        published = Q(**{f"{prefix}review_state": ReviewState.PUBLISHED})
        if sees_only_public(user):
            return published if access.may_read(user) else Q(pk__in=[])
        within = access.scope_q(user, access.OVERSEERS, prefix)
        return within if not within else published | Q(**{f"{prefix}author": user.pk}) | within

    def visible_to(self, user: Actor) -> TrackedItemQuerySet:
        return self.filter(self.visibility(user))

    def in_scope(self, user: Actor, roles: frozenset[str]) -> TrackedItemQuerySet:
        """Items that one of the person's grants of these roles covers."""
        return self.filter(access.scope_q(user, roles))

    def published(self) -> TrackedItemQuerySet:
        return self.filter(review_state=ReviewState.PUBLISHED)

    def current(self) -> TrackedItemQuerySet:
        """Not archived."""
        return self.filter(archived_at__isnull=True)

    def open(self) -> TrackedItemQuerySet:
        """Still to be brought to an end."""
        return self.exclude(status__in=CLOSED)

    def counted(self) -> TrackedItemQuerySet:
        """Items that belong in a mean of progress: not rejected, superseded, cancelled or wound up."""
        return self.exclude(status__in=DROPPED)

    def overdue(self, day: dt.date | None = None) -> TrackedItemQuerySet:
        return self.filter(is_overdue(day))

    def due_soon(self, day: dt.date | None = None) -> TrackedItemQuerySet:
        return self.filter(is_due_soon(day))

    def stagnant(self, day: dt.date | None = None) -> TrackedItemQuerySet:
        return self.filter(is_stagnant(day))

    def at_risk(self, day: dt.date | None = None) -> TrackedItemQuerySet:
        return self.filter(is_at_risk(day))

    def moved_since(self, since: dt.date | dt.datetime) -> TrackedItemQuerySet:
        """Status, proof or progress shown anew since that day or moment through a person's update; not what the
        catalogue entered.
        """
        from .models import StatusChange, Update

        start = since if isinstance(since, dt.datetime) else start_of(since)
        moves = StatusChange.objects.filter(since__gte=start, update__in=Update.objects.by_people())
        return self.filter(pk__in=moves.values("item"))


class UpdateQuerySet(models.QuerySet["Update"]):
    def visible_to(self, user: Actor) -> UpdateQuerySet:
        """Updates of visible items: once public to everyone; before, to the author and overseers in scope."""
        from .models import TrackedItem

        items = TrackedItem.objects.visibility(user, prefix="item__")
        public = Q(review_state__in=PUBLIC_STATES)
        if sees_only_public(user):
            return self.filter(items, public)
        within = access.scope_q(user, access.OVERSEERS, "item__")
        return self.filter(items) if not within else self.filter(items, public | Q(author=user.pk) | within)

    def published(self) -> UpdateQuerySet:
        return self.filter(review_state=ReviewState.PUBLISHED)

    def by_people(self) -> UpdateQuerySet:
        """Not what the catalogue entered; in a demonstration the catalogue's actor tells the invented progress too."""
        return self if settings.DEMO else self.filter(author__is_system=False)

    def for_replay(self) -> UpdateQuerySet:
        """Published ones as `services.state` follows them: in order, with `sources`, `by_system` and their claims."""
        counted = self.published().annotate(sources=models.Count("evidence"), by_system=F("author__is_system"))
        return counted.prefetch_related("milestone_claims").in_order()

    def in_order(self) -> UpdateQuerySet:
        """As things happened; what happened on the same day, as it was published."""
        return self.order_by("happened", "published_at", "pk")


class EvidenceQuerySet(models.QuerySet["Evidence"]):
    def visible_to(self, user: Actor) -> EvidenceQuerySet:
        """Public with its first published update unless confidential; else author and overseers in scope."""
        from .models import TrackedItem

        items = TrackedItem.objects.visibility(user, prefix="item__")
        # Asked row by row through the link's index: gathering all used evidence first grows with the register.
        used = Exists(
            self.model.updates.through._default_manager.filter(
                evidence=OuterRef("pk"), update__review_state__in=PUBLIC_STATES
            )
        )
        public = Q(used, confidential=False)
        if sees_only_public(user):
            return self.filter(items, public)
        within = access.scope_q(user, access.OVERSEERS, "item__")
        return self.filter(items) if not within else self.filter(items, public | Q(author=user.pk) | within)


class CommentQuerySet(models.QuerySet["Comment"]):
    def visible_to(self, user: Actor) -> CommentQuerySet:
        """Comments on an item: whoever sees the item; on an update: whoever sees the update."""
        from .models import TrackedItem

        items = TrackedItem.objects.visibility(user, prefix="item__")
        public = Q(update__isnull=True) | Q(update__review_state__in=PUBLIC_STATES)
        if sees_only_public(user):
            return self.filter(items, public)
        within = access.scope_q(user, access.OVERSEERS, "item__")
        return self.filter(items) if not within else self.filter(items, public | Q(update__author=user.pk) | within)
