"""Any list as a file: its columns, its rows as a table, and the answer that carries it away.

A list names its columns; the rows come from a queryset (read in chunks) or from any iterable. The formats: writers.py.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from itertools import islice
from operator import itemgetter
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import BadRequest
from django.core.handlers.wsgi import WSGIRequest
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from .as_of import as_of
from .audit import record_fetch
from .cells import EVERY, Cell
from .choices import Act
from .clock import shown_day, today
from .rows import CHUNK, Links, Many, stream_rows
from .tables import About, Chunk, Heading, Table
from .writers import WRITERS, Writer

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from brics_tracker.accounts.models import User

# What says where in a list someone is, or in which form they see it; not which rows it has.
PLACE = ("page", "export", "facets")
Reader = Callable[[Any], object]
Source = QuerySet[Any] | Iterable[Any]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a list, on the screen and in a file.

    value: the path of a column of the queryset (a key of a dictionary, an attribute of an object), or a function
    of the row. A function says in `reads` and `many` what it needs of a queryset's row. `code` gives the
    machine's word beside the people's: the file then has a second column. `is_address`: its text leads to the record;
    no page shows it. `cell`: how a page draws it, where that is more than the value in words.
    """

    key: str
    label: StrOrPromise
    value: str | Reader
    reads: tuple[str, ...] = ()
    many: tuple[Many | Links, ...] = ()
    code: str | Reader | None = None
    is_address: bool = False
    cell: Cell | None = None

    @property
    def value_paths(self) -> tuple[str, ...]:
        """What the words alone need of a row."""
        return (*self.reads, self.value) if isinstance(self.value, str) else self.reads

    @property
    def paths(self) -> tuple[str, ...]:
        return (*self.reads, *(part for part in (self.value, self.code) if isinstance(part, str)))

    def headings(self, at: Callable[[str], Reader]) -> list[Heading]:
        """What it makes in a file: one column, or the words and then the codes. `at` reads the value at a path."""
        read = at(self.value) if isinstance(self.value, str) else self.value
        if self.code is None:
            return [Heading(self.key, str(self.label), read, self.is_address)]
        read_code = at(self.code) if isinstance(self.code, str) else self.code
        return [
            Heading(f"{self.key}_name", str(self.label), read, self.is_address),
            Heading(self.key, _("%(column)s (code)") % {"column": self.label}, read_code),
        ]


def _of_anything(path: str) -> Reader:
    return lambda row: row[path] if isinstance(row, dict) else getattr(row, path)


def table(source: Source, columns: Sequence[Column], about: About | None = None) -> Table:
    """A list as headings and chunks of typed cells, read as they are asked for."""
    at = itemgetter if isinstance(source, QuerySet) else _of_anything
    headings = [heading for column in columns for heading in column.headings(at)]
    return Table(headings, _chunks(source, columns, [heading.read for heading in headings]), about or About())


def _chunks(source: Source, columns: Sequence[Column], readers: Sequence[Reader]) -> Generator[Chunk, None, None]:
    if isinstance(source, QuerySet):
        paths = [path for column in columns for path in column.paths]
        many = {each.key: each for column in columns for each in column.many}
        chunks: Iterator[Sequence[Any]] = stream_rows(source, paths, many.values())
    else:
        rows = iter(source)
        chunks = iter(lambda: list(islice(rows, CHUNK)), [])
    for chunk in chunks:
        yield [list(map(read, chunk)) for read in readers]


