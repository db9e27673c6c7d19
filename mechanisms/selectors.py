"""Mechanisms and meetings as their pages show them: tracks by stage, dates that disagree, a line of years."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count
from django.utils.formats import date_format
from django.utils.translation import override

from brics_tracker.core.partial_dates import first_day, show
from brics_tracker.tracking.choices import ItemKind
from brics_tracker.tracking.models import TrackedItem
from brics_tracker.tracking.selectors import Tie
from brics_tracker.tracking.workflow import WORKFLOWS, Status

from .choices import Track
from .models import Mechanism, Meeting, MeetingDate

if TYPE_CHECKING:
    from brics_tracker.accounts.access import Actor


@dataclass(frozen=True, slots=True)
class Stage:
    """How many mechanisms of a track stand at a status."""

    status: str
    word: str
    number: int


@dataclass(frozen=True, slots=True)
class TrackRow:
    """One track with its stages, in the order of the workflow."""

    track: str
    word: str
    number: int
    stages: Sequence[Stage]


def tracks_by_stage(user: Actor) -> list[TrackRow]:
    """Current mechanisms by track and status; one query."""
    items = TrackedItem.objects.visible_to(user).published().current().filter(item_kind=ItemKind.MECHANISM)
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    for track, status, number in (
        items.order_by().values_list("mechanism__track", "status").annotate(number=Count("pk")).order_by()
    ):
        counts[track][status] = number
    return [
        TrackRow(
            track,
            str(Track(track).label),
            sum(counts[track].values()),
            [Stage(s, str(Status(s).label), counts[track].get(s, 0)) for s in WORKFLOWS[ItemKind.MECHANISM].statuses],
        )
        for track in Track.values
    ]


@dataclass(frozen=True, slots=True)
class DateClaim:
    """What one source says of a meeting's dates."""

    text: str
    source: str
    note: str
    preferred: bool


@dataclass(frozen=True, slots=True)
class MeetingRow:
    """A meeting with every date that a source gives it."""

    meeting: Meeting
    claims: Sequence[DateClaim]

    @property
    def when(self) -> str:
        return span(self.meeting.started, self.meeting.ended)

    @property
    def area(self) -> str:
        """Its area, where that says more than its kind."""
        return "" if self.meeting.area.lower() == self.meeting.kind else self.meeting.area

    @property
    def mechanism(self) -> TrackedItem | None:
        """The item of its mechanism, once that is public."""
        item = self.meeting.mechanism.item if self.meeting.mechanism else None
        return item if item and item.is_published else None

    @property
    def disagree(self) -> bool:
        """Two sources name different dates: both are shown."""
        return len({claim.text for claim in self.claims}) > 1


def meeting_rows(meetings: Iterable[Meeting]) -> list[MeetingRow]:
    """The meetings with their date claims; `dates` of each should be prefetched."""
    return [MeetingRow(meeting, [_claim(date) for date in meeting.dates.all()]) for meeting in meetings]


def _claim(date: MeetingDate) -> DateClaim:
    return DateClaim(span(date.started, date.ended), date.source, date.note, date.preferred)


def span(started: str, ended: str) -> str:
    """From one partial date to another, as people write it; one date where they are equal."""
    if not ended or ended == started:
        return show(started)
    return f"{show(started)} – {show(ended)}"


def meetings_of(mechanism: Mechanism) -> list[MeetingRow]:
    """The mechanism's sessions, newest first; two queries."""
    found = mechanism.meetings.select_related("chair").prefetch_related("dates").order_by("-started", "title")
    return meeting_rows(found)


def founding_of(mechanism: Mechanism) -> str:
    """When and at what it was founded, the date said once; "" where neither is known."""
    founded, event = show(mechanism.founded), mechanism.founding_event
    if founded and event:
        # Events are told as their source does, mostly in English and with the month written out.
        with override("en"):
            day = first_day(mechanism.founded)
            written = date_format(day, {4: "Y", 7: "F Y", 10: "j F Y"}[len(mechanism.founded)])
        if founded in event or written in event:
            return event
    return ", ".join(filter(None, (founded, event)))


@dataclass(frozen=True, slots=True)
class Lineage:
    """Where a mechanism comes from and what came of it, taken from its ties."""

    parents: Sequence[Tie]
    children: Sequence[Tie]
    predecessors: Sequence[Tie]
    successors: Sequence[Tie]

    def __bool__(self) -> bool:
        return bool(self.parents or self.children or self.predecessors or self.successors)


def lineage_of(ties: Sequence[Tie]) -> Lineage:
    """The ties to other mechanisms that make a family."""

    def among(kind: str, *, outward: bool) -> list[Tie]:
        return [
            tie for tie in ties if tie.kind == kind and tie.outward is outward and tie.item_kind == ItemKind.MECHANISM
        ]

    return Lineage(
        parents=among("part_of", outward=True),
        children=among("part_of", outward=False),
        predecessors=among("succeeds", outward=True),
        successors=among("succeeds", outward=False),
    )


@dataclass(frozen=True, slots=True)
class YearDot:
    """A meeting on the line of years; x runs from 0 to 100."""

    x: float
    row: MeetingRow


@dataclass(frozen=True, slots=True)
class Years:
    """The line: its marks and its dots. Empty where no meeting has a date."""

    marks: Sequence[tuple[float, int]]
    dots: Sequence[YearDot]

    def __bool__(self) -> bool:
        return bool(self.dots)


def years_of(rows: Sequence[MeetingRow]) -> Years:
    """Meetings set on a line of whole years, oldest first."""
    dated = sorted((row for row in rows if row.meeting.started), key=lambda row: row.meeting.started)
    if not dated:
        return Years([], [])
    first, last = int(dated[0].meeting.started[:4]), int(dated[-1].meeting.started[:4]) + 1
    start, length = first_day(str(first)), (first_day(str(last)) - first_day(str(first))).days
    step = max((last - first + 9) // 10, 1)

    def place(started: str) -> float:
        return round((first_day(started) - start).days * 100 / length, 2)

    marks = [(place(str(year)), year) for year in range(first, last, step)]
    return Years(marks, [YearDot(place(row.meeting.started), row) for row in dated])
