"""The register as it stood at the end of a day: inside `as_of(day)` every read answers from the recorded history.

A table that keeps its changes is shadowed by a common table expression of the same name, made of the newest
history entry of each row before the day's end. So lists, figures, pages and exports need no second version
of themselves, and cannot say anything else than they said on that day. Nothing can be written in there.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, wraps
from typing import Any, TypeVar, cast

from django.apps import apps
from django.core.exceptions import BadRequest
from django.db import connection, models
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _

from .clock import SHOWN, end_of
from .history import Records

PARAMETER = "as_of"
# People and their grants are those of now: who may look is decided today. So is reference data: what a theme, a
# member or an organisation is called, which items are tied to by what never changes.
NOT_SHADOWED = frozenset({"accounts", "core"})
_NAMES = re.compile(r'"(\w+)"')
_WRITE = re.compile(r'\s*(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM)\s+"(\w+)"', re.IGNORECASE)

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


@dataclass(frozen=True, slots=True)
class Standing:
    """How a table without a history of its own stood at a moment: a model says it as `as_of = Standing(...)`.

    where: which rows were there; columns: those that have changed since, by name. "{moment}" is the day's end.
    """

    where: str
    columns: Mapping[str, str] = field(default_factory=dict)


# A model of reference material, shown as it is today: `as_of = AS_TODAY`.
AS_TODAY = Standing("")


class PastIsReadOnly(RuntimeError):
    """Something tried to write to the register while a past day is shown: a mistake in the code."""


@contextmanager
def as_of(day: dt.date) -> Iterator[None]:
    """Read the register as it stood at the end of that day, in the site's time zone; today is that day."""
    token = SHOWN.set(day)
    try:
        with connection.execute_wrapper(_Shadow(end_of(day))):
            yield
    finally:
        SHOWN.reset(token)


def in_time(view: View) -> View:
    """A page or list that `?as_of=2031-04-01` turns back; a day that is none, or to come, is refused in words."""

    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        request.turns_back = True  # type: ignore[attr-defined] # the frame offers a day to go back to
        day = asked_day(request)
        if day is None:
            return view(request, *args, **kwargs)
        with as_of(day):
            response = view(request, *args, **kwargs)
        if isinstance(response, StreamingHttpResponse):
            response.streaming_content = _stream(day, cast("Iterable[bytes]", response.streaming_content))
        return response

    return cast("View", shown)


def asked_day(request: HttpRequest) -> dt.date | None:
    """The day that the address asks for; None for the present. BadRequest where it is no day or lies ahead."""
    asked = request.GET.get(PARAMETER, "").strip()
    if not asked or request.method not in {"GET", "HEAD"}:
        return None
    try:
        day = dt.date.fromisoformat(asked)
    except ValueError:
        raise BadRequest(_("“As of” needs a day, written as 2031-04-01.")) from None
    if day > timezone.localdate() or day.year < 1900:
        raise BadRequest(_("“As of” needs a day that has been; the register cannot show one to come."))
    return day


def _stream(day: dt.date, content: Iterable[bytes]) -> Iterator[bytes]:
    with as_of(day):
        yield from content


class _Shadow:
    """Puts the shadows of the tables that a query names before it."""

    def __init__(self, moment: dt.datetime) -> None:
        self.moment = moment

    def __call__(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        if not isinstance(sql, str):  # composed by the driver itself: not a query of ours
            return execute(sql, params, many, context)
        shadows = table_shadows()
        if written := _WRITE.match(sql):
            if written[1] in shadows:
                raise PastIsReadOnly(written[1])
            return execute(sql, params, many, context)
        if not sql.lstrip(" (").upper().startswith(("SELECT", "WITH")):
            return execute(sql, params, many, context)
        named = [name for name in dict.fromkeys(_NAMES.findall(sql)) if name in shadows]
        if not named:
            return execute(sql, params, many, context)
        heads = [f'"{name}" AS NOT MATERIALIZED ({shadows[name]})' for name in named]
        moments = [self.moment] * sum(head.count("%s") for head in heads)
        return execute(f"WITH {', '.join(heads)} {sql}", (*moments, *(params or ())), many, context)


@cache
def table_shadows() -> dict[str, str]:
    """Each table's query of how it stood, with %s for the moment; every table with a history or a Standing."""
    shadows: dict[str, str] = {}
    for model in apps.get_models():
        if model._meta.app_label in NOT_SHADOWED:
            continue
        standing = getattr(model, "as_of", None)
        if standing is AS_TODAY:
            continue
        if isinstance(standing, Standing):
            shadows[model._meta.db_table] = _by_standing(model, standing)
        elif records := getattr(model, "_records", None):
            shadows |= _by_history(model, records)
    return shadows


def _by_standing(model: type[models.Model], standing: Standing) -> str:
    columns = ", ".join(
        f'{standing.columns[name]} AS "{name}"' if name in standing.columns else f'"{name}"'
        for name in (str(column.column) for column in model._meta.concrete_fields)
    )
    # SQLite takes a bare name for the shadow itself, and calls that a circle.
    table = f'{"main." if connection.vendor == "sqlite" else ""}"{model._meta.db_table}"'
    query = f"SELECT {columns} FROM {table} WHERE {standing.where}"  # noqa: S608 - names of our own
    return query.replace("{moment}", "%s")


def _by_history(model: type[models.Model], records: Records) -> dict[str, str]:
    table = model.history.model._meta.db_table  # type: ignore[attr-defined]
    key = model._meta.pk.column
    newest = (  # the names are of our own tables and columns
        f'FROM "{table}" h WHERE h."history_date" < %s AND h."history_type" <> \'-\' AND NOT EXISTS '  # noqa: S608 - names of our own tables
        f'(SELECT 1 FROM "{table}" n WHERE n."{key}" = h."{key}" AND n."history_date" < %s '
        f'AND (n."history_date", n."history_id") > (h."history_date", h."history_id"))'
    )
    columns = ", ".join(f'h."{column.column}"' for column in model._meta.concrete_fields)
    shadows = {model._meta.db_table: f"SELECT {columns} {newest}"}
    for link, entries in records.m2m_models.items():  # the library keeps them for all models in one place
        if link.model is not model:
            continue
        through = link.remote_field.through._meta
        columns = ", ".join(f'l."{column.column}"' for column in through.concrete_fields)
        links = entries._meta.db_table
        shadows[through.db_table] = (
            f'SELECT {columns} FROM "{links}" l WHERE l."history_id" IN (SELECT h."history_id" {newest})'  # noqa: S608
        )
    return shadows
