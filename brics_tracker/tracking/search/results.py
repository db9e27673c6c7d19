"""What a search gave one person: a page of hits, how many there are of each kind, and what was looked for instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError

from brics_tracker.core.search.find import Asked, Found, Hit, correct, find, read_hits
from brics_tracker.core.search.words import Query, read_query

if TYPE_CHECKING:
    from brics_tracker.accounts.access import Actor

SIZE = 20


@dataclass
class Results(Sequence[Hit]):
    """All that was found, nearest first; reads no more than the page that is asked for. One query for its length."""

    query: Query
    asked: Sequence[Asked]
    user: Actor
    only: str = ""  # one kind; the counts are of all
    begins: bool = False  # what is shown begins with the words; nothing holds them whole
    instead_of: str = ""  # what was typed, where what is shown answers to a corrected word
    _pages: dict[tuple[int, int], Found] = field(default_factory=dict)

    def __len__(self) -> int:
        return sum(number for kind, number in self.counts.items() if self.only in ("", kind))

    def __getitem__(self, part: slice) -> list[Hit]:  # type: ignore[override]
        """A page of hits: of any length, from any place."""
        first = part.start or 0
        found = self._page(first, (len(self) if part.stop is None else part.stop) - first)
        return read_hits(self.query, found.keys, self.user)

    @property
    def counts(self) -> Mapping[str, int]:
        """How many of each kind, of those that have any."""
        return self._any_page.counts

    @property
    def is_capped(self) -> bool:
        """There is more than was ranked and counted."""
        return any(self.only in ("", kind) for kind in self._any_page.capped)

    @property
    def _any_page(self) -> Found:
        return next(iter(self._pages.values()), None) or self._page(0, SIZE)

    def _page(self, first: int, size: int) -> Found:
        if (first, size) not in self._pages:
            only = [self.only] if self.only else []
            self._pages[first, size] = find(self.query, self.asked, only=only, first=first, size=size)
        return self._pages[first, size]

    def or_like_it(self) -> Results:
        """Itself; where nothing at all was found, what begins with these words, or what a corrected word finds."""
        if self.counts:
            return self
        wider = replace(self, query=self.query.widened(), begins=True, _pages={})
        if wider.counts:
            return wider
        typed = correct(self.query, self.asked)
        try:
            right = replace(self, query=read_query(typed), instead_of=self.query.typed, _pages={})
        except ValidationError:
            return self
        return right if right.counts else self
