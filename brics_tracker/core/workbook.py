"""Writes an XLSX file in flat memory. Also runs in a child process, so it imports nothing of the project.

Text is written as text, never as a formula; text that begins like one is marked so that a spreadsheet keeps it text
when its cell is edited.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import IO, Any

import orjson

# What a spreadsheet takes for the beginning of a formula or a command; also the full-width forms.
DANGEROUS = frozenset("=+-@\t\r\n＝＋－＠")
MAX_ROWS = 1_048_575  # of Excel, less the head
# Each link is kept in memory until the end; Excel itself takes no more than 65,530. Further addresses are plain text.
LINKED_ROWS = 10_000
MEASURED_ROWS = 200
NARROWEST, WIDEST = 6, 60
# Not allowed in XML at all; line ends become those of a cell.
_BROKEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_LINE_ENDS = re.compile(r"\r\n?")
_FORBIDDEN_IN_TITLES = re.compile(r"[\[\]:*?/\\]|^'|'$")

# A cell: text, a number, yes or no, nothing, or a day ([days]) or moment ([days, 1]) counted from 1899-12-30.
Cell = str | float | bool | None | list[float]


def make(payload: dict[str, Any]) -> bytes:
    """In a child process: the rows of the file payload["rows"], a JSON array a line, into the file payload["out"]."""
    with open(payload["rows"], "rb") as lines, open(payload["out"], "wb") as out:  # noqa: PTH123 - paths of the parent
        write(out, payload["plan"], map(orjson.loads, lines))
    return b""


def write(out: IO[bytes], plan: dict[str, Any], rows: Iterable[Sequence[Cell]]) -> None:
    """The rows under a frozen head with a filter, and a second sheet that says what they are.

    plan: title, labels, addresses (places of columns that hold links), about (label and cell of each fact), count
    (label), about_title, links_end (what is said where links end), rtl.
    """
    import xlsxwriter  # 8 MB that a process which writes no workbook need not hold

    book = xlsxwriter.Workbook(out, {"constant_memory": True, "nan_inf_to_errors": True})
    sheet = _Sheet(book, _title(plan["title"]), plan)
    for row in rows:
        sheet.add(row)
    sheet.finish()
    _write_about(book, plan, sheet.count)
    book.close()


def clean(text: str) -> str:
    """The text as a cell can hold it."""
    return text if text.isprintable() else _LINE_ENDS.sub("\n", _BROKEN.sub("", text))


def _title(words: str) -> str:
    return _FORBIDDEN_IN_TITLES.sub(" ", words).strip()[:31] or "Data"


class _Sheet:
    """The sheet of the rows."""

    def __init__(self, book: Any, title: str, plan: dict[str, Any]) -> None:
        self.sheet = book.add_worksheet(title)
        self.head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        self.days = [
            None,
            book.add_format({"num_format": "yyyy-mm-dd", "align": "left"}),
            book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss", "align": "left"}),
        ]
        self.quoted = book.add_format({"quote_prefix": True})
        self.addresses = frozenset(plan["addresses"])
        self.widths = [len(label) + 3 for label in plan["labels"]]
        self.count = 0
        if plan["rtl"]:
            self.sheet.right_to_left()
        for place, label in enumerate(plan["labels"]):
            self.sheet.write_string(0, place, clean(label), self.head)

    def add(self, row: Sequence[Cell]) -> None:
        self.count += 1
        if self.count > MAX_ROWS:
            raise OverflowError(f"a sheet holds {MAX_ROWS} rows")
        sheet, line = self.sheet, self.count
        for place, cell in enumerate(row):
            if isinstance(cell, str):
                self._add_text(line, place, cell)
            elif isinstance(cell, list):
                sheet.write_number(line, place, cell[0], self.days[len(cell)])
            elif isinstance(cell, bool):
                sheet.write_boolean(line, place, cell)
            elif cell is not None:
                sheet.write_number(line, place, cell)
        if line <= MEASURED_ROWS:
            self.widths = [max(each) for each in zip(self.widths, map(_width, row), strict=True)]

    def _add_text(self, line: int, place: int, text: str) -> None:
        text = clean(text)
        if place in self.addresses and line <= LINKED_ROWS and text.startswith(("http://", "https://")):
            self.sheet.write_url(line, place, text)
        elif text:
            dangerous = text.lstrip(" ")[:1] in DANGEROUS
            self.sheet.write_string(line, place, text, self.quoted if dangerous else None)

    def finish(self) -> None:
        """What needs to know where the rows end."""
        self.sheet.freeze_panes(1, 0)
        self.sheet.autofilter(0, 0, self.count, len(self.widths) - 1)
        for place, width in enumerate(self.widths):
            self.sheet.set_column(place, place, max(NARROWEST, min(WIDEST, width)))


def _width(cell: Cell) -> int:
    return len(cell) + 1 if isinstance(cell, str) else 11 if isinstance(cell, list) else 0


def _write_about(book: Any, plan: dict[str, Any], count: int) -> None:
    sheet = book.add_worksheet(_title(plan["about_title"]))
    bold = book.add_format({"bold": True, "valign": "top"})
    words = book.add_format({"text_wrap": True, "valign": "top", "align": "left", "quote_prefix": True})
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss", "align": "left"})
    facts: list[tuple[str, Cell]] = [*plan["about"], (plan["count"], count)]
    if count > LINKED_ROWS and plan["addresses"]:
        facts.append(("", plan["links_end"]))
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, 1, 90)
    if plan["rtl"]:
        sheet.right_to_left()
    for line, (label, cell) in enumerate(facts):
        sheet.write_string(line, 0, clean(label), bold)
        if isinstance(cell, str):
            sheet.write_string(line, 1, clean(cell), words)
        elif isinstance(cell, list):
            sheet.write_number(line, 1, cell[0], moment)
        else:
            sheet.write_number(line, 1, cell, words)
