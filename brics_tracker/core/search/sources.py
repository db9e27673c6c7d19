"""What can be found: tables with the columns that are searched, and the kinds of things in them.

An app registers its sources by dotted names in settings.SEARCH_SOURCES; `manage.py migrate` then makes their index.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.models import QuerySet
from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

PREFIX = "search_"  # of every table, function and trigger of the index


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns of one model: `title` is shown as a hit's title, `names` weigh as much, `text` gives the excerpt."""

    model: str
    title: str = ""
    names: tuple[str, ...] = ()
    text: tuple[str, ...] = ()

    @property
    def table(self) -> str:
        return str(apps.get_model(self.model)._meta.db_table)

    @property
    def key(self) -> str:
        """The primary key's column."""
        return str(apps.get_model(self.model)._meta.pk.column)

    def stored(self) -> list[str]:
        """The columns in the database, each once."""
        names = (*([self.title] if self.title else []), *self.names, *self.text)
        return [str(apps.get_model(self.model)._meta.get_field(name).column) for name in names]


@dataclass(frozen=True, slots=True)
class About:
    """What a hit shows beside its words: where it leads, what it belongs to, how its item stands."""

    url: str
    within: str = ""  # the title of what it belongs to
    reference: str = ""
    status: str = ""
    day: str = ""
    notes: tuple[StrOrPromise, ...] = ()  # "draft", "archived" and the like


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of thing that is found: which of its rows a person may see, and what is told of them.

    `item` leads from a row to its tracked item ("" on the item itself, None where there is none); `day` names the
    column by which it is dated. `about` takes the primary keys of visible rows and the person who asks.
    """

    name: str
    noun: StrOrPromise
    plural: StrOrPromise
    rows: Callable[[Any], QuerySet[Any]]
    about: Callable[[Sequence[int], Any], Mapping[int, About]]
    day: str
    item: str | None = None
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Source:
    """One index: a model's columns, with those of other models that share its key, and the kinds of its rows."""

    name: str
    columns: Columns
    kinds: tuple[Kind, ...]
    added: tuple[Columns, ...] = ()

    @property
    def index(self) -> str:
        return f"{PREFIX}{self.name}"

    @property
    def parts(self) -> tuple[Columns, ...]:
        return (self.columns, *self.added)

    def texts_sql(self) -> str:
        """SELECT id, title, names, text of every row, before the databases differ; `t0` is the source's own table."""
        quote = connection.ops.quote_name
        first = f"t0.{quote(self.columns.key)}"
        joins = [
            f"LEFT JOIN {quote(part.table)} AS t{place} ON t{place}.{quote(part.key)} = {first}"
            for place, part in enumerate(self.added, 1)
        ]
        groups: dict[str, list[str]] = {"title": [], "names": [], "text": []}
        for place, part in enumerate(self.parts):
            model = apps.get_model(part.model)
            for group, names in (("title", [part.title]), ("names", part.names), ("text", part.text)):
                groups[group] += [
                    f"coalesce(t{place}.{quote(model._meta.get_field(name).column)}, '')" for name in names if name
                ]
        shown = ", ".join(f"{joined(found)} AS {group}" for group, found in groups.items())
        return f"SELECT {first} AS id, {shown} FROM {quote(self.columns.table)} AS t0 {' '.join(joins)}"  # noqa: S608 - names of tables and columns


def joined(columns: Sequence[str]) -> str:
    """SQL: the columns as lines of one text."""
    return " || '\n' || ".join(columns) or "''"


def short_title(source: Source) -> str:
    """SQL: how much a short title raises the rank, 1 to 2, so that "development bank" finds the bank before its funds."""
    return "(1 + 20.0 / (20 + length(s.title)))" if source.columns.title else "1.0"


@dataclass(frozen=True, slots=True)
class Addition:
    """Columns of a model that shares another source's key: found as part of that source's rows."""

    to: str
    columns: Columns


def sources() -> Mapping[str, Source]:
    """Every registered source by name, in their order."""
    return _read(tuple(settings.SEARCH_SOURCES))


def kinds() -> Mapping[str, tuple[Source, Kind]]:
    """Every kind of thing that is found, by name, with its source."""
    return {kind.name: (source, kind) for source in sources().values() for kind in source.kinds}


@cache
def _read(names: tuple[str, ...]) -> Mapping[str, Source]:
    found: dict[str, Source] = {}
    for name in names:
        made: Source | Addition = import_string(name)()
        if isinstance(made, Addition):
            found[made.to] = replace(found[made.to], added=(*found[made.to].added, made.columns))
        else:
            found[made.name] = made
    return found
