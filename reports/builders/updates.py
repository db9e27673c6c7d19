"""Lists of updates: what was published in the period, and what was taken back."""

from __future__ import annotations

import datetime as dt
import html
import textwrap
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, OuterRef, Q, Subquery
from django.utils.html import strip_tags

from brics_tracker.tracking.choices import Proof
from brics_tracker.tracking.models import Evidence, StatusChange
from reports.builders.facts import updates_public_at, updates_retracted_in
from reports.builders.items import BY_REFERENCE
from reports.builders.links import item_links, link_to
from reports.builders.tables import LIMIT, Listing, Order, UpdateRow

EXCERPT = 300


def count_published(
    moment: dt.datetime, since: dt.datetime, theme_ids: Collection[int] | None = None
) -> dict[str, int]:
    """Updates published from `since` until the moment: total, and no_change among them; opening, which are in neither."""
    opening = _opening(since)
    return updates_public_at(moment, since, theme_ids).aggregate(
        total=Count("pk", filter=~opening),
        opening=Count("pk", filter=opening),
        no_change=Count("pk", filter=~opening & Q(no_change=True)),
    )


def _opening(since: dt.datetime) -> Q:
    """What the catalogue entered together with items that are new since then."""
    return Q(author__is_system=True, item__published_at__gte=since)


def published_updates(order: Order) -> tuple[Listing, dict[str, int]]:
    """Updates of the period; what the catalogue entered together with new items is counted, not listed."""
    counts = count_published(order.cut_off, order.began_at, order.theme_ids)
    updates = updates_public_at(order.cut_off, order.began_at, order.theme_ids)
    rows = list(
        updates.exclude(_opening(order.began_at))
        .order_by(*BY_REFERENCE, "happened", "pk")
        .values(
            "pk", "item__reference", "item__item_kind", "item__title", "happened", "published_at", "no_change",
            "corrects_id", "evidence_checked", "retracted_at", "text_html",
        )[:LIMIT]
    )  # fmt: skip
    ids = [row["pk"] for row in rows]
    steps, sources = _steps(ids), _sources(ids)
    links = item_links()
    listed = [_update_row(row, steps.get(row["pk"], {}), sources.get(row["pk"], (0, 0)), links) for row in rows]
    return Listing(counts["total"], listed), counts


def _update_row(
    row: Mapping[str, Any], step: Mapping[str, Any], sources: tuple[int, int], links: Mapping[str, str]
) -> UpdateRow:
    proof = Proof.CLAIMED
    if sources[0]:
        proof = Proof.VERIFIED if row["evidence_checked"] else Proof.DOCUMENTED
    return UpdateRow(
        reference=row["item__reference"],
        kind=row["item__item_kind"],
        title=row["item__title"],
        link=f"{link_to(links, row['item__item_kind'], row['item__reference'])}#update-{row['pk']}",
        happened=row["happened"],
        published=_day(row["published_at"]),
        status_before=step.get("before") or "",
        status_after=step.get("status", ""),
        percent_before=_number(step.get("percent_before")),
        percent_after=_number(step.get("percent")),
        proof=str(proof),
        evidence=sources[1],
        no_change=row["no_change"],
        corrects=row["corrects_id"] is not None,
        retracted_since=row["retracted_at"] is not None,
        text=excerpt(row["text_html"]),
    )


def _sources(update_ids: list[int]) -> dict[int, tuple[int, int]]:
    """For each update its number of sources: all, and those that are not confidential."""
    counted = (
        Evidence.updates.through.objects.filter(update__in=update_ids)
        .values("update")
        .annotate(all=Count("pk"), shown=Count("pk", filter=Q(evidence__confidential=False)))
    )
    return {row["update"]: (row["all"], row["shown"]) for row in counted}


def _steps(update_ids: list[int]) -> dict[int, dict[str, Any]]:
    """For each update that moved its item on being published: what was shown before and after."""
    earlier = StatusChange.objects.filter(item=OuterRef("item"), until=OuterRef("since")).exclude(pk=OuterRef("pk"))
    earlier = earlier.order_by("-since", "-pk")
    steps = (
        StatusChange.objects.filter(update__in=update_ids, since=F("update__published_at"))
        .annotate(before=Subquery(earlier.values("status")[:1]), percent_before=Subquery(earlier.values("percent")[:1]))
        .values("update_id", "status", "percent", "before", "percent_before")
    )
    return {step["update_id"]: dict(step) for step in steps}


def retracted_updates(order: Order) -> Listing:
    updates = updates_retracted_in(order.cut_off, order.began_at, order.theme_ids)
    links = item_links()
    rows = updates.order_by(*BY_REFERENCE, "pk").values(
        "pk", "item__reference", "item__item_kind", "item__title", "happened", "published_at", "retraction_reason"
    )
    listed = [
        UpdateRow(
            reference=row["item__reference"],
            kind=row["item__item_kind"],
            title=row["item__title"],
            link=f"{link_to(links, row['item__item_kind'], row['item__reference'])}#update-{row['pk']}",
            happened=row["happened"],
            published=_day(row["published_at"]),
            reason=row["retraction_reason"],
        )
        for row in rows[:LIMIT]
    ]
    return Listing(updates.count(), listed)


def _day(moment: dt.datetime | None) -> str:
    return moment.astimezone(dt.UTC).date().isoformat() if moment else ""


def excerpt(text_html: str) -> str:
    """The beginning of an update's text, without markup, cut at a word."""
    words = html.unescape(strip_tags(text_html)).split()
    text = " ".join(words)
    return text if len(text) <= EXCERPT else textwrap.shorten(text, EXCERPT, placeholder=" …")


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
