"""Charts drawn on the server as SVG: they print, need no script, and go unchanged into files.

Colours are attributes, not styles, so that a strict content policy and every renderer take them. On a page they are
the page's own (light or dark); `standalone=True` puts in the light ones of tokens.css, for files.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
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
