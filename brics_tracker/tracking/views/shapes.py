"""The shapes of a list of items beside its table: the board."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from brics_tracker.core.clock import past_query
from brics_tracker.core.rows import Row
from brics_tracker.core.shapes import PARAMETER, Shape
from brics_tracker.core.templatetags.ui import bar_html, due_html, proof_html, status_html
from brics_tracker.tracking.choices import ItemKind
from brics_tracker.tracking.models import TrackedItem
from brics_tracker.tracking.models.items import ROOMS
from brics_tracker.tracking.selectors.board import board_of
from brics_tracker.tracking.workflow import WORKFLOWS

from .listing import state_of


def item_shapes(kind: ItemKind) -> dict[str, Shape]:
    """The other shapes of a list of items of one kind."""
    return {
        "board": Shape(_("Board"), "tracking/_board.html", lambda request, rows: _board(request, rows, kind)),
    }


def _board(request: HttpRequest, items: QuerySet[TrackedItem], kind: ItemKind) -> dict[str, Any]:
    lanes = board_of(items, WORKFLOWS[kind], request.user, only=set(request.GET.getlist("status")) - {""})
    root, day = reverse(f"{ROOMS[kind]}:list"), past_query()
    for lane in lanes:
        for card in lane.cards:
            _prepare(card, root, day)
    shown = [
        {"lane": lane, "head": status_html(lane.status), "address": _table_of(request, lane.status)} for lane in lanes
    ]
    whole = sum(lane.count for lane in lanes)
    return {"lanes": shown, "rows": whole, "count": number_format(whole, force_grouping=True)}


def _prepare(card: Row, root: str, day: str) -> None:
    card["url"] = f"{root}{card['reference']}/{day}"
    card["proof_html"] = proof_html(card["proof"])
    card["bar_html"] = bar_html(card["percent"])
    card["due_html"] = due_html(card["next_due"]) if card["next_due"] else ""
    card["state"] = state_of(card["review_state"], card["archived_at"])


def _table_of(request: HttpRequest, status: str) -> str:
    """The table of what stands at one status: same filter, order and day."""
    query = request.GET.copy()
    for dropped in ("page", "export", PARAMETER):
        query.pop(dropped, None)
    query.setlist("status", [status])
    return f"{request.path}?{query.urlencode()}"
