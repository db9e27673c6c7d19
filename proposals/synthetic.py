"""Invented proposals in any number, for load tests and screenshots: consistent, seeded, marked as invented."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, models, transaction
from django.utils import timezone

from brics_tracker.accounts.models import User
from brics_tracker.core.models import Member, Organisation, Theme
from brics_tracker.tracking.choices import ItemKind, ReviewState
from brics_tracker.tracking.models import (
    Evidence,
    Milestone,
    MilestoneClaim,
    ReferenceCounter,
    StatusChange,
    TrackedItem,
    Update,
)  # fmt: skip
from brics_tracker.tracking.services.state import derived_dates, replay
from brics_tracker.tracking.workflow import WORKFLOWS

from .models import Proposal

MARK = "Invented"
CHUNK = 1000
AREAS = ("grain reserves", "port single windows", "grid operators", "standards bodies", "vaccine regulators", "museums",
         "satellite data", "green bonds", "skills training", "customs data", "water quality", "rail corridors")  # fmt: skip
VERBS = ("Set up exchanges between", "Agree common rules for", "Fund a programme for", "Publish yearly data of",
         "Found a network of", "Open pilot projects with", "Align timetables of")  # fmt: skip


@dataclass
class Rows:
    """The rows of one chunk, by model, inserted together."""

    by_model: dict[type[models.Model], list[Any]] = field(default_factory=dict)

    def add(self, row: Any) -> Any:
        self.by_model.setdefault(type(row), []).append(row)
        return row


def holds_peoples_work() -> bool:
    """Has anyone but the system actor entered an item or an update here?"""
    people = models.Q(author__is_system=False)
    return TrackedItem.objects.filter(people).exists() or Update.objects.filter(people).exists()


def make_synthetic(*, proposals: int, updates: int, seed: int, tell: Callable[[str], None] = lambda text: None) -> None:
    """Insert invented proposals with updates spread over them at random, in chunks of one transaction each.

    Every chunk keeps the register's own invariants: what is stored of an item equals the replay of its
    updates. The same seed gives the same data.
    """
    maker = _Maker(random.Random(seed))  # noqa: S311 - invented data, not secrets
    shares = maker.share_out(proposals, updates)
    for start in range(0, proposals, CHUNK):
        with transaction.atomic():
            maker.insert_chunk(shares[start : start + CHUNK])
        tell(f"{min(start + CHUNK, proposals)} of {proposals} proposals")
    maker.reset_sequences()


class _Maker:
    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.now = timezone.now()
        self.system = User.objects.system()
        self.themes = list(Theme.objects.filter(parent=None)) or [Theme.objects.create(code="EN", name=f"{MARK} theme")]
        self.members = list(Member.objects.all())
        self.owners = list(Organisation.objects.all())
        self.ids = {model: self._first_id(model) for model in (TrackedItem, Milestone, Update, Evidence)}
        self.numbers = {c.prefix: c.last for c in ReferenceCounter.objects.all()}

    @staticmethod
    def _first_id(model: type[models.Model]) -> Iterator[int]:
        last = model._default_manager.aggregate(last=models.Max("pk"))["last"] or 0
        return iter(range(last + 1, 2**62))

    def share_out(self, proposals: int, updates: int) -> list[int]:
        """How many updates each proposal gets; they add up to `updates`."""
        shares = [0] * proposals
        for _update in range(updates if proposals else 0):
            shares[self.rng.randrange(proposals)] += 1
        return shares

    def insert_chunk(self, shares: list[int]) -> None:
        rows = Rows()
        for share in shares:
            self._item(rows, share)
        kinds: tuple[type[models.Model], ...] = (
            TrackedItem, Proposal, Milestone, Update, MilestoneClaim, Evidence, StatusChange,
        )  # fmt: skip
        for model in kinds:
            if found := rows.by_model.pop(model, []):
                model._default_manager.bulk_create(found, batch_size=CHUNK)
                if hasattr(model, "history"):
                    model.history.bulk_history_create(found, default_user=self.system, batch_size=CHUNK)
        for model, found in rows.by_model.items():  # the link tables
            model._default_manager.bulk_create(found, batch_size=CHUNK)
        self._record_links(rows)
        for prefix, last in self.numbers.items():
            ReferenceCounter.objects.update_or_create(prefix=prefix, defaults={"last": last})

    def _record_links(self, rows: Rows) -> None:
        """The history entry of each item holds its themes and members, as one written by the services does."""
        through = {name: getattr(TrackedItem, name).through for name in ("themes", "members")}
        links = {name: rows.by_model.get(model, []) for name, model in through.items()}
        ids = {link.trackeditem_id for found in links.values() for link in found}
        entries = dict(TrackedItem.history.filter(id__in=ids).values_list("id", "history_id"))
        for name, found in links.items():
            other = f"{TrackedItem._meta.get_field(name).m2m_reverse_field_name()}_id"  # type: ignore[union-attr]
            entry_model = apps.get_model("tracking", f"HistoricalTrackedItem_{name}")
            entry_model._default_manager.bulk_create(
                entry_model(
                    history_id=entries[link.trackeditem_id], id=link.pk, trackeditem_id=link.trackeditem_id,
                    **{other: getattr(link, other)},
                )
                for link in found
            )  # fmt: skip

    def _item(self, rows: Rows, share: int) -> None:
        rng = self.rng
        theme = rng.choice(self.themes)
        prefix = theme.code[:2]
        number = self.numbers[prefix] = self.numbers.get(prefix, 0) + 1
        published = self.now - dt.timedelta(days=rng.randint(30, 900), seconds=rng.randint(0, 86_000))
        item = rows.add(TrackedItem(
            pk=next(self.ids[TrackedItem]), item_kind=ItemKind.PROPOSAL, reference=f"{prefix}-{number:02d}",
            reference_prefix=prefix, reference_number=number,
            title=f"{MARK}: {rng.choice(VERBS)} {rng.choice(AREAS)} ({number})",
            summary=f"{MARK} text for trying out: {rng.choice(AREAS)} and {rng.choice(AREAS)}, {rng.choice(VERBS).lower()} each other.",
            lead_theme=theme, owner=rng.choice([None, *self.owners]), owner_confirmed=rng.random() < 0.5,
            all_members=rng.random() < 0.2, author=self.system, review_state=ReviewState.PUBLISHED,
            submitted_at=published, published_at=published, published_by=self.system,
            tracked_since=timezone.localdate(published), status=WORKFLOWS[ItemKind.PROPOSAL].first,
        ))  # fmt: skip
        rows.add(Proposal(item=item))
        rows.add(TrackedItem.themes.through(trackeditem_id=item.pk, theme_id=theme.pk))
        for member in rng.sample(self.members, k=min(len(self.members), rng.randint(0, 4))):
            rows.add(TrackedItem.members.through(trackeditem_id=item.pk, member_id=member.pk))
        milestones = self._milestones(rows, item)
        updates = self._updates(rows, item, milestones, share, published)
        self._settle(rows, item, updates, milestones, published)

    def _milestones(self, rows: Rows, item: TrackedItem) -> list[Milestone]:
        today = timezone.localdate(self.now)
        return [
            rows.add(Milestone(
                pk=next(self.ids[Milestone]), item=item, title=f"{MARK} step {position}", weight=self.rng.randint(1, 4),
                due=today + dt.timedelta(days=self.rng.randint(-120, 500)), confirmed=True, position=position,
            ))
            for position in range(1, self.rng.choice((0, 0, 2, 3)) + 1)
        ]  # fmt: skip

    def _updates(
        self, rows: Rows, item: TrackedItem, milestones: list[Milestone], share: int, published: dt.datetime
    ) -> list[Update]:
        rng, flow = self.rng, item.workflow
        moments = sorted(published + (self.now - published) * rng.random() for _update in range(share))
        status, made = flow.first, []
        for moment in moments:
            claimed = ""
            if status not in flow.final and rng.random() < 0.3:
                claimed = rng.choice([s for s in flow.next_statuses(status) if not flow.is_backward(status, s)])
                status = claimed
            update = rows.add(Update(
                pk=next(self.ids[Update]), item=item, author=self.system, text=f"{MARK} entry of progress.",
                text_html=f"<p>{MARK} entry of progress.</p>", happened=timezone.localdate(moment).isoformat(),
                status_claimed=claimed, review_state=ReviewState.PUBLISHED, submitted_at=moment, published_at=moment,
                published_by=self.system,
                percent_claimed=None if milestones or rng.random() < 0.5 else Decimal(rng.randint(0, 20) * 5),
            ))  # fmt: skip
            update.by_system, update.sources = True, 1 if claimed or rng.random() < 0.2 else 0
            if update.sources:
                self._evidence(rows, item, update)
            claims = self._claims(rows, update, milestones)
            update._prefetched_objects_cache = {"milestone_claims": _Prefetched(claims)}
            made.append(update)
        return made

    def _evidence(self, rows: Rows, item: TrackedItem, update: Update) -> None:
        pk = next(self.ids[Evidence])
        rows.add(
            Evidence(pk=pk, item=item, author=self.system, title=f"{MARK} source {pk}", url=f"https://example.org/{pk}")
        )
        rows.add(Evidence.updates.through(evidence_id=pk, update_id=update.pk))

    def _claims(self, rows: Rows, update: Update, milestones: list[Milestone]) -> list[MilestoneClaim]:
        still_open = [milestone for milestone in milestones if not milestone.completed_on]
        if not still_open or self.rng.random() > 0.15:
            return []
        milestone = still_open[0]
        milestone.completed_on, milestone.completed_by_id = update.happened, update.pk
        return [rows.add(MilestoneClaim(update=update, milestone=milestone, kind="completed"))]

    def _settle(
        self, rows: Rows, item: TrackedItem, updates: list[Update], milestones: list[Milestone], published: dt.datetime
    ) -> None:
        """The states that were shown, one by one, and the columns that summarise them: by the register's own replay."""
        shown: StatusChange | None = None
        ordered = sorted(updates, key=lambda update: (update.happened, update.published_at, update.pk))
        moments = [published, *(update.published_at or published for update in ordered)]
        for count, moment in enumerate(moments):
            known = ordered[:count]
            state = replay(item, known, milestones)
            if shown is None or (shown.status, shown.proof, shown.percent) != (
                state.status,
                state.proof,
                state.percent,
            ):
                if shown is not None:
                    shown.until = moment
                shown = rows.add(StatusChange(
                    item=item, status=state.status, proof=state.proof, percent=state.percent, since=moment,
                    by=self.system, update=state.update, happened=state.update.happened if state.update else "",
                ))  # fmt: skip
            item.status, item.proof, item.percent = state.status, state.proof, state.percent
        for name, value in derived_dates(item, item.status, ordered, milestones, slips=0).items():
            setattr(item, name, value)

    def reset_sequences(self) -> None:
        """Primary keys were given by hand; the database's own counters go on behind them."""
        found = [*self.ids, Proposal]
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), found):
                cursor.execute(statement)


class _Prefetched(list[MilestoneClaim]):
    """Claims as `replay` reads them (`update.milestone_claims.all()`), without a query."""

    def all(self) -> list[MilestoneClaim]:
        return self
