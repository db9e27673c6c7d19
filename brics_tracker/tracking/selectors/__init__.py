"""Reads of the spine that shape a page: an item with its story, plan, ties and sources; its history."""

from .changes import Change, Entry, history_of
from .items import (
    Cited,
    ItemPage,
    Tie,
    citations_of,
    item_page,
    people_of,
    relations_of,
)
from .plan import Move, Plan, Step, milestones_of, read_plan
from .timeline import Happening, Source, timeline

__all__ = [
    "Change", "Cited", "Entry", "Happening", "ItemPage", "Move", "Plan", "Source", "Step", "Tie", "citations_of", "history_of",
    "item_page", "milestones_of", "people_of", "read_plan", "relations_of", "timeline",
]  # fmt: skip
