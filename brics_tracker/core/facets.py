"""How many rows of a list each value of a filter would show, with the other filters as they are set.

A list names its facets. Those whose values are known beforehand are counted together in one query, each of the others in one
of its own; a facet that is filtered by is counted without its own filter, which takes one query more. So their
number depends on the filter, never on the rows. What is counted is what the list counts: the same filterset over the same rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from django.db.models import Count, Q, QuerySet, Value
from django.db.models.functions import Substr
from django.http import HttpRequest, QueryDict
from django.utils.formats import number_format

from .export import PLACE
from .pages import COUNT_LIMIT

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from .filters import ListFilterSet

SHOWN = 10  # values of one facet; the filter itself offers them all
Found: TypeAlias = Sequence[tuple[str, str, int]]  # value in the address, its words, rows


@dataclass(frozen=True, slots=True)
class ChoiceFacet:
    """A filter by one of a list of words, each of which is a condition on the rows."""

    name: str
    label: StrOrPromise
    conditions: Mapping[str, tuple[StrOrPromise, Q]]


@dataclass(frozen=True, slots=True)
class SwitchFacet:
    """Filters that say yes or no, under one heading: the rows that say yes. By filter: its words and its condition."""

    label: StrOrPromise
    switches: Mapping[str, tuple[StrOrPromise, Q]]


@dataclass(frozen=True, slots=True)
class GroupFacet:
    """A filter whose values come from the rows; `count` groups them in at most two queries, the most frequent first."""

    name: str
    label: StrOrPromise
    count: Callable[[QuerySet[Any]], Found]


Facet: TypeAlias = ChoiceFacet | SwitchFacet | GroupFacet


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One value: its words, how many rows it has, the list's address with it (or without it where it is set)."""

    words: str
    number: int
    address: str
    is_set: bool

    @property
    def text(self) -> str:
        """As far as a list counts: "1,204", or "10,000+"."""
        shown = min(self.number, COUNT_LIMIT)
        return number_format(shown, force_grouping=True) + ("+" if self.number > COUNT_LIMIT else "")


@dataclass(frozen=True, slots=True)
class FacetCount:
    """A heading with its values; `more`: how many values beside those shown."""

    label: str
    values: Sequence[FacetValue]
    more: int = 0


def choice_facet(name: str, label: StrOrPromise, choices: Sequence[tuple[str, Any]], path: str) -> ChoiceFacet:
    """A filter that compares a column with one word."""
    return ChoiceFacet(name, label, {value: (words, Q(**{path: value})) for value, words in choices})


def group_facet(name: str, label: StrOrPromise, path: str, words: str, none: str = "") -> GroupFacet:
    """A filter by a row of another table: `path` leads to what the address calls it, `words` to its name; `none`: what the
    address says for rows without one."""

    def count(rows: QuerySet[Any]) -> Found:
        grouped = rows.order_by().values_list(path, words).annotate(number=Count("pk")).order_by("-number", words)
        found = list(grouped if none else grouped.exclude(**{f"{path}__isnull": True}))
        return [(key, name, number) if key is not None else (none, "—", number) for key, name, number in found]

    return GroupFacet(name, label, count)


def year_facet(name: str, label: StrOrPromise, path: str) -> GroupFacet:
    """A filter by the year of a partial date, newest first."""

    def count(rows: QuerySet[Any]) -> Found:
        years = rows.exclude(**{path: ""}).order_by().annotate(year_of=Substr(path, Value(1), Value(4)))
        grouped = years.values_list("year_of").annotate(number=Count("pk")).order_by("-year_of")
        return [(year, year, number) for year, number in grouped]

    return GroupFacet(name, label, count)


class Counter:
    """The facets of one list as it is asked for."""

    def __init__(self, request: HttpRequest, filterset: ListFilterSet, rows: Callable[[], QuerySet[Any]]) -> None:
        self.request, self.filterset, self.rows = request, filterset, rows
        self.asked = request.GET

    def count(self, facets: Sequence[Facet]) -> list[FacetCount]:
        """Every facet with the values that have rows, or are set; none where the filter could not be read."""
        if not self.filterset.form.is_valid():
            return []
        known = self._known(facets)
        counted = [self._counted(facet, known) for facet in facets]
        return [each for each in counted if each.values]

    def _known(self, facets: Sequence[Facet]) -> dict[tuple[str, str], int]:
        """The numbers of all values that are known beforehand, by filter and value."""
        together: dict[str, dict[str, Q]] = {}
        found: dict[tuple[str, str], int] = {}
        for name, value, condition in _conditions(facets):
            together.setdefault(name if name in self.filterset.in_use else "", {})[f"{name}={value}"] = condition
        for name, conditions in together.items():
            counts = {f"n{place}": Count("pk", filter=condition) for place, condition in enumerate(conditions.values())}
            numbers = self._without(name).order_by().aggregate(**counts)
            for place, key in enumerate(conditions):
                of, _sign, value = key.partition("=")
                found[of, value] = numbers[f"n{place}"]
        return found

    def _without(self, name: str) -> QuerySet[Any]:
        """The rows with all filters but this one; "" for all of them."""
        if not name or name not in self.filterset.in_use:
            return self.filterset.qs
        asked = self.asked.copy()
        asked.pop(name, None)
        return type(self.filterset)(asked, self.rows(), request=self.request).qs

    def _counted(self, facet: Facet, known: Mapping[tuple[str, str], int]) -> FacetCount:
        if isinstance(facet, SwitchFacet):
            values = [
                self._value(name, "true", words, known[name, "true"]) for name, (words, _q) in facet.switches.items()
            ]
            return FacetCount(str(facet.label), [each for each in values if each.number or each.is_set])
        if isinstance(facet, ChoiceFacet):
            found: Found = [
                (value, str(words), known[facet.name, value]) for value, (words, _q) in facet.conditions.items()
            ]
        else:
            found = facet.count(self._without(facet.name))
        values = [self._value(facet.name, *each) for each in found]
        shown = [each for each in values if each.number or each.is_set]
        first = [each for place, each in enumerate(shown) if place < SHOWN or each.is_set]
        return FacetCount(str(facet.label), first, len(shown) - len(first))

    def _value(self, name: str, value: str, words: StrOrPromise, number: int) -> FacetValue:
        set_to = self.asked.getlist(name) if name in self.filterset.in_use else []
        is_set = value in set_to
        asked: QueryDict = self.asked.copy()
        for each in PLACE:
            asked.pop(each, None)
        asked.pop(name, None)
        if not is_set:
            asked[name] = value
        asked["facets"] = "true"  # the counts stay in sight
        return FacetValue(str(words), number, f"{self.request.path}?{asked.urlencode()}", is_set)


def _conditions(facets: Sequence[Facet]) -> list[tuple[str, str, Q]]:
    """(filter, value, condition) of everything that is known beforehand."""
    found = []
    for facet in facets:
        if isinstance(facet, ChoiceFacet):
            found += [(facet.name, value, condition) for value, (_words, condition) in facet.conditions.items()]
        elif isinstance(facet, SwitchFacet):
            found += [(name, "true", condition) for name, (_words, condition) in facet.switches.items()]
    return found
