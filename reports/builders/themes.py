"""Status by theme: counts, means over items with data, proof and lateness, all added up by the database."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import BigIntegerField, Count, F, Q, QuerySet, Sum
from django.db.models.functions import Cast, Round

from brics_tracker.core.models import Theme
from brics_tracker.tracking.choices import ItemKind, Proof
from brics_tracker.tracking.workflow import DROPPED, WORKFLOWS
from reports.builders.facts import dates_unknown
from reports.builders.tables import Order, ThemeRow

TENTH = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Pillar:
    """The root under which a theme is counted."""

    code: str
    name: str
    position: int


def pillars() -> dict[int, Pillar]:
    """For each theme its root, and where the root stands in the tree's order (one query over the small tree)."""
    themes = {theme.pk: theme for theme in Theme.objects.all()}
    positions = {pk: position for position, pk in enumerate(themes)}
    found = {}
    for pk, theme in themes.items():
        root, seen = theme, {pk}
        while root.parent_id is not None and root.parent_id not in seen:
            seen.add(root.parent_id)
            root = themes[root.parent_id]
        found[pk] = Pillar(root.code, root.name, positions[root.pk])
    return found


@dataclass(frozen=True, slots=True)
class StatusByTheme:
    """For each sort of item its rows and the row over all themes; and how many items' dates are unknown."""

    rows: dict[str, list[ThemeRow]]
    overall: dict[str, ThemeRow]
    unknown_dates: int


def status_by_theme(states: QuerySet[Any], order: Order, pillars: Mapping[int, Pillar]) -> StatusByTheme:
    """Each item once, under the root of its lead theme; one query."""
    hundredths = Cast(Round(F("percent") * 100), BigIntegerField())
    with_data = Q(percent__isnull=False) & ~Q(status__in=DROPPED)
    groups = states.order_by().values("item__item_kind", "item__lead_theme_id", "status").annotate(
        n=Count("pk"),
        verified=Count("pk", filter=Q(proof=Proof.VERIFIED)),
        with_data=Count("pk", filter=with_data),
        hundredths=Sum(hundredths, filter=with_data),
        overdue=Count("pk", filter=Q(next_due_then__lt=order.day)),
        stagnant=Count("pk", filter=Q(stagnant_then__lt=order.day)),
        unknown=Count("pk", filter=dates_unknown(order.cut_off)),
    )  # fmt: skip
    found: dict[str, dict[Pillar, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    unknown = 0
    for group in groups:
        found[group["item__item_kind"]][pillars[group["item__lead_theme_id"]]].append(dict(group))
        unknown += group["unknown"]
    rows: dict[str, list[ThemeRow]] = {}
    overall: dict[str, ThemeRow] = {}
    for kind in (str(kind) for kind in ItemKind.values if kind in found):
        of_kind = found[kind]
        roots = sorted(of_kind, key=lambda pillar: pillar.position)
        rows[kind] = [_theme_row(kind, root.code, root.name, of_kind[root]) for root in roots]
        overall[kind] = _theme_row(kind, "", "", [group for root in roots for group in of_kind[root]])
    return StatusByTheme(rows, overall, unknown)


def _theme_row(kind: str, code: str, name: str, groups: Sequence[Mapping[str, Any]]) -> ThemeRow:
    statuses = Counter(dict.fromkeys(WORKFLOWS[kind].statuses, 0))
    for group in groups:
        statuses[group["status"]] += group["n"]
    with_data = sum(group["with_data"] for group in groups)
    return ThemeRow(
        code=code, name=name, total=statuses.total(), statuses={str(status): n for status, n in statuses.items()},
        mean=mean_of(sum(group["hundredths"] or 0 for group in groups), with_data),
        with_data=with_data,
        counted=sum(count for status, count in statuses.items() if status not in DROPPED),
        verified=sum(group["verified"] for group in groups),
        overdue=sum(group["overdue"] for group in groups),
        stagnant=sum(group["stagnant"] for group in groups),
    )  # fmt: skip


def mean_of(hundredths: int, n: int) -> float | None:
    """A mean of percents, from their sum in hundredths of a percent, half up to one place; None without data."""
    if not n:
        return None
    return float((Decimal(hundredths) / 100 / n).quantize(TENTH, ROUND_HALF_UP))
