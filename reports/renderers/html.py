"""A snapshot as HTML: ready rows, so that a template's loop stays short however long the lists are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language_bidi

from brics_tracker.core.pseudo import language_of_words
from brics_tracker.core.templatetags.ui import proof_html, status_html, visible_html

from . import words
from .layout import Cell, Column, Section, sections
from .words import DASH

STYLES = ("tokens.css", "base.css", "components.css")


@dataclass(frozen=True, slots=True)
class Drawn:
    """A section with its rows as HTML."""

    section: Section
    rows: SafeString


def context_of(tables: Mapping[str, Any]) -> dict[str, Any]:
    """What templates/reports/_report.html draws, from the snapshot alone."""
    return {
        "head": tables["head"],
        "facts": words.facts(tables),
        "lede": words.lede(tables),
        "notes": words.notes(tables),
        "sections": [Drawn(section, _rows_html(section)) for section in sections(tables)],
    }


def page(tables: Mapping[str, Any]) -> bytes:
    """The report as a file of its own, to be opened without the site; its links lead to the site."""
    styles = [Path(settings.BASE_DIR, "static", "css", name) for name in STYLES]
    css = "\n".join(path.read_text() for path in styles if path.exists())
    context = context_of(tables) | {
        "site": settings.SITE_URL,
        "language": language_of_words(),
        "direction": "rtl" if get_language_bidi() else "ltr",
        # A file that is opened alone has no stylesheet beside it; the text is ours, from static/css.
        "style": format_html("<style>{}</style>", mark_safe(css)),  # noqa: S308
    }
    html = render_to_string("reports/report_file.html", context)
    return html.replace('<a href="/', f'<a href="{settings.SITE_URL}/').encode()


def _rows_html(section: Section) -> SafeString:
    classes = [format_html('{} data-label="{}"', _class_of(column), column.label) for column in section.columns]
    last = len(section.rows) - 1 if section.has_sum else -1
    return format_html_join(
        "\n",
        "<tr{}>{}</tr>",
        (
            (SafeString(' class="sum"' if place == last else ""), _cells_html(row, classes))
            for place, row in enumerate(section.rows)
        ),
    )


def _cells_html(row: list[Cell], classes: list[SafeString]) -> SafeString:
    first, *rest = row
    cells = [format_html('<th scope="row"{}>{}</th>', classes[0], _cell_html(first))]
    cells += [format_html("<td{}>{}</td>", css, _cell_html(cell)) for cell, css in zip(rest, classes[1:], strict=True)]
    return mark_safe("".join(cells))  # noqa: S308 - each is safe


def _class_of(column: Column) -> SafeString:
    return SafeString({"number": ' class="num"', "name": ' class="ref"'}.get(column.kind, ""))


def _cell_html(cell: Cell) -> SafeString:
    """What stands in a cell; text of people is shown in a direction of its own."""
    if cell.status_before:
        drawn = format_html("{} → {}", status_html(cell.status_before), status_html(cell.status))
    elif cell.status:
        drawn = status_html(cell.status)
    elif cell.proof:
        drawn = proof_html(cell.proof)
    elif cell.link:
        drawn = format_html('<a href="{}"><bdi>{}</bdi></a>', cell.link, cell.text)
    else:
        drawn = SafeString(DASH) if cell.text == DASH else visible_html(cell.text)
    if cell.mark:
        drawn = format_html('{}<br><span class="late small">{}</span>', drawn, cell.mark)
    if cell.below:
        drawn = format_html('{}<br><span class="mute small">{}</span>', drawn, visible_html(cell.below))
    return drawn
