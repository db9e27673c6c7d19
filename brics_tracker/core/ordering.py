"""The order of a list as its address says it: ?sort=field or ?sort=-field, of the fields that the list names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import F, OrderBy, QuerySet, Value
from django.db.models.functions import NullIf

Sortable = Mapping[str, Sequence[str | NullIf]]


def text(path: str) -> NullIf:
    """A column of text to sort by in which "" says that nothing is known: last, like every empty value."""
    return NullIf(F(path), Value(""))


def known_sort(asked: str, sortable: Sortable) -> str:
    """What was asked if the list knows it, else ""."""
    return asked if asked.removeprefix("-") in sortable else ""


def in_order(rows: QuerySet[Any], sort: str, sortable: Sortable, usual: Sequence[str | OrderBy]) -> QuerySet[Any]:
    """The rows in the order of a known sort; empty values last either way, equal ones by primary key."""
    if not sort:
        return rows.order_by(*usual)
    descending = sort.startswith("-")
    return rows.order_by(*(_ordered(path, descending) for path in sortable[sort.removeprefix("-")]), "pk")


def _ordered(path: str | NullIf, descending: bool) -> OrderBy:
    column = F(path) if isinstance(path, str) else path
    return column.desc(nulls_last=True) if descending else column.asc(nulls_last=True)
