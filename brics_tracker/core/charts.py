"""Charts drawn on the server as SVG: they print, need no script, and go unchanged into files.

Colours are attributes, not styles, so that a strict content policy and every renderer take them. On a page they are
the page's own (light or dark); `standalone=True` puts in the light ones of tokens.css, for files.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _

_TOKEN = re.compile(r"--(?P<name>[\w-]+):\s*light-dark\((?P<light>#[0-9a-f]{6}),\s*(?P<dark>#[0-9a-f]{6})\)")
_GAP = 0.35


@lru_cache(maxsize=1)
def tokens() -> dict[str, tuple[str, str]]:
    """Every colour of tokens.css as (light, dark), by its name without the dashes."""
    text = (settings.BASE_DIR / "static" / "css" / "tokens.css").read_text(encoding="utf-8")
    return {found["name"]: (found["light"], found["dark"]) for found in _TOKEN.finditer(text)}


def paint(token: str, *, standalone: bool = False) -> str:
    """A colour as an attribute's value."""
    return tokens()[token][0] if standalone else f"var(--{token})"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a whole: a token's name for its colour, a word, a number."""

    token: str
    label: str
    number: int


def status_parts(statuses: Sequence[tuple[str, str, int]]) -> list[Part]:
    """(status, word, number) as parts in their colours; empty ones are left out."""
    return [Part(f"s-{status}", word, number) for status, word, number in statuses if number]


def stacked_bar(parts: Sequence[Part], *, standalone: bool = False) -> SafeString:
    """The parts side by side on one bar as wide as its place; what it shows is said in words to who cannot see it."""
    total = sum(part.number for part in parts)
    if not total:
        return SafeString("")
    words = ", ".join(_("%(label)s %(number)d") % {"label": part.label, "number": part.number} for part in parts)
    rows = []
    start = 0.0
    for part in parts:
        width = part.number / total * 100
        gap = _GAP if len(parts) > 1 else 0
        colour = paint(part.token, standalone=standalone)
        rows.append((f"{start:.2f}%", f"{max(width - gap, 0.5):.2f}%", colour, part.label, part.number))
        start += width
    shapes = format_html_join("", '<rect x="{}" width="{}" height="100%" fill="{}"><title>{}: {}</title></rect>', rows)
    size = SafeString(' xmlns="http://www.w3.org/2000/svg" width="240" height="16"' if standalone else "")
    return format_html('<svg class="chart bars"{} role="img" aria-label="{}">{}</svg>', size, words, shapes)


def sparkline(numbers: Sequence[int], label: str, *, standalone: bool = False) -> SafeString:
    """A column for each number, oldest first; none where nothing was counted at all."""
    if not numbers:
        return SafeString("")
    top = max(max(numbers), 1)
    colour = paint("fill", standalone=standalone)
    rows = []
    for place, number in enumerate(numbers):
        height = max(round(number / top * 17, 1), 1.0)
        rows.append((place * 7, 18 - height, height, colour))
    shapes = format_html_join("", '<rect x="{}" y="{}" width="5" height="{}" fill="{}"/>', rows)
    space = SafeString(' xmlns="http://www.w3.org/2000/svg"' if standalone else "")
    words = _("%(label)s: %(numbers)s") % {"label": label, "numbers": ", ".join(str(number) for number in numbers)}
    width = len(numbers) * 7
    return format_html(
        '<svg class="chart spark"{} viewBox="0 0 {} 18" width="{}" height="18" role="img" aria-label="{}">{}</svg>',
        space, width, width, words, shapes,
    )  # fmt: skip


# --- lines of time --------------------------------------------------------------------------------------
_MARKS = {  # 12 by 12 around 0, 0; {colour}, {paper}
    "completed": '<circle r="6" fill="{colour}"/><path d="M-2.8 .2l2 2 3.6-4.2" fill="none" stroke="{paper}" stroke-width="1.6"/>',
    "overdue": '<path d="M0-7.5L7.5 0 0 7.5-7.5 0Z" fill="{colour}"/><path d="M0-3.6V.9M0 2.4V4" stroke="{paper}" stroke-width="1.7"/>',
    "open": '<circle r="5.2" fill="{paper}" stroke="{colour}" stroke-width="1.8"/>',
    "unconfirmed": '<circle r="5.2" fill="{paper}" stroke="{colour}" stroke-width="1.5" stroke-dasharray="2 1.9"/>',
    "target": '<path d="M-3 7V-7H5L2.5-4.2 5-1.4H-3" fill="{paper}" stroke="{colour}" stroke-width="1.5"/>',
}  # fmt: skip
_MARK_COLOURS = {"completed": "done", "overdue": "error", "open": "accent", "unconfirmed": "edge", "target": "ink"}


@dataclass(frozen=True, slots=True)
class TimeMark:
    """Something at a day: `shape` is a key of _MARKS. `stops`: the days at which it stood, oldest first."""

    day: dt.date
    shape: str
    words: str
    stops: Sequence[dt.date] = ()


