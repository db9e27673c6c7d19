"""A list on its way into a file: headings, rows of typed values in chunks, and what the file says of itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from .clock import shown_day

# Some rows, column by column: what a column needs is then asked once, not for each of its cells.
Chunk = Sequence[Sequence[object]]


@dataclass(frozen=True, slots=True)
class Heading:
    """A column of a file: its name for machines and for people, and how its cell is read from a row."""

    key: str
    label: str
    read: Callable[[Any], object]
    is_address: bool = False


@dataclass(frozen=True, slots=True)
class About:
    """Which list a file holds: the filter and the order in words, for whom and when it was made."""

    title: str = ""
    filters: Sequence[tuple[str, str]] = ()
    order: str = ""
    person: str = ""
    address: str = ""
    made_at: dt.datetime = field(default_factory=timezone.now)
    day: dt.date | None = field(default_factory=shown_day)

    @property
    def filter_in_words(self) -> str:
        """ "Status: Agreed; Theme: EN Energy", or "" for the whole list."""
        return "; ".join(f"{label}: {value}" for label, value in self.filters)

    def facts(self) -> list[tuple[str, str, object]]:
        """(name for machines, label, value), all but the number of rows, which only the end of the file knows."""
        facts: list[tuple[str, str, object]] = [
            ("list", _("List"), self.title),
            ("filter", _("Filter"), self.filter_in_words or _("none")),
            ("order", _("Order"), self.order),
            ("made_at", _("Made (UTC)"), self.made_at),
            ("person", _("For"), self.person),
            ("version", _("Made by"), f"BRICS Tracker {settings.VERSION}"),
            ("address", _("Address"), self.address),
        ]
        if self.day:
            facts.insert(3, ("as_of", _("As of"), self.day))
        if settings.DEMO:
            facts.append(
                ("note", _("Note"), _("Demonstration: the catalogue is real, the progress on it is invented."))
            )
        return facts


@dataclass(frozen=True, slots=True)
class Table:
    """What every writer writes. Cells are text, numbers, booleans, dates, moments, lists of text, or None."""

    headings: Sequence[Heading]
    chunks: Generator[Chunk, None, None]
    about: About = field(default_factory=About)
