"""The shapes of a list: the same filtered rows as a table, or drawn another way, at the same address."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

PARAMETER = "view"


@dataclass(frozen=True, slots=True)
class Shape:
    """One other way to draw a list's rows. `read` takes the request and the rows, filtered and in their order, and
    gives what `template` (a fragment with the list's own root) needs, `count` and `rows` (empty: none) among it.
    """

    label: StrOrPromise
    template: str
    read: Callable[[HttpRequest, QuerySet[Any]], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class ShapeLink:
    """A way to see the list that is shown in another shape: same filter, order and day, from the first page on."""

    name: str
    label: str
    address: str
    is_shown: bool


def shape_links(request: HttpRequest, shapes: Mapping[str, Shape]) -> list[ShapeLink]:
    """The table and each other shape; nothing where a list has the table alone."""
    if not shapes:
        return []
    shown = request.GET.get(PARAMETER, "")
    shown = shown if shown in shapes else ""
    labels = {"": _("Table"), **{name: str(shape.label) for name, shape in shapes.items()}}
    return [ShapeLink(name, label, _address(request, name), name == shown) for name, label in labels.items()]


def _address(request: HttpRequest, name: str) -> str:
    query = request.GET.copy()
    for dropped in ("page", "export", PARAMETER):
        query.pop(dropped, None)
    if name:
        query[PARAMETER] = name
    return f"{request.path}?{query.urlencode()}" if query else request.path
