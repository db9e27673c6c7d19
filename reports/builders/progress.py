"""The progress report: how the register stood at a cut-off, and what was published in the period before it.

The number of queries does not depend on how much there is; lists stop at LIMIT rows and say the true total.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Case, QuerySet, Value, When

from brics_tracker.tracking.models import TrackedItem
from reports.builders import changes as compared
from reports.builders.changes import State, States
from reports.builders.facts import OpenMilestones, dates_unknown, states_at
from reports.builders.items import (
    BY_REFERENCE,
    HORIZON_DAYS,
    new_items,
    next_milestones,
    overdue_items,
    stagnant_items,
)
from reports.builders.links import item_links, link_to
from reports.builders.tables import LIMIT, ChangeRow, Changes, Order, Tables, Totals
from reports.builders.themes import pillars, status_by_theme
from reports.builders.updates import published_updates, retracted_updates


def build(order: Order, previous: tuple[str, Mapping[str, State]] | None) -> tuple[Tables, States]:
    """The tables of a report, and each item's state for the next report's comparison."""
    states = states_at(order.cut_off, order.theme_ids)
    roots = pillars()
    by_theme = status_by_theme(states, order, roots)
    milestones = OpenMilestones(order.cut_off)
    published, counts = published_updates(order)
    overdue = overdue_items(states, order, roots, milestones)
    stagnant = stagnant_items(states, order, roots)
    new = new_items(states, order, roots)
    upcoming = next_milestones(states, order, roots, milestones)
    retracted = retracted_updates(order)
    now = _states(states, order)
    tables = Tables(
        head=order.head,
        totals=Totals(
            items={kind: row.total for kind, row in by_theme.overall.items()},
            published=published.total, no_change=counts["no_change"], opening=counts["opening"],
            retracted=retracted.total, new=new.total, overdue=overdue.total, stagnant=stagnant.total,
            milestones=upcoming.total, unknown_dates=by_theme.unknown_dates, unknown_milestones=milestones.unknown(),
        ),
        themes=by_theme.rows, overall=by_theme.overall, changes=_changes(previous, now), published=published, retracted=retracted, new=new,
        overdue=overdue, stagnant=stagnant, milestones=upcoming, horizon_days=HORIZON_DAYS,
    )  # fmt: skip
    return tables, now


def _states(states: QuerySet[Any], order: Order) -> States:
    """Sort, status and lateness of every item, by reference."""
    unknown = When(dates_unknown(order.cut_off), then=Value(compared.UNKNOWN))
    late = Case(unknown, When(next_due_then__lt=order.day, then=Value(1)), default=Value(0))
    rows = states.order_by(*BY_REFERENCE).values_list("item__reference", "item__item_kind", "status", late)
    return {reference: [kind, status, is_late] for reference, kind, status, is_late in rows.iterator(chunk_size=5000)}


def _changes(previous: tuple[str, Mapping[str, State]] | None, now: States) -> Changes:
    if previous is None:
        return Changes(total=0)
    number, before = previous
    counts: Counter[str] = Counter()
    shown: list[compared.Change] = []
    for change in compared.compare(before, now):
        counts[change.direction] += 1
        # New items have a list of their own.
        if change.direction != compared.NEW and len(shown) < LIMIT:
            shown.append(change)
    titles = _titles(change.reference for change in shown)
    links = item_links()
    rows = []
    for change in shown:
        kind, title = titles.get(change.reference, ("", ""))
        link = link_to(links, kind, change.reference)
        rows.append(ChangeRow(change.reference, kind, title, link, change.direction, change.before, change.after))
    return Changes(counts.total() - counts[compared.NEW], rows, since=number, counts=dict(counts))


def _titles(references: Iterable[str]) -> dict[str, tuple[str, str]]:
    rows = TrackedItem.objects.filter(reference__in=set(references)).values_list("reference", "item_kind", "title")
    return {reference: (kind, title) for reference, kind, title in rows}
