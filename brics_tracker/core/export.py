"""Any list as a file: the one writer behind every export.

A list names its columns; the rows come from a queryset (read in chunks) or from any iterable. Formats are
looked up in WRITERS, so that another one is another class here and nothing elsewhere.
"""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol

from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from .rows import Links, Many, stream_rows

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# Also the full-width forms, which spreadsheets of East Asian locales read as their plain ones.
_DANGEROUS = frozenset("=+-@\t\r\n＝＋－＠")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_BUFFER = 64 * 1024


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a list, on the screen and in a file.

    value: the path of a column of the queryset (a key of a dictionary, an attribute of an object), or a function
    of the row. A function says in `reads` and `many` what it needs of a queryset's row. `code` gives the
    machine's word beside the people's: the file then has a second column.
    """

    key: str
    label: StrOrPromise
    value: str | Callable[[Any], object]
    reads: tuple[str, ...] = ()
    many: tuple[Many | Links, ...] = ()
    code: str | Callable[[Any], object] | None = None

    @property
    def paths(self) -> tuple[str, ...]:
        return (*self.reads, *(part for part in (self.value, self.code) if isinstance(part, str)))

    @property
    def cells(self) -> list[tuple[str, Callable[[Any], object]]]:
        """Heading and reader of each column that it makes in a file."""
        named = [(str(self.label), _reader(self.value))]
        if self.code is not None:
            named.append((_("%(column)s (code)") % {"column": self.label}, _reader(self.code)))
        return named


def _reader(value: str | Callable[[Any], object]) -> Callable[[Any], object]:
    if callable(value):
        return value
    path = value

    def read(row: Any) -> object:
        return row[path] if type(row) is dict else getattr(row, path)

    return read


def neutralise_cell(value: object) -> object:
    """A value as a cell that no spreadsheet runs: numbers stay numbers, text that begins like a formula is quoted."""
    if value is None:
        return ""
    if isinstance(value, str):
        text = value if value.isprintable() else _CONTROL.sub("", value)
        return f"'{text}" if text.lstrip(" ")[:1] in _DANGEROUS else text
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        return value
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return neutralise_cell("; ".join(str(part) for part in value))
    return neutralise_cell(str(value))


class Writer(Protocol):
    """Turns a heading and rows of safe cells into the bytes of a file, piece by piece."""

    content_type: str
    extension: str

    def write(self, heading: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[bytes]: ...


class CsvWriter:
    """RFC 4180 in UTF-8 with a byte order mark, without which Excel reads another alphabet."""

    content_type = "text/csv; charset=utf-8"
    extension = "csv"

    def write(self, heading: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
        buffer = io.StringIO(newline="")
        write = csv.writer(buffer, lineterminator="\r\n").writerow
        yield codecs.BOM_UTF8
        write([neutralise_cell(title) for title in heading])
        for row in rows:
            write(row)
            if buffer.tell() >= _BUFFER:
                yield buffer.getvalue().encode()
                buffer.seek(0)
                buffer.truncate()
        yield buffer.getvalue().encode()


WRITERS: dict[str, type[Writer]] = {"csv": CsvWriter}


def table(source: QuerySet[Any] | Iterable[Any], columns: Sequence[Column]) -> tuple[list[str], Iterator[list[object]]]:
    """Heading and rows of safe cells of a list, read as they are asked for."""
    named = [cell for column in columns for cell in column.cells]
    readers = [reader for _label, reader in named]
    rows: Iterable[Any] = source
    if isinstance(source, QuerySet):
        paths = [path for column in columns for path in column.paths]
        many = {each.key: each for column in columns for each in column.many}
        rows = stream_rows(source, paths, many.values())
    return [label for label, _reader in named], ([neutralise_cell(read(row)) for read in readers] for row in rows)


def export_response(
    request: HttpRequest, source: QuerySet[Any] | Iterable[Any], columns: Sequence[Column], format: str, filename: str
) -> StreamingHttpResponse:
    """The list as a download, streamed; `filename` without its ending gets the day and the format's.

    `source` holds only rows that the person may see. An unknown format is a bad request.
    """
    if format not in WRITERS:
        raise BadRequest(_("There is no export as %(format)s; choose one of: %(known)s.") % {
            "format": format[:20], "known": ", ".join(WRITERS),
        })  # fmt: skip
    writer = WRITERS[format]()
    response = StreamingHttpResponse(writer.write(*table(source, columns)), content_type=writer.content_type)
    name = f"{filename}-{timezone.localdate().isoformat()}.{writer.extension}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
