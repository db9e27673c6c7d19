"""Reads of the spine that shape a page: an item with its story, plan, ties and sources; its history."""

from .changes import Change, Entry, history_of
from .items import (
    Cited,
    ItemPage,
    Step,
    Tie,
    citations_of,
    item_page,
    milestones_of,
    people_of,
    relations_of,
)
from .timeline import Happening, Move, Source, timeline

__all__ = [
    "Change", "Cited", "Entry", "Happening", "ItemPage", "Move", "Source", "Step", "Tie", "citations_of", "history_of",
    "item_page", "milestones_of", "people_of", "relations_of", "timeline",
]  # fmt: skip