class ExportResponse(StreamingHttpResponse):
    """A list as a download. Nothing is read before it is sent, so a job may take the table instead."""

    def __init__(self, source: Source, table: Table, writer: Writer, filename: str, address: str) -> None:
        super().__init__(writer.write(table), content_type=writer.content_type)
        self.source, self.table, self.writer, self.filename, self.address = source, table, writer, filename, address
        self.filters: dict[str, object] = {}
        self.day = shown_day()
        self["Content-Disposition"] = f'attachment; filename="{filename}"'

    def in_its_time(self) -> AbstractContextManager[None]:
        """Its rows are to be counted and read in here: as of the day that its address asks for."""
        return as_of(self.day) if self.day else nullcontext()

    @property
    def is_large(self) -> bool:
        """Would writing it keep someone waiting for more than a few seconds? One query."""
        limit = self.writer.cells_at_once // len(self.table.headings)
        return isinstance(self.source, QuerySet) and self.source.order_by()[: limit + 1].count() > limit

    def count(self) -> int:
        """How many rows the list has now; 0 where that is not known before they are read."""
        return self.source.order_by().count() if isinstance(self.source, QuerySet) else 0


class ListRequest(WSGIRequest):
    """A list asked for as a file in somebody's name, outside of a browser: same view, filters and rights."""

    def __init__(self, address: str, format: str, user: User) -> None:
        site, asked = urlsplit(settings.SITE_URL), urlsplit(address)
        super().__init__(
            {
                "REQUEST_METHOD": "GET", "PATH_INFO": asked.path, "HTTP_HOST": site.netloc,
                "QUERY_STRING": "&".join(part for part in (asked.query, urlencode({"export": format})) if part),
                "wsgi.url_scheme": site.scheme, "wsgi.input": io.BytesIO(),
            }
        )  # fmt: skip
        self.user = user


def export_response(
    request: HttpRequest,
    source: Source,
    columns: Sequence[Column],
    format: str,
    filename: str,
    filters: Mapping[str, object] | None = None,
    about: About | None = None,
    in_background: bool = False,
) -> HttpResponseBase:
    """The list as a download, streamed; `filename` without its ending gets the day that is shown and the format's.

    `source` holds only rows that the person may see. An unknown format is a bad request. Where the view says that
    it may be made `in_background`, a large list is not written at once: the answer leads to the page that asks
    for it. Who fetches what, by which `filters`, is on record before the first row leaves.
    """
    if format not in WRITERS:
        raise BadRequest(_("There is no export as %(format)s; choose one of: %(known)s.") % {
            "format": format[:20], "known": ", ".join(WRITERS),
        })  # fmt: skip
    writer = WRITERS[format]()
    name = f"{filename}-{today().isoformat()}.{writer.extension}"
    response = ExportResponse(source, table(source, columns, about), writer, name, list_address(request))
    response.filters = dict(filters or {})
    if isinstance(request, ListRequest):
        return response
    if in_background and response.is_large:
        asked = {"list": response.address, "format": format}
        return HttpResponseRedirect(f"{reverse('exports:create')}?{urlencode(asked)}")
    record_fetch(request, Act.EXPORT_MADE, thing=filename, words=name, filters=response.filters)
    return response


def about_list(request: HttpRequest, title: str, filters: Sequence[tuple[str, str]] = (), order: str = "") -> About:
    """What a file says of the list that this request shows."""
    name = str(request.user) if request.user.is_authenticated else _("not signed in")
    address = request.build_absolute_uri(list_address(request))
    return About(
        title=title, filters=filters, order=order or _("usual order of the list"), person=name, address=address
    )


def export_links(request: HttpRequest, *, every_column: bool = False) -> dict[str, str]:
    """The address of each format of the list that is shown: the same rows in their order, with the columns of the page or all."""
    address = list_address(request, **({"columns": EVERY} if every_column else {}))
    return {format: f"{address}{'&' if '?' in address else '?'}export={format}" for format in WRITERS}


def list_address(request: HttpRequest, **asked: str) -> str:
    """The list that is shown, from its first page on: its path and what is asked of it, with `asked` in place of what was."""
    kept = request.GET.copy()
    for name in PLACE:
        kept.pop(name, None)
    for name, value in asked.items():
        kept[name] = value
    return f"{request.path}?{kept.urlencode()}" if kept else request.path
