"""Where the commitments stand: the figures of the overview, added up in the database."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from brics_tracker.accounts.access import may_read
from brics_tracker.core.models import Theme
from brics_tracker.core.querysets import pillars_of
from brics_tracker.tracking.choices import ItemKind, Proof, ReviewState
from brics_tracker.tracking.models import Document, Milestone, TrackedItem, Update, today
from brics_tracker.tracking.querysets import MOVED_DAYS, TrackedItemQuerySet
from brics_tracker.tracking.workflow import DROPPED, WORKFLOWS, Status

if TYPE_CHECKING:
    from brics_tracker.accounts.access import Actor

# What everyone who may read sees of an item, as a condition on what hangs on it: a join that keeps the index of the
# newest and the next in use, where a subquery of visible items would read them all.
PUBLIC_ITEM = Q(item__review_state=ReviewState.PUBLISHED, item__archived_at__isnull=True)
NEXT = 8
NEWEST = 6


@dataclass(slots=True)
class Standing:
    """What a set of proposals adds up to. A mean is over items with data, with their number; no data is never 0."""

    items: int = 0
    by_status: dict[str, int] = field(default_factory=dict)
    verified: int = 0
    overdue: int = 0
    stagnant: int = 0
    moved: int = 0
    done_verified: int = 0
    percents: Decimal = Decimal(0)
    with_percent: int = 0

    @property
    def mean(self) -> Decimal | None:
        """Mean progress of the items that have data and were not dropped; None where there are none."""
        return self.percents / self.with_percent if self.with_percent else None

    @property
    def verified_share(self) -> Decimal | None:
        """Percent of the items whose status is verified; None without items."""
        return Decimal(self.verified * 100) / self.items if self.items else None

    @property
    def statuses(self) -> list[tuple[str, str, int]]:
        """(status, word, number) in the order of the workflow, without empty ones."""
        found = ((status, self.by_status.get(status, 0)) for status in WORKFLOWS[ItemKind.PROPOSAL].statuses)
        return [(status, str(Status(status).label), number) for status, number in found if number]

    def add(self, row: Mapping[str, Any]) -> None:
        """Take in one row of `_tallies`."""
        status = row["status"]
        self.items += row["items"]
        self.by_status[status] = self.by_status.get(status, 0) + row["items"]
        self.verified += row["verified"]
        self.overdue += row["overdue"]
        self.stagnant += row["stagnant"]
        if status in WORKFLOWS[ItemKind.PROPOSAL].done:
            self.done_verified += row["verified"]
        if status not in DROPPED:
            self.percents += row["percents"] or 0
            self.with_percent += row["with_percent"]


@dataclass(frozen=True, slots=True)
class ThemeStanding:
    """One pillar with what stands under it; an item counts once, under its lead theme's pillar."""

    theme: Theme
    standing: Standing


@dataclass(frozen=True, slots=True)
class Newest:
    """A published update as the overview shows it."""

    update: Update
    sources: int
    proof: str


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything that the first page shows."""

    whole: Standing
    themes: Sequence[ThemeStanding]
    milestones: Sequence[Milestone]
    updates: Sequence[Newest]
    documents: int


def overview_for(user: Actor) -> Overview:
    """The state of the register in one screen: published, current proposals. Six queries, whatever the size."""
    if not may_read(user):
        return Overview(Standing(), [], [], [], 0)
    whole, themes = standings(published_proposals(user))
    return Overview(
        whole=whole,
        themes=themes,
        milestones=next_milestones(),
        updates=newest_updates(),
        documents=Document.objects.filter(passages__citations__item__item_kind=ItemKind.PROPOSAL).distinct().count(),
    )


def published_proposals(user: Actor) -> TrackedItemQuerySet:
    """What the overview counts: public, not archived, visible to this person."""
    return TrackedItem.objects.visible_to(user).published().current().filter(item_kind=ItemKind.PROPOSAL)


def standings(items: TrackedItemQuerySet) -> tuple[Standing, list[ThemeStanding]]:
    """The whole and each pillar, from two grouped sums and the (small) tree of themes; pillars without items too."""
    tree = list(Theme.objects.all())
    root = pillars_of({theme.pk: theme.parent_id for theme in tree})
    whole, by_root = Standing(), defaultdict[int, Standing](Standing)
    for row in _tallies(items):
        whole.add(row)
        by_root[root[row["lead_theme_id"]]].add(row)
    since = today() - dt.timedelta(days=MOVED_DAYS)
    moved = items.moved_since(since).order_by().values_list("lead_theme_id").annotate(n=Count("pk"))
    for theme_id, number in moved:
        whole.moved += number
        by_root[root[theme_id]].moved += number
    return whole, [ThemeStanding(theme, by_root[theme.pk]) for theme in tree if theme.parent_id is None]


def _tallies(items: TrackedItemQuerySet) -> Iterable[Mapping[str, Any]]:
    """Counts by lead theme and status: one pass over the rows, in the database."""
    day = today()
    return (
        items.order_by()
        .values("lead_theme_id", "status")
        .annotate(
            items=Count("pk"),
            verified=Count("pk", filter=Q(proof=Proof.VERIFIED)),
            overdue=Count("pk", filter=Q(next_due__lt=day)),
            stagnant=Count("pk", filter=Q(stagnant_after__lt=day)),
            percents=Sum("percent"),
            with_percent=Count("percent"),
        )
    )


def next_milestones(number: int = NEXT) -> list[Milestone]:
    """Confirmed steps still open that come due, earliest first; what is late is counted by its items."""
    steps = Milestone.objects.filter(
        PUBLIC_ITEM, item__next_due__isnull=False, due__gte=today(), confirmed=True, completed_on="", dropped_at=None
    )
    return list(steps.select_related("item").order_by("due", "pk")[:number])


def newest_updates(number: int = NEWEST) -> list[Newest]:
    """What people reported lately, each with its number of sources; what the catalogue itself entered is left out."""
    links: QuerySet[Any] = Update.evidence.through.objects.filter(update=OuterRef("pk"))
    sources = links.order_by().values("update").annotate(sources=Count("pk"))
    found = (
        Update.objects.published()
        .by_people()
        .filter(PUBLIC_ITEM)
        .select_related("item")
        .annotate(sources=Coalesce(Subquery(sources.values("sources"), output_field=IntegerField()), 0))
        .order_by("-published_at", "-pk")
    )
    return [
        Newest(update, update.sources, update.proof_with(update.sources) if update.status_claimed else "")  # type: ignore[attr-defined]
        for update in found[:number]
    ]
