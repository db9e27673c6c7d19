"""Rows of a list as plain dictionaries, read in chunks: what hangs on them costs one query per chunk, not per row.

The API's lists and every export read through here: no model instances, flat memory.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from operator import itemgetter
from typing import Any

from django.db.models import BooleanField, CharField, F, Func, IntegerField, Model, QuerySet, Value

Row = dict[str, Any]
Link = tuple[str, str, int]  # code, name, rank
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
    """Named things tied to rows through a table of links: two queries for all that a list wants, together.

    `owner` is the column with the row's key, `target` leads to the thing, whose `code`, `name` and `rank` (a number
    to order by) are read once however many rows it is tied to. Each row's list holds `shape(link)` of (code, name,
    rank), ordered by `sort(link)`.
    """

    key: str
    table: type[Model]
    owner: str
    target: str
    code: str
    name: str
    rank: str = ""
    sort: Callable[[Link], Any] = lambda link: (link[2], link[1])
    shape: Callable[[Link], Any] = lambda link: link[:2]

    def ties(self, keys: Sequence[int]) -> QuerySet[Any, Any]:
        """(these links' key, key of the row, key of the thing) for rows with these keys."""
        found = self.table._base_manager.filter(Among(self.owner, keys)).order_by()
        return found.values_list(Value(self.key, CharField()), self.owner, f"{self.target}_id")

    def things(self, keys: Sequence[int]) -> QuerySet[Any, Any]:
        """(these links' key, key of the thing, its code, name and rank) for things with these keys."""
        model: Any = self.table._meta.get_field(self.target).related_model
        rank = F(self.rank) if self.rank else Value(0, IntegerField())
        named = (Value(self.key, CharField()), F("pk"), F(self.code), F(self.name), rank)
        found: QuerySet[Any, Any] = model._base_manager.filter(Among("pk", keys)).order_by().values_list(*named)
        return found

    def fill(self, rows: Sequence[Row], ties: Mapping[Any, Sequence[Any]], known: Mapping[Any, Link]) -> None:
        """Put the list into each row."""
        ready = {thing: (self.sort(link), self.shape(link)) for thing, link in known.items()}
        for row in rows:
            tied = ties.get(row["pk"])
            if tied is None:
                row[self.key] = []
            elif len(tied) == 1:
                row[self.key] = [ready[tied[0]][1]]
            else:
                row[self.key] = [shaped for _order, shaped in sorted([ready[thing] for thing in tied], key=_first)]


_first = itemgetter(0)
# What is known of the things that links lead to, by the links' key and the thing's.
Known = dict[str, dict[Any, Link]]


def _fill_links(rows: Sequence[Row], links: Sequence[Links], known: Known) -> None:
    keys = [row["pk"] for row in rows]
    queries = [each.ties(keys) for each in links]
    ties: dict[str, dict[Any, list[Any]]] = {each.key: {} for each in links}
    for key, owner, thing in queries[0].union(*queries[1:], all=True):
        ties[key].setdefault(owner, []).append(thing)
    _learn(links, ties, known)
    for each in links:
        each.fill(rows, ties[each.key], known[each.key])


def _learn(links: Sequence[Links], ties: Mapping[str, Mapping[Any, Sequence[Any]]], known: Known) -> None:
    """Read what is not known yet of the things; at most one query."""
    queries = []
    for each in links:
        of_these = known.setdefault(each.key, {})
        if missing := set(chain.from_iterable(ties[each.key].values())) - of_these.keys():
            queries.append(each.things(list(missing)))
    for key, thing, *link in queries[0].union(*queries[1:], all=True) if queries else ():
        known[key][thing] = (link[0], link[1], link[2])


def _fill(rows: Sequence[Row], many: Iterable[Many | Links], known: Known) -> None:
    """Put what hangs on the rows into them."""
    if not rows:
        return
    wanted = list(many)
    if links := [each for each in wanted if isinstance(each, Links)]:
        _fill_links(rows, links, known)
    for each in wanted:
        if isinstance(each, Many):
            each.fill(rows)


def read_rows(queryset: QuerySet[Any], paths: Iterable[str], many: Iterable[Many | Links] = ()) -> list[Row]:
    """All rows of a (sliced) queryset with these columns, and what hangs on them."""
    rows: list[Row] = list(queryset.values(*dict.fromkeys(("pk", *paths))))
    _fill(rows, many, {})
    return rows


def stream_rows(
    queryset: QuerySet[Any], paths: Iterable[str], many: Iterable[Many | Links] = ()
) -> Iterator[list[Row]]:
    """The same for any number of rows, CHUNK at a time; what links lead to is read once for all of them."""
    wanted, known = tuple(many), Known()
    source = iter(queryset.values(*dict.fromkeys(("pk", *paths))).iterator(chunk_size=CHUNK))
    while rows := list(islice(source, CHUNK)):
        _fill(rows, wanted, known)
        yield rows
