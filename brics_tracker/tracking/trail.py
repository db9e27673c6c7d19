"""The audit trail of one item: every recorded change as who, when, why, and what it was before."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet

from brics_tracker.accounts.access import OVERSEERS
from brics_tracker.core.models import Organisation, Theme
from brics_tracker.core.rows import Many, Row, read_rows

from . import access
from .models import TrackedItem

if TYPE_CHECKING:
    from brics_tracker.accounts.access import Actor

History: Any = TrackedItem.history.model  # type: ignore[attr-defined]
TOLD = (
    "title", "summary", "lead_theme", "owner", "owner_confirmed", "owner_reason", "all_members", "priority", "phase",
    "start_date", "target_date", "rhythm_days", "review_state", "archived_at", "status", "proof", "percent",
)  # fmt: skip
LINKED = {"themes": ("theme", "code"), "supporters": ("organisation", "key"), "members": ("member", "code")}
KINDS = {"+": "created", "~": "changed", "-": "deleted"}


def trail_of(item: TrackedItem, user: Actor) -> QuerySet[Any]:
    """The item's entries, newest first: from its publication on, and what came before for those who saw it then."""
    entries: QuerySet[Any] = History.objects.filter(id=item.pk).order_by("-history_date", "-history_id")
    if item.author_id == user.pk or access.in_scope(user, item, OVERSEERS):
        return entries
    return entries.filter(Q(history_date__gte=item.published_at) if item.published_at else Q(pk__in=[]))


def trail_rows(page: QuerySet[Any], item: TrackedItem) -> list[Row]:
    """The entries of a page with what each changed; compared with the entry before, seen or not."""
    many = [Many(name, _links(name)) for name in LINKED]
    paths = (
        "history_date", "history_type", "history_change_reason", "history_user__name", "version",
        *(f"{name}_id" if name in {"lead_theme", "owner"} else name for name in TOLD),
    )  # fmt: skip
    entries = read_rows(page, paths, many)
    if entries:
        before = History.objects.filter(id=item.pk, pk__lt=min(entry["pk"] for entry in entries))
        entries += read_rows(before.order_by("-history_id")[:1], paths, many)
    _name_references(entries)
    rows = [_told(entry, earlier) for entry, earlier in pairwise([*entries, {}])]
    return rows[: len(rows) - 1] if _has_earlier(entries, page) else rows
