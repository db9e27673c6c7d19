"""Rows of a list as plain dictionaries, read in chunks: what hangs on them costs one query per chunk, not per row.

The API's lists and every export read through here: no model instances, flat memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db.models import QuerySet

Row = dict[str, Any]
CHUNK = 2000


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


def read_rows(queryset: QuerySet[Any], paths: Iterable[str], many: Iterable[Many] = ()) -> list[Row]:
    """All rows of a (sliced) queryset with these columns, and what hangs on them."""
    rows: list[Row] = list(queryset.values(*dict.fromkeys(("pk", *paths))))
    for each in many if rows else ():
        each.fill(rows)
    return rows


def stream_rows(queryset: QuerySet[Any], paths: Iterable[str], many: Sequence[Many] = ()) -> Iterator[Row]:
    """The same for any number of rows, CHUNK at a time."""
    source = iter(queryset.values(*dict.fromkeys(("pk", *paths))).iterator(chunk_size=CHUNK))
    while rows := list(islice(source, CHUNK)):
        for each in many:
            each.fill(rows)
        yield from rows
