"""Rows of a list as plain dictionaries, read in chunks: what hangs on them costs one query per chunk, not per row.

The API's lists and every export read through here: no model instances, flat memory.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db.models import BooleanField, F, Func, IntegerField, Model, QuerySet, Value

Row = dict[str, Any]
CHUNK = 2000


class Among(Func):
    """A condition: the column holds one of these whole numbers.

    One parameter, however many they are: Django's own IN writes one for each, and what it costs to make and
    read that text is more than what the query costs.
    """

    output_field = BooleanField()

    def __init__(self, column: str, keys: Sequence[int]) -> None:
        super().__init__(F(column))
        self.keys = list(keys)

    def as_sql(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        column, params = compiler.compile(self.source_expressions[0])
        if connection.vendor == "postgresql":
            return f"{column} = ANY(%s)", [*params, self.keys]
        return f"{column} IN (SELECT value FROM json_each(%s))", [*params, json.dumps(self.keys)]  # noqa: S608 - a column's name


@dataclass(frozen=True, slots=True)
class Many:
    """What hangs on rows in number: `pairs` takes primary keys and gives (primary key, value) in order."""

    key: str
    pairs: Callable[[Sequence[Any]], Iterable[tuple[Any, Any]]]

    def fill(self, rows: Sequence[Row]) -> None:
        """Put a list of the values under `key` into each row; one query."""
        lists: dict[Any, list[Any]] = {row["pk"]: [] for row in rows}
        for pk, value in self.pairs(list(lists)):
            lists[pk].append(value)
        for row in rows:
            row[self.key] = lists[row["pk"]]


@dataclass(frozen=True, slots=True)
class Links:
    """Named things tied to rows through a table of links: all that a list wants are read by one query together.

    `owner` is the column with the row's key; `rank` a number to order by. Each row's list holds `shape(link)`
    of (code, name, rank), ordered by `sort(link)`.
    """

    key: str
    table: type[Model]
    owner: str
    code: str
    name: str
    rank: str = ""
    sort: Callable[[tuple[str, str, int]], Any] = lambda link: (link[2], link[1])
    shape: Callable[[tuple[str, str, int]], Any] = lambda link: link[:2]

    def query(self, mark: int, keys: Sequence[int]) -> QuerySet[Any, Any]:
        rank = F(self.rank) if self.rank else Value(0, IntegerField())
        columns = (Value(mark, IntegerField()), F(self.owner), F(self.code), F(self.name), rank)
        return self.table._base_manager.filter(Among(self.owner, keys)).order_by().values_list(*columns)


def _fill_links(rows: Sequence[Row], links: Sequence[Links]) -> None:
    keys = [row["pk"] for row in rows]
    queries = [each.query(mark, keys) for mark, each in enumerate(links)]
    found: dict[tuple[int, Any], list[Any]] = {}
    for mark, owner, *link in queries[0].union(*queries[1:], all=True):
        found.setdefault((mark, owner), []).append(tuple(link))
    for mark, each in enumerate(links):
        for row in rows:
            tied = found.get((mark, row["pk"]), ())
            row[each.key] = [each.shape(link) for link in (sorted(tied, key=each.sort) if len(tied) > 1 else tied)]


def _fill(rows: Sequence[Row], many: Iterable[Many | Links]) -> None:
    """Put what hangs on the rows into them."""
    if not rows:
        return
    wanted = list(many)
    if links := [each for each in wanted if isinstance(each, Links)]:
        _fill_links(rows, links)
    for each in wanted:
        if isinstance(each, Many):
            each.fill(rows)


def read_rows(queryset: QuerySet[Any], paths: Iterable[str], many: Iterable[Many | Links] = ()) -> list[Row]:
    """All rows of a (sliced) queryset with these columns, and what hangs on them."""
    rows: list[Row] = list(queryset.values(*dict.fromkeys(("pk", *paths))))
    _fill(rows, many)
    return rows


def stream_rows(queryset: QuerySet[Any], paths: Iterable[str], many: Iterable[Many | Links] = ()) -> Iterator[Row]:
    """The same for any number of rows, CHUNK at a time."""
    wanted = tuple(many)
    source = iter(queryset.values(*dict.fromkeys(("pk", *paths))).iterator(chunk_size=CHUNK))
    while rows := list(islice(source, CHUNK)):
        _fill(rows, wanted)
        yield from rows
