"""Reading the trail: all histories and the events as one list, newest first, however many rows there are.

First only places are read (moment, table, key), a page's worth from each table by its index; then the entries at them.
"""

from __future__ import annotations

import datetime as dt
import heapq
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import islice
from operator import and_, or_
from typing import Any, NamedTuple

from django.db import models
from django.db.models import Q, QuerySet

from brics_tracker.core.choices import Act
from brics_tracker.core.models import AuditEvent

from . import things
from .entries import TrailEntry, entries_of_changes, entries_of_events
from .tables import Model, histories, instance_of

CHUNK = 500
CHANGES = {"added": "+", "changed": "~", "removed": "-"}  # by what an entry of history says


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for; what is empty is not asked."""

    people: frozenset[int] | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    kind: str = ""
    act: str = ""
    reference: str = ""
    words: tuple[str, ...] = ()


class Place(NamedTuple):
    """Where an entry stands; greater is newer. `table` is the number of a source."""

    at: dt.datetime
    table: int
    key: int


@dataclass(frozen=True, slots=True)
class Source:
    """One table of the trail, and by which columns it is read."""

    number: int
    model: Model
    moment: str
    person: str

    @property
    def label(self) -> str:
        return self.model._meta.label_lower

    def rows(self, asked: Asked, known: Sequence[tuple[Model, Any]]) -> QuerySet[Any]:
        """The rows that are asked for; `known` is what the reference asked for leads to."""
        rows: QuerySet[Any] = self.model._base_manager.all()
        if asked.people is not None:
            rows = rows.filter(**{f"{self.person}__in": asked.people})
        if asked.since is not None:
            rows = rows.filter(**{f"{self.moment}__gte": asked.since})
        if asked.until is not None:
            rows = rows.filter(**{f"{self.moment}__lt": asked.until})
        if asked.reference:
            rows = rows.filter(self._about(known, asked.reference))
        if asked.words:
            rows = rows.filter(reduce(and_, (self._holding(word) for word in asked.words)))
        return self._of_kind(rows, asked)

    def tell(self, keys: Sequence[int]) -> Iterator[tuple[int, TrailEntry]]:
        """The entries with these keys."""
        raise NotImplementedError

    def _of_kind(self, rows: QuerySet[Any], asked: Asked) -> QuerySet[Any]:
        raise NotImplementedError

    def _about(self, known: Sequence[tuple[Model, Any]], reference: str) -> Q:
        raise NotImplementedError

    def _holding(self, word: str) -> Q:
        texts = [
            field.name for field in self.model._meta.concrete_fields
            if isinstance(field, models.CharField | models.TextField)
            and not field.choices and field.name not in things.BOOKKEEPING
        ]  # fmt: skip
        return reduce(or_, (Q(**{f"{name}__icontains": word}) for name in texts))

    def places(self, rows: QuerySet[Any], before: Place | None, limit: int) -> list[Place]:
        """The newest places before one."""
        if before is not None:
            rows = rows.filter(self._earlier(before))
        found = rows.order_by(f"-{self.moment}", "-pk").values_list(self.moment, "pk")[:limit]
        return [Place(at, self.number, key) for at, key in found]

    def _earlier(self, before: Place) -> Q:
        if self.number > before.table:
            return Q(**{f"{self.moment}__lt": before.at})
        earlier = Q(**{f"{self.moment}__lte": before.at})
        if self.number < before.table:
            return earlier
        return earlier & (Q(**{f"{self.moment}__lt": before.at}) | Q(pk__lt=before.key))


class History(Source):
    def tell(self, keys: Sequence[int]) -> Iterator[tuple[int, TrailEntry]]:
        return entries_of_changes(self.model, keys)

    def _of_kind(self, rows: QuerySet[Any], asked: Asked) -> QuerySet[Any]:
        if asked.act in Act.values or asked.kind not in ("", instance_of(self.model)._meta.label_lower):
            return rows.none()
        return rows.filter(history_type=CHANGES[asked.act]) if asked.act else rows

    def _about(self, known: Sequence[tuple[Model, Any]], reference: str) -> Q:
        own = instance_of(self.model)
        names = [(own, own._meta.pk.attname)]
        names += [(field.related_model, field.attname) for field in things.owners_of(own)]
        found = [Q(**{name: pk}) for model, pk in known for its, name in names if its is model]
        return reduce(or_, found, Q(pk__in=[]))


class Events(Source):
    def tell(self, keys: Sequence[int]) -> Iterator[tuple[int, TrailEntry]]:
        return entries_of_events(keys)

    def _of_kind(self, rows: QuerySet[Any], asked: Asked) -> QuerySet[Any]:
        if asked.act in CHANGES:
            return rows.none()
        if asked.kind:
            rows = rows.filter(kind=asked.kind)
        return rows.filter(act=asked.act) if asked.act else rows

    def _about(self, known: Sequence[tuple[Model, Any]], reference: str) -> Q:
        found = [Q(kind=model._meta.label_lower, key=str(pk)) for model, pk in known]
        return reduce(or_, found, Q(reference__in=[reference, reference.upper()]))


def sources() -> list[Source]:
    """Every table of the trail, each with its number."""
    found: list[Source] = [Events(0, AuditEvent, "at", "actor")]
    return found + [History(n, model, "history_date", "history_user") for n, model in enumerate(histories(), start=1)]


# --- reading -----------------------------------------------------------------------------------------


def read_trail(asked: Asked, *, before: Place | None, size: int) -> tuple[list[TrailEntry], Place | None]:
    """One page, and the place before which the next one begins. A fixed number of queries for each table."""
    known = things.called(asked.reference) if asked.reference else []
    found = (source.places(source.rows(asked, known), before, size + 1) for source in sources())
    places = heapq.nlargest(size + 1, (place for places in found for place in places))
    return entries_at(places[:size]), places[size - 1] if len(places) > size else None


def stream_trail(asked: Asked) -> Iterator[TrailEntry]:
    """All that is asked for, newest first, read in chunks."""
    known = things.called(asked.reference) if asked.reference else []
    places = heapq.merge(*(_walk(source, source.rows(asked, known)) for source in sources()), reverse=True)
    while chunk := list(islice(places, CHUNK)):
        yield from entries_at(chunk)


def _walk(source: Source, rows: QuerySet[Any]) -> Iterator[Place]:
    before: Place | None = None
    while chunk := source.places(rows, before, CHUNK):
        yield from chunk
        before = chunk[-1]


def entries_at(places: Sequence[Place]) -> list[TrailEntry]:
    """The entries at these places, in their order."""
    keys: dict[int, list[int]] = defaultdict(list)
    for place in places:
        keys[place.table].append(place.key)
    found: dict[tuple[int, int], TrailEntry] = {}
    for source in sources():
        if wanted := keys.get(source.number):
            found |= {(source.number, key): entry for key, entry in source.tell(wanted)}
    return [found[place.table, place.key] for place in places]
