"""Lists of items: overdue, stagnant, new, and the next milestones."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db.models import F, QuerySet

from reports.builders.facts import MilestoneFact, OpenMilestones
from reports.builders.links import item_links, link_to
from reports.builders.tables import LIMIT, ItemRow, Listing, Order
from reports.builders.themes import Pillar

HORIZON_DAYS = 90
BY_REFERENCE = ("item__reference_prefix", "item__reference_number")
ITEM_FIELDS = (
    "item_id", "item__reference", "item__item_kind", "item__title", "item__lead_theme_id", "status", "percent",
    "item__owner__name", "item__owner_confirmed", "item__rhythm_days", "due_then", "still_since",
)  # fmt: skip


def _item_rows(states: QuerySet[Any], *order_by: Any) -> list[dict[str, Any]]:
    """The first LIMIT rows, with the dates as they were."""
    annotated = states.annotate(due_then=F("next_due_then"), still_since=F("stagnant_then"))
    return list(annotated.order_by(*order_by, *BY_REFERENCE).values(*ITEM_FIELDS)[:LIMIT])


def _item_row(row: Mapping[str, Any], pillars: Mapping[int, Pillar], links: Mapping[str, str], **own: Any) -> ItemRow:
    return ItemRow(
        reference=row["item__reference"],
        kind=row["item__item_kind"],
        title=row["item__title"],
        link=link_to(links, row["item__item_kind"], row["item__reference"]),
        theme=pillars[row["item__lead_theme_id"]].code,
        status=row["status"],
        owner=own.pop("owner", row["item__owner__name"]) or "",
        owner_confirmed=row["item__owner_confirmed"],
        percent=None if row["percent"] is None else float(row["percent"]),
        **own,
    )


def overdue_items(
    states: QuerySet[Any], order: Order, pillars: Mapping[int, Pillar], milestones: OpenMilestones
) -> Listing:
    late = states.filter(next_due_then__lt=order.day)
    rows = _item_rows(late, "due_then")
    waited: dict[tuple[int, dt.date], MilestoneFact] = {}
    for fact in milestones.of_items([row["item_id"] for row in rows], before=order.day):
        waited.setdefault((fact["item_id"], fact["due"]), fact)
    links = item_links()
    listed = []
    for row in rows:
        milestone = waited.get((row["item_id"], row["due_then"]), {})
        owner = milestone.get("owner__name") or row["item__owner__name"]
        listed.append(
            _item_row(
                row,
                pillars,
                links,
                owner=owner,
                due=row["due_then"].isoformat(),
                days=(order.day - row["due_then"]).days,
                milestone=milestone.get("title", ""),
            )
        )
    return Listing(late.count(), listed)


def stagnant_items(states: QuerySet[Any], order: Order, pillars: Mapping[int, Pillar]) -> Listing:
    still = states.filter(stagnant_then__lt=order.day)
    links = item_links()
    listed = []
    for row in _item_rows(still, "still_since"):
        beyond = (order.day - row["still_since"]).days
        listed.append(_item_row(row, pillars, links, days=beyond, quiet_days=beyond + row["item__rhythm_days"]))
    return Listing(still.count(), listed)


def new_items(states: QuerySet[Any], order: Order, pillars: Mapping[int, Pillar]) -> Listing:
    new = states.filter(item__published_at__gte=order.began_at)
    links = item_links()
    return Listing(new.count(), [_item_row(row, pillars, links) for row in _item_rows(new)])


def next_milestones(
    states: QuerySet[Any], order: Order, pillars: Mapping[int, Pillar], milestones: OpenMilestones
) -> Listing:
    last = order.day + dt.timedelta(days=HORIZON_DAYS)
    total, facts = milestones.between(order.day, last, states, at_most=LIMIT)
    items = {row["item_id"]: row for row in _item_rows(states.filter(item_id__in={fact["item_id"] for fact in facts}))}
    links = item_links()
    listed = [
        _item_row(
            items[fact["item_id"]],
            pillars,
            links,
            owner=fact["owner__name"] or fact["item__owner__name"],
            due=fact["due"].isoformat(),
            days=(fact["due"] - order.day).days,
            milestone=fact["title"],
        )
        for fact in facts
    ]
    return Listing(total, listed)
