"""What every endpoint stands on: JSON by orjson; pages, filters and order from the address.

REST framework reads this module while it loads its own views, so it imports none of them; views: api_views.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from django.db.models import QuerySet
from django.http import Http404
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from drf_spectacular.plumbing import build_array_type, build_parameter_type
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.filters import BaseFilterBackend
from rest_framework.pagination import BasePagination
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from .api_changes import Changes
from .filters import ListFilterSet, NumberFilter, SwitchFilter
from .ordering import in_order, known_sort

PAGE_SIZE = 50
MAX_PAGE_SIZE = 500
GENERAL_PARAMETERS = frozenset({"page", "page_size", "sort", "format"})


def plain(value: Any) -> Any:
    """For orjson: words that wait for their language, and exact numbers."""
    if isinstance(value, Promise):
        return str(value)
    raise TypeError(type(value).__name__)


class OrjsonRenderer(BaseRenderer):
    """JSON, and nothing else."""

    media_type = "application/json"
    format = "json"
    charset = None
    render_style = "binary"

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        if data is None:
            return b""
        return orjson.dumps(data, default=plain, option=orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS)


_CHANGES = [
    {
        "name": "updated_since", "in": "query", "required": False, "schema": {"type": "string"},
        "description": "In the order of change, what changed since a day or moment; alone or with page_size.",
    },
    {
        "name": "cursor", "in": "query", "required": False, "schema": {"type": "string"},
        "description": "In the order of change, from where an earlier answer ended; empty: from the beginning. Alone or with page_size.",
    },
]  # fmt: skip


class Pages(BasePagination):
    """{"count", "next", "previous", "results"}; page from 1, page_size to MAX_PAGE_SIZE."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> Any:
        """The slice asked for, still unread; 400 for a number that is none, 404 past the last page."""
        self.request = request
        self.page = self._number("page", 1, highest=10**9)
        self.size = self._number("page_size", PAGE_SIZE, highest=MAX_PAGE_SIZE)
        self.count = queryset.count() if isinstance(queryset, QuerySet) else len(queryset)
        first = (self.page - 1) * self.size
        if first and first >= self.count:
            raise Http404
        return queryset[first : first + self.size]

    def size_of(self, request: Request) -> int:
        """How many rows the page shall hold."""
        self.request = request
        return self._number("page_size", PAGE_SIZE, highest=MAX_PAGE_SIZE)

    def get_changes_response(self, data: Any, found: Changes) -> Response:
        """A page in the order of change; `cursor` is where to go on, now or later."""
        path, on = self.request.path, {"cursor": found.cursor, "page_size": self.request.query_params.get("page_size")}
        onward = urlencode({name: value for name, value in on.items() if value})
        following = self.request.build_absolute_uri(f"{path}?{onward}") if found.has_more else None
        return Response({
            "count": found.count, "next": following, "previous": None, "results": data,
            "cursor": found.cursor, "gone": found.gone,
        })  # fmt: skip

    def _number(self, name: str, usual: int, *, highest: int) -> int:
        text = self.request.query_params.get(name, "")
        if not text:
            return usual
        if not (text.isascii() and text.isdigit() and len(text) <= 10 and 1 <= int(text) <= highest):
            raise ValidationError({name: [_("Write a whole number from 1 to %(n)d.") % {"n": highest}]})
        return int(text)

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"count": self.count, "next": self._link(1), "previous": self._link(-1), "results": data})

    def _link(self, step: int) -> str | None:
        page = self.page + step
        if page < 1 or (page - 1) * self.size >= self.count:
            return None
        return replace_query_param(self.request.build_absolute_uri(), "page", page)

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["count", "next", "previous", "results"],
            "properties": {
                "count": {"type": "integer", "description": "How many rows there are in all."},
                "next": {**link, "description": "Address of the next page; null on the last."},
                "previous": {**link, "description": "Address of the page before; null on the first."},
                "results": {**schema, "description": "The rows of this page."},
                "cursor": {
                    "type": "string",
                    "description": "Read in the order of change: where to go on, now or later.",
                },
                "gone": {
                    "type": "array",
                    "items": {"type": "integer"},
                    "description": "Read in the order of change: numbers of rows that are no longer in the list.",
                },
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        def number(name: str, usual: int, description: str, **limits: int) -> dict[str, Any]:
            schema = {"type": "integer", "minimum": 1, "default": usual, **limits}
            return {"name": name, "in": "query", "required": False, "schema": schema, "description": description}

        pages = [
            number("page", 1, "Which page, from 1."),
            number("page_size", PAGE_SIZE, "Rows on a page.", maximum=MAX_PAGE_SIZE),
        ]
        return [*pages, *_CHANGES] if getattr(view, "changed", None) is not None else pages


class RegisterFilters(BaseFilterBackend):
    """The view's filterset; a parameter that is unknown, given twice or unreadable is refused by name."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        kind: type[ListFilterSet] | None = getattr(view, "filterset_class", None)
        names: Mapping[str, Any] = kind.base_filters if kind else {}
        asked = request.query_params
        errors = {
            name: [_("There is no such parameter.")] for name in asked if name not in GENERAL_PARAMETERS | set(names)
        }
        for name in asked:
            if len(asked.getlist(name)) > 1 and not _is_multiple(names.get(name)):
                errors.setdefault(name, [_("Give this parameter once.")])
        if errors:
            raise ValidationError(errors)
        if kind is None:
            return queryset
        filterset = kind(asked, queryset, request=request._request, only=set(asked))
        if not filterset.form.is_valid():
            raise ValidationError({name: list(map(str, said)) for name, said in filterset.form.errors.items()})
        return filterset.qs

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        kind: type[ListFilterSet] | None = getattr(view, "filterset_class", None)
        return [_described(name, each) for name, each in kind.base_filters.items()] if kind else []


def _is_multiple(each: Any) -> bool:
    return getattr(each, "conjoined", None) is not None


def _described(name: str, each: Any) -> dict[str, Any]:
    """One filter as a parameter of the schema."""
    schema: dict[str, Any] = {"type": "string"}
    if isinstance(each, SwitchFilter):
        schema = {"type": "boolean"}
    elif isinstance(each, NumberFilter):
        schema = {"type": "integer", "minimum": each.extra["min_value"], "maximum": each.extra["max_value"]}
    elif choices := each.extra.get("choices"):
        schema["enum"] = [value for value, _label in choices]
    if _is_multiple(each):
        schema = build_array_type(schema)
    return build_parameter_type(
        name=name, location=OpenApiParameter.QUERY, schema=schema, description=str(each.extra.get("help_text", "")),
        required=bool(each.extra.get("required")),
        explode=True if _is_multiple(each) else None, style="form" if _is_multiple(each) else None,
    )  # fmt: skip


class Order(BaseFilterBackend):
    """?sort=field or ?sort=-field among the view's; what is empty comes last either way."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        asked = request.query_params.get("sort", "")
        if asked and not known_sort(asked, view.sortable):
            names = ", ".join(view.sortable)
            raise ValidationError({"sort": [_("Sort by one of: %(names)s.") % {"names": names}]})
        return in_order(queryset, asked, view.sortable, view.usual_order)

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        names = [sign + name for name in view.sortable for sign in ("", "-")]
        if not names:
            return []
        text = "Order of the rows; with a minus from the last to the first. Empty values come last."
        return [
            {
                "name": "sort",
                "in": "query",
                "required": False,
                "schema": {"type": "string", "enum": names},
                "description": text,
            }
        ]
