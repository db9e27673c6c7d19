"""Reads of the spine that shape a page: an item with its story, plan, ties and sources; its history."""

from brics_tracker.core.recorded import Change

from .changes import Entry, history_of
from .items import (
    Cited,
    ItemPage,
    Tie,
    citations_of,
    item_page,
    links_of,
    relations_of,
)
from .plan import Move, Plan, Step, milestones_of, read_plan
from .timeline import Happening, Source, timeline

__all__ = [
    "Change",
    "Cited",
    "Entry",
    "Happening",
    "ItemPage",
    "Move",
    "Plan",
    "Source",
    "Step",
    "Tie",
    "citations_of",
    "history_of",
    "item_page",
    "links_of",
    "milestones_of",
    "read_plan",
    "relations_of",
    "timeline",
]  # fmt: skip