@dataclass(frozen=True, slots=True)
class Tick:
    """A day that the axis names ("" draws a line alone)."""

    day: dt.date
    label: str = ""


@dataclass(frozen=True, slots=True)
class Stretch:
    """The time that is drawn: from `start` until before `end`, with its ticks, and the day it is (None: left out)."""

    start: dt.date
    end: dt.date
    ticks: Sequence[Tick] = ()
    today: dt.date | None = None

    @property
    def last(self) -> dt.date:
        """The last day that is drawn."""
        return self.end - dt.timedelta(days=1)

    def holds(self, day: dt.date) -> bool:
        return self.start <= day < self.end

    def place(self, day: dt.date) -> str:
        """Where a day stands, in percent from the left, held at the ends; mirrored where one reads from the right."""
        share = (day - self.start).days / (self.end - self.start).days
        share = min(max(share, 0.0), 1.0)
        return f"{(1 - share if get_language_bidi() else share) * 100:.2f}%"


def mark_html(shape: str, *, standalone: bool = False) -> SafeString:
    """One mark alone, for a legend."""
    return format_html(
        '<svg class="time-mark" viewBox="-8 -8 16 16" aria-hidden="true">{}</svg>', _drawn(shape, standalone)
    )


def time_axis(stretch: Stretch, *, standalone: bool = False) -> SafeString:
    """The names of the ticks over lines of time; what they say is said in words beside the lines."""
    ink, faint = paint("ink-2", standalone=standalone), paint("line", standalone=standalone)
    beside = -4 if get_language_bidi() else 4  # text starts where the page's does
    shapes = format_html_join(
        "",
        '<svg x="{}" overflow="visible"><path d="M0 2V22" stroke="{}"/><text x="{}" y="15" fill="{}">{}</text></svg>',
        ((stretch.place(tick.day), faint, beside, ink, tick.label) for tick in stretch.ticks),
    )
    return format_html('<svg class="chart time-axis" height="22" width="100%" aria-hidden="true">{}</svg>', shapes)


def time_line(marks: Sequence[TimeMark], stretch: Stretch, *, standalone: bool = False) -> SafeString:
    """Marks on one line of time, each with the trail of where it stood before; said in words to who cannot see it."""
    faint, accent = paint("line", standalone=standalone), paint("accent", standalone=standalone)
    grid = format_html_join(
        "",
        '<line x1="{0}" x2="{0}" y1="0" y2="26" stroke="{1}"/>',
        ((stretch.place(t.day), faint) for t in stretch.ticks),
    )
    now = SafeString("")
    if stretch.today and stretch.holds(stretch.today):
        now = format_html(
            '<line class="today" x1="{0}" x2="{0}" y1="0" y2="26" stroke="{1}" stroke-width="1.5"/>',
            stretch.place(stretch.today), accent,
        )  # fmt: skip
    shown = [mark for mark in marks if stretch.holds(mark.day)]
    trails = format_html_join("", "{}", ((_trail(mark, stretch, standalone),) for mark in marks if mark.stops))
    drawn = format_html_join(
        "", '<svg x="{}" y="13" overflow="visible"><title>{}</title>{}</svg>',
        ((stretch.place(mark.day), mark.words, _drawn(mark.shape, standalone)) for mark in shown),
    )  # fmt: skip
    words = "; ".join(mark.words for mark in shown) or _("nothing in this time")
    space = SafeString(' xmlns="http://www.w3.org/2000/svg"' if standalone else "")
    return format_html(
        '<svg class="chart time-line"{} height="26" width="100%" role="img" aria-label="{}">{}{}{}{}</svg>',
        space, words, grid, now, trails, drawn,
    )  # fmt: skip


def _drawn(shape: str, standalone: bool) -> SafeString:
    """A mark of ours in its colour."""
    colour, paper = paint(_MARK_COLOURS[shape], standalone=standalone), paint("paper", standalone=standalone)
    return format_html(_MARKS[shape], colour=colour, paper=paper)


def _trail(mark: TimeMark, stretch: Stretch, standalone: bool) -> SafeString:
    """From the day at which it first stood to the last one, a stroke for each; on to where it is, dotted."""
    days = [*mark.stops]
    if max(*days, mark.day) < stretch.start or min(*days, mark.day) >= stretch.end:
        return SafeString("")
    colour = paint("s-stalled", standalone=standalone)
    lines = [(min(days), max(days), "0"), *([(days[-1], mark.day, "1 3")] if mark.day != days[-1] else [])]
    path = format_html_join(
        "", '<line x1="{}" x2="{}" y1="13" y2="13" stroke="{}" stroke-width="2" stroke-dasharray="{}"/>',
        ((stretch.place(a), stretch.place(b), colour, dash) for a, b, dash in lines),
    )  # fmt: skip
    stops = format_html_join(
        "", '<line x1="{0}" x2="{0}" y1="8" y2="18" stroke="{1}" stroke-width="2"/>',
        ((stretch.place(day), colour) for day in days if stretch.holds(day)),
    )  # fmt: skip
    return SafeString(path + stops)
