"""Rows of a list of tracked items, ready to draw: read once, every word and mark prepared, nothing left to the loop."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from brics_tracker.core.clock import past_query
from brics_tracker.core.rows import Row, read_rows
from brics_tracker.core.templatetags.ui import bar_html, due_html, proof_html, status_html
from brics_tracker.tracking.choices import ReviewState
from brics_tracker.tracking.columns import MEMBERS
from brics_tracker.tracking.models import TrackedItem

PATHS = (
    "reference", "title", "status", "proof", "percent", "owner__name", "owner_confirmed", "all_members", "next_due",
    "review_state", "archived_at", "merged_into_id", "version",
)  # fmt: skip

# How lists of items may be sorted, by what their addresses say.
SORTABLE: dict[str, Sequence[str]] = {
    "reference": ("reference_prefix", "reference_number"),
    "title": ("title",),
    "status": ("status", "next_due"),
    "proof": ("proof",),
    "owner": ("owner__name",),
    "progress": ("percent",),
    "due": ("next_due",),
    "changed": ("updated_at",),
}
USUAL_ORDER = ("reference_prefix", "reference_number")


def item_rows(items: QuerySet[TrackedItem], root: str, more: Sequence[str] = ()) -> list[Row]:
    """One page of items as dictionaries; `root` is the address under which their pages are. Two queries."""
    day = past_query()
    everyone, unclear = _("all members"), _("to confirm")
    rows = read_rows(items, (*PATHS, *more), (MEMBERS,))
    for row in rows:
        row["url"] = f"{root}{row['reference']}/{day}"
        row["status_html"] = status_html(row["status"])
        row["proof_html"] = proof_html(row["proof"])
        row["bar_html"] = bar_html(row["percent"])
        row["owner"] = row["owner__name"]
        row["unclear"] = unclear if row["owner__name"] and not row["owner_confirmed"] else ""
        row["members"] = everyone if row["all_members"] else " ".join(code for code, _name in row["members"])
        row["due_html"] = due_html(row["next_due"])
        row["state"] = state_of(row)
    return rows


STATE = ("review_state", "archived_at", "merged_into_id")  # what state_of reads


def state_of(row: Row) -> str:
    """What sets a row apart from the public ones; "" for those. The row holds STATE."""
    if row["merged_into_id"] is not None:
        return _("merged into another")
    if row["archived_at"] is not None:
        return _("archived")
    return "" if row["review_state"] == ReviewState.PUBLISHED else str(ReviewState(row["review_state"]).label)
