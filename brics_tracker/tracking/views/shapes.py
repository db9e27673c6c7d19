"""The shapes of a list of items beside its table: the board, and the timeline of milestones."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from brics_tracker.core.charts import Stretch, mark_html, time_axis, time_line
from brics_tracker.core.clock import past_query
from brics_tracker.core.pages import read_page
from brics_tracker.core.rows import Row
from brics_tracker.core.shapes import PARAMETER, Shape
from brics_tracker.core.templatetags.ui import bar_html, due_html, proof_html, status_html
from brics_tracker.tracking.choices import ItemKind
from brics_tracker.tracking.columns import state_of
from brics_tracker.tracking.models import TrackedItem
from brics_tracker.tracking.models.items import ROOMS
from brics_tracker.tracking.selectors.board import board_of
from brics_tracker.tracking.selectors.lines import (
    STANDINGS,
    USUAL_ZOOM,
    ZOOMS,
    Line,
    first_month,
    lines_of,
    months_after,
    moved_in_words,
    stretch_of,
)
from brics_tracker.tracking.selectors.plan import Step
from brics_tracker.tracking.workflow import WORKFLOWS


def item_shapes(kind: ItemKind) -> dict[str, Shape]:
    """The other shapes of a list of items of one kind."""
    return {
        "board": Shape(_("Board"), "tracking/_board.html", lambda request, rows: _board(request, rows, kind)),
        "timeline": Shape(
            _("Timeline"), "tracking/_timeline.html", lambda request, rows: _timeline(request, rows, kind)
        ),
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
    card["state"] = state_of(card)


def _table_of(request: HttpRequest, status: str) -> str:
    """The table of what stands at one status: same filter, order and day."""
    query = request.GET.copy()
    for dropped in ("page", "export", PARAMETER):
        query.pop(dropped, None)
    query.setlist("status", [status])
    return f"{request.path}?{query.urlencode()}"


def _timeline(request: HttpRequest, items: QuerySet[TrackedItem], kind: ItemKind) -> dict[str, Any]:
    """A page of items with their milestones on lines of time; ?zoom= says how much is shown, ?from= since which month."""
    page = read_page(items, request.GET.get("page", ""), settings.PAGE_SIZE, lines_of)
    name = request.GET.get("zoom", "")
    name = name if name in ZOOMS else USUAL_ZOOM
    zoom = ZOOMS[name]
    start = first_month(request.GET.get("from", ""), zoom)
    stretch = stretch_of(start, zoom.months)
    root, day = reverse(f"{ROOMS[kind]}:list"), past_query()
    shown = []
    for line in page.rows:
        row = line.row
        row["url"] = f"{root}{row['reference']}/{day}"
        row["status_html"] = status_html(row["status"])
        row["state"] = state_of(row)
        shown.append(
            {"row": row, "svg": time_line(line.marks, stretch), "undated": line.undated, **_outside(line, stretch)}
        )
    return {
        "page_obj": page,
        "rows": page.rows,
        "count": page.count_text,
        "lines": shown,
        "facts": [_fact(line, step) for line in page.rows for step in line.steps],
        "axis": time_axis(stretch),
        "zoom": name,
        "from": request.GET.get("from", ""),
        "zooms": [(key, each.label, _with(request, zoom=key), key == name) for key, each in ZOOMS.items()],
        "earlier": _with(request, zoom=name, **{"from": f"{months_after(start, -zoom.step):%Y-%m}"}),
        "later": _with(request, zoom=name, **{"from": f"{months_after(start, zoom.step):%Y-%m}"}),
        "now": _with(request, zoom=name, **{"from": ""}),
        "stretch": stretch,
        "legend": [(mark_html(standing), word) for standing, word in STANDINGS.items()]
        + [(mark_html("target"), _("target of the item"))],
    }


def _outside(line: Line, stretch: Stretch) -> dict[str, int]:
    """How many of its marks lie before and after what is shown."""
    return {
        "before": sum(mark.day < stretch.start for mark in line.marks),
        "after": sum(mark.day >= stretch.end for mark in line.marks),
    }


def _fact(line: Line, step: Step) -> dict[str, Any]:
    """One milestone in words, as its mark says it."""
    return {
        "row": line.row,
        "step": step,
        "first": step.stops[0] if step.stops else step.milestone.due,
        "moved": moved_in_words(step),
        "standing": STANDINGS[step.standing],
    }


def _with(request: HttpRequest, **wanted: str) -> str:
    """The page that is shown with other values; "" takes one off."""
    query = request.GET.copy()
    for key, value in wanted.items():
        query.pop(key, None)
        if value:
            query[key] = value
    return f"?{query.urlencode()}"
