"""Reports for tests: a definition, a moment to stand at, a frozen report."""

from __future__ import annotations

import datetime as dt
from typing import Any

from brics_tracker.core.models import Theme
from reports.builders.changes import State, States
from reports.builders.progress import build
from reports.builders.tables import Head, Order, Tables
from reports.models import Report, ReportDefinition
from reports.periods import Span, period_containing
from reports.services import freeze_report

# A Wednesday, the Monday after it, and that week.
WEDNESDAY = dt.datetime(2026, 11, 18, 12, tzinfo=dt.UTC)
MONDAY = dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC)
WEEK = period_containing("week", WEDNESDAY.date())


def make_definition(key: str = "weekly", **fields: Any) -> ReportDefinition:
    values = {
        "title": "Weekly progress report",
        "period": "week",
        "hour": 6,
        "starts_on": dt.date(2026, 1, 5),
        **fields,
    }
    themes = values.pop("themes", ())
    definition = ReportDefinition.objects.create(key=key, **values)
    definition.themes.set(themes)
    return definition


def make_report(definition: ReportDefinition | None = None, span: Span = WEEK, **options: Any) -> Report:
    """A frozen report; the clock must stand after its period."""
    found = definition or ReportDefinition.objects.first() or make_definition()
    return freeze_report(found, span, **options)


def build_tables(
    span: Span = WEEK,
    *,
    cut_off: dt.datetime | None = None,
    previous: tuple[str, dict[str, State]] | None = None,
    themes: list[Theme] | None = None,
) -> tuple[Tables, States]:
    """The tables as the register stands, without freezing them."""
    cut_off = cut_off or span.cut_off
    head = Head(
        definition="weekly", title="Weekly progress report", period=span.kind, label=span.label,
        start=span.start.isoformat(), end=span.end.isoformat(), cut_off=cut_off.isoformat(), extra=False, themes=[],
    )  # fmt: skip
    ids = frozenset(Theme.objects.with_subtree_ids(theme.pk for theme in themes)) if themes else None
    return build(Order(head, span.began_at, cut_off, ids), previous)
