"""A list's columns as a page shows them: which are chosen, what is read for them, rows joined before a template runs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.utils import formats
from django.utils.html import conditional_escape, escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import pgettext

from .rows import Links, Many, Row, read_rows
from .templatetags.ui import dash_html, date_html, moment_html, visible_html

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from .export import Column

EVERY = "all"


@dataclass(frozen=True, slots=True)
class Cell:
    """How a column looks on a page, where that is more than its value in words.

    draw: text or safe markup of a row (a dictionary); `reads` and `many`: what it needs of the row. `head`: a shorter heading;
    `sort`: by what name the list sorts by it, where that is not the column's key; `names_row`: it heads its row.
    """

    draw: Callable[[Row], str]
    reads: tuple[str, ...] = ()
    many: tuple[Many | Links, ...] = ()
    head: StrOrPromise = ""
    sort: str = ""
    css: str = ""
    names_row: bool = False


@dataclass(frozen=True, slots=True)
class Head:
    """The heading of a shown column."""

    key: str
    label: str
    sort: str
    css: str


@dataclass(frozen=True, slots=True)
class Choice:
    """Which columns a page shows, of those that its list has; `unknown`: what was asked for and is none of them."""

    shown: Sequence[Column]
    others: Sequence[Column]
    always: Sequence[str]
    unknown: Sequence[str]
    asked_all: bool = False

    @property
    def keys(self) -> str:
        """As an address says it."""
        return ",".join(column.key for column in self.shown)

    @property
    def heads(self) -> list[Head]:
        return [_head(column) for column in self.shown]


def choose_columns(
    columns: Sequence[Column], asked: Iterable[str], usual: Sequence[str] = (), always: Sequence[str] = ()
) -> Choice:
    """The columns asked for (`columns=status,owner` or one at a time), in that order, behind those that always stand.

    Nothing asked: the usual ones, or where a list names none, all. "all" asks for every column of a page.
    """
    words = [word for text in asked for word in text.split(",") if word]
    known = {column.key: column for column in columns if not column.is_address}
    wanted = list(known) if EVERY in words else words or list(usual) or list(known)
    keys = [key for key in dict.fromkeys((*always, *wanted)) if key in known]
    return Choice(
        shown=[known[key] for key in keys],
        others=[column for key, column in known.items() if key not in keys],
        always=always,
        unknown=[word for word in dict.fromkeys(words) if word not in known and word != EVERY],
        asked_all=EVERY in words,
    )


def _head(column: Column) -> Head:
    cell = column.cell
    label = str((cell and cell.head) or column.label)
    return Head(column.key, label, (cell and cell.sort) or column.key, cell.css if cell else "")


def read_cells(queryset: QuerySet[Any], columns: Sequence[Column], more: Sequence[str] = ()) -> list[Row]:
    """One page's rows with `cells`, their table cells as one string; nothing is read that is not shown, but for `more`."""
    paths: list[str] = list(more)
    many: dict[str, Many | Links] = {}
    for column in columns:
        part = column.cell
        paths += part.reads if part else column.value_paths
        many |= {each.key: each for each in (part.many if part else column.many)}
    rows = read_rows(queryset, paths, many.values())
    painters = [_painter(column) for column in columns]
    for row in rows:
        row["cells"] = SafeString(
            "".join([f"{start}{conditional_escape(draw(row))}{end}" for start, draw, end in painters])
        )
    return rows


def _painter(column: Column) -> tuple[str, Callable[[Row], str], str]:
    """What stands before a column's cells, what draws them, what stands after."""
    cell, head = column.cell, _head(column)
    css = f' class="{head.css}"' if head.css else ""
    if cell and cell.names_row:
        return f'<th scope="row"{css}>', cell.draw, "</th>"
    label = "" if head.css == "ref" else f' data-label="{escape(head.label)}"'
    if cell:
        return f"<td{label}{css}>", cell.draw, "</td>"
    return f"<td{label}{css}>", _in_words(column), "</td>"


def _in_words(column: Column) -> Callable[[Row], str]:
    value = column.value
    if isinstance(value, str):
        path = value
        return lambda row: value_html(row[path])
    return lambda row: value_html(value(row))


def value_html(value: object) -> SafeString:
    """A plain value as people read it; a dash for none, which is never 0."""
    if value is None or value == "" or value == []:
        return dash_html()
    return next((draw(value) for kind, draw in _DRAWN.items() if isinstance(value, kind)), visible_html(value))


def _number(value: Any) -> SafeString:
    plain = (
        value.normalize() if isinstance(value, Decimal) and value % 1 else int(value) if value == int(value) else value
    )
    return escape(formats.localize(plain))


def _listed(values: Any) -> SafeString:
    return SafeString(escape(pgettext("between names in a list", ", ")).join(visible_html(each) for each in values))


def _long_text(text: Any) -> SafeString:
    """Text of any length, which a narrow column shows in its first lines."""
    shown = visible_html(text)
    return format_html('<span class="clamp">{}</span>', shown) if len(text) > 60 else shown


# In this order: a boolean is a number, a moment is a day.
_DRAWN: Mapping[type, Callable[[Any], SafeString]] = {
    bool: lambda value: escape(pgettext("a switch", "yes") if value else pgettext("a switch", "no")),
    dt.datetime: moment_html,
    dt.date: date_html,
    int: _number,
    float: _number,
    Decimal: _number,
    list: _listed,
    str: _long_text,
}
