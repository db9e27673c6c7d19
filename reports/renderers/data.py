"""A snapshot as data: the JSON that its checksum is of, and one CSV of all its tables."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from brics_tracker.core.export import Column, table
from brics_tracker.core.writers import WRITERS

LISTS = ("changes", "published", "retracted", "overdue", "stagnant", "milestones", "new")

Row = dict[str, Any]


def canonical(tables: Mapping[str, Any]) -> bytes:
    """The tables as JSON in one form only: sorted keys, no spaces, UTF-8."""
    return json.dumps(tables, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def checksum(tables: Mapping[str, Any]) -> str:
    """SHA-256 of the tables as canonical JSON."""
    return hashlib.sha256(canonical(tables)).hexdigest()


def _column(key: str, label: Any) -> Column:
    return Column(key, label, lambda row: row.get(key, ""))


COLUMNS = [
    _column("section", _("Table")), _column("reference", _("Reference")), _column("kind", _("Sort of item")),
    _column("title", _("Title")), _column("theme", _("Theme")), _column("status", _("Status")),
    _column("status_before", _("Status before")), _column("status_after", _("Status after")),
    _column("direction", _("Change")), _column("proof", _("Proof")), _column("percent", _("Progress")),
    _column("percent_before", _("Progress before")), _column("percent_after", _("Progress after")),
    _column("happened", _("Happened")), _column("published", _("Published")), _column("evidence", _("Evidence")),
    _column("no_change", _("No change")), _column("corrects", _("Corrects")),
    _column("retracted_since", _("Retracted since")), _column("text", _("What happened")), _column("reason", _("Reason")),
    _column("due", _("Due")), _column("days", _("Days")), _column("quiet_days", _("Days quiet")),
    _column("milestone", _("Milestone")), _column("owner", _("Owner")), _column("owner_confirmed", _("Owner confirmed")),
    _column("total", _("Items")), _column("mean", _("Mean progress")), _column("with_data", _("With data (n)")),
    _column("counted", _("Counted")), _column("verified", _("Verified")), _column("overdue", _("Overdue")),
    _column("stagnant", _("Stagnant")), _column("address", _("Address")),
]  # fmt: skip


def rows(tables: Mapping[str, Any]) -> Iterator[Row]:
    """Every row of every table; "section" says which. Of a theme: one row of sums, then one for each status."""
    for kind, themes in sorted(tables["themes"].items()):
        for theme in (*themes, tables["overall"][kind]):
            named = {"section": "themes", "kind": kind, "theme": theme["code"] or "all", "title": theme["name"]}
            yield {**theme, **named}
            for status, n in sorted(theme["statuses"].items()):
                yield {**named, "section": "themes-status", "status": status, "total": n}
    for section in LISTS:
        for row in tables[section]["rows"]:
            yield {**row, "section": section, "address": settings.SITE_URL + row["link"] if row["link"] else ""}


def csv(tables: Mapping[str, Any]) -> Iterator[bytes]:
    """The tables as one CSV, through the writer of all exports."""
    return WRITERS["csv"]().write(table(rows(tables), COLUMNS))
