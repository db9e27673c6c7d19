"""A snapshot as PDF: the same sections as the page, drawn by typst in a child process with limits."""

from __future__ import annotations

import datetime as dt
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from brics_tracker.core.children import ChildFailed, ChildStopped, Limits, never, run_function

from . import words
from .layout import Cell, Column, Section, sections

log = logging.getLogger(__name__)

# A tagged table of 10,000 rows takes more than a gigabyte; what is left out is in the CSV, and the page says so.
ROWS = 2500
LIMITS = Limits(memory_mb=2048, cpu_seconds=120, wall_seconds=240, output_mb=50)
TEMPLATE = Path(__file__).with_name("progress.typ")
FONT_PACKAGES = ("fontpkg_noto_sans", "fontpkg_noto_sans_arabic", "fontpkg_noto_sans_devanagari")
# Shares of the width; 0 is as wide as its words.
WIDTHS = {"title": 4.6, "text": 2.8, "status": 2.1, "proof": 0, "date": 0, "number": 0, "name": 0}


@dataclass(frozen=True, slots=True)
class Drawing:
    """A PDF, and the scripts in its text that no font was found for."""

    content: bytes
    missing_scripts: list[str]

    @property
    def note(self) -> str:
        """What the reader of the file is told; "" where all could be drawn."""
        return _missing() % {"scripts": ", ".join(self.missing_scripts), "mark": "[…]"} if self.missing_scripts else ""


def draw(tables: Mapping[str, Any], *, should_stop: Callable[[], bool] = never) -> Drawing:
    """The report as a tagged PDF (PDF/UA-1); the same tables give the same bytes.

    Raises ValidationError with the reason where it cannot be drawn within its limits, ChildStopped where
    nobody waits for it any more.
    """
    try:
        answer = run_function(
            "reports.renderers.typst_child:draw", payload(tables), limits=LIMITS, should_stop=should_stop
        )
    except ChildStopped:
        raise
    except ChildFailed as problem:
        raise ValidationError(_("The PDF could not be drawn. %(reason)s") % {"reason": problem}) from problem
    head, content = answer.split(b"\n", 1)
    missing = json.loads(head)["missing"]
    if missing:
        log.warning("report %s: no font for %s", tables["head"]["number"], ", ".join(missing))
    return Drawing(content, missing)


def payload(tables: Mapping[str, Any]) -> dict[str, Any]:
    """All that the child needs, as JSON-able values."""
    cut_off = dt.datetime.fromisoformat(tables["head"]["cut_off"])
    return {
        "template": str(TEMPLATE),
        "font_paths": [str(folder) for folder in font_folders()],
        "timestamp": int(cut_off.timestamp()),
        "missing": _missing(),
        "data": document(tables),
    }


def font_folders() -> list[Path]:
    """Folders of the fonts that are installed as packages, and those that FONT_DIRS names."""
    packaged = [import_module(name).ROOT / "files" for name in FONT_PACKAGES]
    return [*packaged, *settings.FONT_DIRS]


def document(tables: Mapping[str, Any]) -> dict[str, Any]:
    """The report as the template reads it."""
    head = tables["head"]
    return {
        "lang": (get_language() or "en").split("-")[0],
        "site": _("BRICS Tracker"),
        "title": words.visible(head["title"]),
        "number": head["number"],
        "description": _("Progress report %(number)s for %(label)s")
        % {"number": head["number"], "label": head["label"]},
        "footer": _footer(head),
        "facts": [list(fact) for fact in words.facts(tables)],
        "lede": words.lede(tables),
        "notes_title": _("How to read this"),
        "notes": words.notes(tables),
        "sections": [_section(section, rows) for section, rows in _within_budget(sections(tables))],
    }


def _footer(head: Mapping[str, Any]) -> str:
    cut_off = _("Cut-off %(moment)s") % {"moment": words.moment(head["cut_off"])}
    return f"{cut_off} · {_('Demonstration: its figures are invented')}" if words.is_demo(head) else cut_off


def _within_budget(drawn: list[Section]) -> list[tuple[Section, int]]:
    """How many rows of each section are drawn: all while they fit, else the longest lists are cut, evenly."""
    left = ROWS
    allowed: dict[str, int] = {}
    for place, section in enumerate(sorted(drawn, key=lambda section: len(section.rows))):
        allowed[section.key] = min(len(section.rows), left // (len(drawn) - place))
        left -= allowed[section.key]
    return [(section, allowed[section.key]) for section in drawn]


def _section(section: Section, rows: int) -> dict[str, Any]:
    shortened = "" if section.has_sum else words.shortened(rows, section.total)
    if shortened:
        shortened = f"{shortened} {_('The CSV and JSON of the report hold up to %(n)s.') % {'n': words.whole(ROWS)}}"
    return {
        "title": section.title,
        "intro": section.intro,
        "empty": section.empty,
        "shortened": shortened,
        "has_sum": section.has_sum,
        "columns": [{"label": c.label, "kind": c.kind, "turned": c.turned} for c in section.columns],
        "widths": _widths(section.columns),
        "rows": [[_cell(cell) for cell in row] for row in section.rows[:rows]],
    }


def _widths(columns: list[Column]) -> list[float | str]:
    if any(column.turned for column in columns):
        return [1 if column.turned else 5 for column in columns]
    return [WIDTHS[column.kind] or "auto" for column in columns]


def _cell(cell: Cell) -> dict[str, str]:
    """Only what the cell has: the template asks by name."""
    drawn = {"text": words.visible(cell.text)}
    for name in ("status", "proof", "below", "mark"):
        value = getattr(cell, name)
        if value:
            drawn[name] = words.visible(value)
    if cell.link:
        drawn["link"] = settings.SITE_URL + cell.link
    return drawn


def _missing() -> str:
    return _(
        "No font for: %(scripts)s. Text in these scripts is shown as %(mark)s here; the report's page shows it. "
        "An operator can add fonts with FONT_DIRS."
    )
