"""The order of a list as its address says it: ?sort=field or ?sort=-field, of the fields that the list names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import F, OrderBy, QuerySet


def known_sort(asked: str, sortable: Mapping[str, Sequence[str]]) -> str:
    """What was asked if the list knows it, else ""."""
    return asked if asked.removeprefix("-") in sortable else ""


def in_order(
    rows: QuerySet[Any], sort: str, sortable: Mapping[str, Sequence[str]], usual: Sequence[str]
) -> QuerySet[Any]:
    """The rows in the order of a known sort; empty values last either way, equal ones by primary key."""
    if not sort:
        return rows.order_by(*usual)
    descending = sort.startswith("-")
    return rows.order_by(*(_ordered(path, descending) for path in sortable[sort.removeprefix("-")]), "pk")


def _ordered(path: str, descending: bool) -> OrderBy:
    return F(path).desc(nulls_last=True) if descending else F(path).asc(nulls_last=True)
