"""One page of a list's rows: counted exactly as far as that is cheap."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils.formats import number_format

COUNT_LIMIT = 10_000
HIGHEST_PAGE = 100_000
SIZES = (25, 50, 100, 200)


@dataclass(frozen=True, slots=True)
class Page:
    """What a list page shows; `count` is COUNT_LIMIT where there are more (`is_capped`)."""

    rows: Sequence[Any]
    number: int
    size: int
    count: int
    is_capped: bool
    has_next: bool

    @property
    def count_text(self) -> str:
        """The number of rows in words: "112", or "10,000+"."""
        return number_format(self.count, force_grouping=True) + ("+" if self.is_capped else "")

    @property
    def has_previous(self) -> bool:
        return self.number > 1

    @property
    def previous_number(self) -> int:
        return self.number - 1

    @property
    def next_number(self) -> int:
        return self.number + 1

    @property
    def has_other_pages(self) -> bool:
        return self.has_previous or self.has_next

    @property
    def first(self) -> int:
        """The place of the first row in the whole list, from 1; 0 in an empty one."""
        return (self.number - 1) * self.size + 1 if self.rows else 0

    @property
    def last(self) -> int:
        return (self.number - 1) * self.size + len(self.rows)

    @property
    def numbers(self) -> list[int | None]:
        """Pages to offer: the ends and those around this one, None for a gap; with no end where it is not known."""
        last = max(-(-self.count // self.size), self.number + self.has_next)
        near = {n for n in range(self.number - 1, self.number + 2) if 1 <= n <= last} | {1}
        if not self.is_capped:
            near.add(last)
        offered: list[int | None] = []
        for number in sorted(near):
            if offered and offered[-1] is not None and number - offered[-1] == 2:
                offered.append(number - 1)
            elif offered and offered[-1] is not None and number - offered[-1] > 2:
                offered.append(None)
            offered.append(number)
        return offered


def read_page(
    rows: QuerySet[Any], asked: str, size: int, read: Callable[[QuerySet[Any]], Sequence[Any]] = list
) -> Page:
    """The page of ordered rows that was asked for; 404 for what is no number and for a page past the end.

    Two queries and what `read` asks. One row more than shown is read past the limit of counting, to know whether
    a next page follows.
    """
    number = page_number(asked)
    counted = rows.order_by()[: COUNT_LIMIT + 1].count()
    first = (number - 1) * size
    if first and first >= counted and counted <= COUNT_LIMIT:
        raise Http404
    if counted <= COUNT_LIMIT:
        return Page(read(rows[first : first + size]), number, size, counted, False, first + size < counted)
    found = read(rows[first : first + size + 1])
    if first and not found:
        raise Http404
    return Page(found[:size], number, size, COUNT_LIMIT, True, len(found) > size)


def count_in_words(rows: QuerySet[Any]) -> str:
    """How many rows there are, counted as far as that is cheap: "112", "10,000+"; "" for none. One query."""
    counted = rows.order_by()[: COUNT_LIMIT + 1].count()
    return Page((), 1, 1, min(counted, COUNT_LIMIT), counted > COUNT_LIMIT, False).count_text if counted else ""


def page_number(asked: str) -> int:
    """A page's number as the address says it; 404 for what is none."""
    if not asked:
        return 1
    if not (asked.isascii() and asked.isdigit() and len(asked) <= 6 and 1 <= int(asked) <= HIGHEST_PAGE):
        raise Http404
    return int(asked)


def page_size(asked: str, usual: int) -> int:
    """How many rows a page has: one of SIZES as the address says it, else the usual number."""
    return next((size for size in SIZES if str(size) == asked), usual)
