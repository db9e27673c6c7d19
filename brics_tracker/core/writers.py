"""The formats of a file: CSV, JSON and XLSX, each written piece by piece in flat memory.

Another format is another class here and nothing elsewhere.
"""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import io
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from types import NoneType
from typing import Any, ClassVar

import orjson
from django.core.exceptions import ValidationError
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _

from . import workbook
from .children import ChildFailed, ChildStopped, Limits, run_function
from .tables import Table
from .workbook import DANGEROUS, Cell

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_BLOCK = 64 * 1024


class Writer:
    """Turns a table into the bytes of a file."""

    content_type: ClassVar[str]
    extension: ClassVar[str]
    # As many as are written within a few seconds; a list with more of them is made in the background.
    cells_at_once: ClassVar[int]
    max_rows: ClassVar[int | None] = None

    def write(self, table: Table) -> Iterator[bytes]:
        """The file piece by piece, as the rows are read."""
        raise NotImplementedError

    def make(self, table: Table, path: Path, should_stop: Callable[[], bool]) -> None:
        """The whole file at a path, for whoever comes for it later."""
        with path.open("wb") as out:
            out.writelines(self.write(table))


# --- CSV --------------------------------------------------------------------------------------------


class CsvWriter(Writer):
    """RFC 4180 in UTF-8 with a byte order mark, without which Excel reads another alphabet."""

    content_type = "text/csv; charset=utf-8"
    extension = "csv"
    cells_at_once = 5_000_000

    def write(self, table: Table) -> Iterator[bytes]:
        buffer = io.StringIO(newline="")
        writer = csv.writer(buffer, lineterminator="\r\n")
        yield codecs.BOM_UTF8
        writer.writerow([neutralise_cell(heading.label) for heading in table.headings])
        for chunk in table.chunks:
            writer.writerows(zip(*map(_csv_cells, chunk), strict=True))
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
        yield buffer.getvalue().encode()


# What the csv module writes as it should stand: nothing for None, a day as 2030-01-02.
_PLAIN = frozenset({int, float, Decimal, dt.date, NoneType})
_SUSPECT = DANGEROUS | {" "}


def _csv_cells(cells: Sequence[object]) -> Sequence[object]:
    """A column's cells as they may be written; most columns hold nothing to see to."""
    if list in (kinds := set(map(type, cells))):
        cells = ["; ".join(cell) if type(cell) is list else cell for cell in cells]
        kinds = set(map(type, cells))
    if kinds <= _PLAIN or (kinds == {str} and _is_harmless(set(cells))):  # type: ignore[arg-type]
        return cells
    return [cell if type(cell) in _PLAIN else neutralise_cell(cell) for cell in cells]


def _is_harmless(texts: set[str]) -> bool:
    return _SUSPECT.isdisjoint([text[:1] for text in texts]) and "".join(texts).isprintable()


def neutralise_cell(value: object) -> object:
    """A value as a cell that no spreadsheet runs: numbers stay numbers, text that begins like a formula is quoted."""
    if value is None:
        return ""
    if isinstance(value, str):
        text = value if value.isprintable() else _CONTROL.sub("", value)
        return f"'{text}" if text.lstrip(" ")[:1] in DANGEROUS else text
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        return value
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, list):
        return neutralise_cell("; ".join(value))
    return neutralise_cell(str(value))


# --- JSON -------------------------------------------------------------------------------------------


class JsonWriter(Writer):
    """{"rows": [{…}, …], "about": {…}}: codes under a column's own name, words under its name and `_name`."""

    content_type = "application/json"
    extension = "json"
    cells_at_once = 5_000_000

    def write(self, table: Table) -> Iterator[bytes]:
        keys = [heading.key for heading in table.headings]
        count = 0
        yield b'{"rows": ['
        for chunk in table.chunks:
            rows = [dict(zip(keys, row, strict=True)) for row in zip(*chunk, strict=True)]
            yield (b",\n" if count else b"\n") + b",\n".join(map(_json, rows))
            count += len(rows)
        about = {name: value for name, _label, value in table.about.facts()} | {"count": count}
        yield b'\n], "about": ' + _json(about) + b"}\n"


def _json(value: object) -> bytes:
    return orjson.dumps(value, default=_jsonable, option=orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS)


def _jsonable(value: object) -> float | str:
    return float(value) if isinstance(value, Decimal) else str(value)


# --- XLSX -------------------------------------------------------------------------------------------


class XlsxWriter(Writer):
    """Typed cells under a frozen head with a filter, addresses as links, and a sheet that says what the file is."""

    content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    extension = "xlsx"
    cells_at_once = 400_000
    max_rows = workbook.MAX_ROWS
    limits = Limits(memory_mb=512, cpu_seconds=600, wall_seconds=900, output_mb=500)

    def write(self, table: Table) -> Iterator[bytes]:
        with tempfile.TemporaryFile() as out:
            workbook.write(out, _plan(table), _xlsx_rows(table))
            out.seek(0)
            while block := out.read(_BLOCK):
                yield block

    def make(self, table: Table, path: Path, should_stop: Callable[[], bool]) -> None:
        """The rows are read here, the workbook is written by a child process."""
        with tempfile.TemporaryDirectory(prefix="tracker-export-") as folder:
            rows = Path(folder, "rows.jsonl")
            with rows.open("wb") as out:
                out.writelines(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in _xlsx_rows(table))
            payload = {"plan": _plan(table), "rows": str(rows), "out": str(path)}
            try:
                run_function("brics_tracker.core.workbook:make", payload, limits=self.limits, should_stop=should_stop)
            except ChildStopped:
                raise
            except ChildFailed as problem:
                raise ValidationError(
                    _("The workbook could not be made. %(reason)s") % {"reason": problem}
                ) from problem


def _plan(table: Table) -> dict[str, Any]:
    return {
        "title": table.about.title,
        "labels": [heading.label for heading in table.headings],
        "addresses": [place for place, heading in enumerate(table.headings) if heading.is_address],
        "about": [(label, _xlsx_cell(value)) for _name, label, value in table.about.facts()],
        "about_title": _("About"),
        "count": _("Rows"),
        "links_end": _("The addresses of the first %(n)s rows are links; further down they are text.")
        % {"n": workbook.LINKED_ROWS},
        "rtl": get_language_bidi(),
    }


def _xlsx_rows(table: Table) -> Iterator[tuple[Cell, ...]]:
    for chunk in table.chunks:
        yield from zip(*map(_xlsx_cells, chunk), strict=True)


_XLSX_PLAIN = frozenset({str, int, float, bool, NoneType})


def _xlsx_cells(cells: Sequence[Any]) -> Sequence[Cell]:
    return cells if set(map(type, cells)) <= _XLSX_PLAIN else list(map(_xlsx_cell, cells))


_BEGIN = dt.datetime(1899, 12, 30, tzinfo=dt.UTC)
_FIRST_DAY = dt.date(1900, 3, 1)  # before it, spreadsheets disagree on the calendar


def _xlsx_cell(value: Any) -> Cell:
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dt.date) and (value.date() if isinstance(value, dt.datetime) else value) < _FIRST_DAY:
        return value.isoformat()
    if isinstance(value, dt.datetime):
        return [(value - _BEGIN) / dt.timedelta(days=1), 1]
    if isinstance(value, dt.date):
        return [(value - _BEGIN.date()).days]
    return "; ".join(value) if isinstance(value, list) else str(value)


WRITERS: dict[str, type[Writer]] = {"csv": CsvWriter, "xlsx": XlsxWriter, "json": JsonWriter}
