"""What a progress report holds: plain rows of codes, names and numbers, ready to be kept as JSON.

Words that depend on a language (of a status, of a sort of item) are left to the renderers, so that one
snapshot can be read in every language. Names and titles are kept as they stood when it was frozen.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass, field
from typing import Any

SCHEMA = 1
LIMIT = 2500


@dataclass(frozen=True, slots=True)
class ThemeRow:
    """One theme and one sort of item; each item is counted once, under its lead theme."""

    code: str
    name: str
    total: int
    statuses: dict[str, int]
    mean: float | None
    with_data: int
    counted: int
    verified: int
    overdue: int
    stagnant: int


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One item in a list; what a list has no use for stays empty."""

    reference: str
    kind: str
    title: str
    link: str
    theme: str
    status: str
    owner: str = ""
    owner_confirmed: bool = False
    percent: float | None = None
    due: str = ""
    days: int | None = None
    quiet_days: int | None = None
    milestone: str = ""


@dataclass(frozen=True, slots=True)
class UpdateRow:
    """One update that was published, or retracted, in the period."""

    reference: str
    kind: str
    title: str
    link: str
    happened: str
    published: str
    status_before: str = ""
    status_after: str = ""
    percent_before: float | None = None
    percent_after: float | None = None
    proof: str = ""
    evidence: int = 0
    no_change: bool = False
    corrects: bool = False
    retracted_since: bool = False
    text: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One item that stands otherwise than in the report before."""

    reference: str
    kind: str
    title: str
    link: str
    direction: str
    status_before: str
    status_after: str


@dataclass(frozen=True, slots=True)
class Listing:
    """The first LIMIT rows of a list, and how many there are in truth."""

    total: int
    rows: list[Any] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Changes(Listing):
    """What changed since the report before; `since` is its number, empty where there is none."""

    since: str = ""
    counts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Head:
    """What the report is of; its number is added when it is frozen."""

    definition: str
    title: str
    period: str
    label: str
    start: str
    end: str
    cut_off: str
    extra: bool
    themes: list[str]
    number: str = ""
    demo: bool = False  # what it counts was invented


@dataclass(frozen=True, slots=True)
class Totals:
    """The figures of the head."""

    items: dict[str, int]
    published: int
    no_change: int
    opening: int
    retracted: int
    new: int
    overdue: int
    stagnant: int
    milestones: int
    unknown_dates: int
    unknown_milestones: int


@dataclass(frozen=True, slots=True)
class Tables:
    """A whole report."""

    head: Head
    totals: Totals
    themes: dict[str, list[ThemeRow]]
    overall: dict[str, ThemeRow]
    changes: Changes
    published: Listing
    retracted: Listing
    new: Listing
    overdue: Listing
    stagnant: Listing
    milestones: Listing
    horizon_days: int
    limit: int = LIMIT
    schema: int = SCHEMA

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Order:
    """What to build: a definition's words, the period's days and the moment of the cut-off."""

    head: Head
    began_at: dt.datetime
    cut_off: dt.datetime
    theme_ids: frozenset[int] | None

    @property
    def day(self) -> dt.date:
        """The day (UTC) with which dates are compared: at midnight the day that begins."""
        return self.cut_off.astimezone(dt.UTC).date()
