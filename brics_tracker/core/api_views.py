"""The views behind every endpoint: rows (plain dictionaries) in, a page of JSON out.

A view names its queryset (already cut to what the person may see), its filterset and how its rows are made;
its serializer says what a row holds, for the schema and for the test that compares the two.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

from django.db.models import OrderBy, QuerySet
from django.db.models.expressions import Combinable
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.filters import BaseFilterBackend
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from . import api_changes
from .api import Order, Pages, RegisterFilters
from .errors import PROBLEM_TYPE
from .filters import ListFilterSet
from .ordering import Sortable
from .rows import Row

if TYPE_CHECKING:
    from collections.abc import Callable


class ProblemSerializer(serializers.Serializer[Any]):
    """Why a request was refused (RFC 9457)."""

    type = serializers.CharField(help_text=_("Sort of problem; about:blank means that the status says it."))
    title = serializers.CharField(help_text=_("The status in words."))
    status = serializers.IntegerField(help_text=_("The HTTP status."))
    detail = serializers.CharField(required=False, help_text=_("What went wrong, for a person."))
    errors = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()), required=False,
        help_text=_("Messages by parameter or field."),
    )  # fmt: skip
    merged_into = serializers.CharField(
        required=False, help_text=_("With 301 and 409: the reference of the item into which this one was merged.")
    )
    current = serializers.DictField(
        required=False, help_text=_("With 412: the record as it is now; its ETag is in the header.")
    )


Rows = list[Row]  # by this name, for a view has a method called list

NAMES_IN_ADDRESS = {
    "reference": "Reference of the item, as EC-07 or M-012.",
    "key": "Key of the record.",
    "code": "Code of the record.",
    "number": "Number of the report.",
    "id": "Number of the record.",
    "pk": "Number of the record.",
}
KEY = OpenApiParameter(
    "Idempotency-Key", str, OpenApiParameter.HEADER, required=True,
    description="A UUID of your own: the same request sent again with it is done once. With other content: 409.",
)  # fmt: skip
MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, required=True,
    description="The ETag of what you read. 412, with the record as it is now, where someone changed it since.",
)  # fmt: skip


class RegisterSchema(AutoSchema):
    """Adds to every operation what it asks in headers, the problems that it may answer with, and words for
    the names in its address."""

    view: Any  # one of the views below, which say more than REST framework's do

    def get_description(self) -> str:  # type: ignore[override] # the library's own signature
        return str(getattr(self.view, "words", "") or super().get_description())

    def get_override_parameters(self) -> list[Any]:
        needed = [KEY] if self.method == "POST" else []
        return [*needed, MATCH] if self.method != "GET" and self.view.needs_match else needed

    def get_request_serializer(self) -> Any:
        return self.view.bodies.get(self.view.action)

    def _problems(self) -> tuple[str, ...]:
        may_move = "reference" in self.path
        if self.method == "GET":
            also = tuple(str(status) for status in self.view.also)
            moved = ("301",) if may_move else ()
            return (*moved, *(("400", "401", "404") if self._is_list_view() else ("401", "404")), *also)
        key = ("409",) if self.method == "POST" or may_move else ()
        match = ("412", "428") if self.view.needs_match else ()
        return ("400", "401", "403", "404", *key, "415", *match, "429")

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        done = next(iter(bodies))
        for code in self._problems():
            bodies[code] = self._get_response_for_code(ProblemSerializer, code, [PROBLEM_TYPE])  # type: ignore[no-untyped-call]
            bodies[code]["description"] = HTTPStatus(int(code)).phrase
        words = {"200": "The row.", "201": "The row that was made.", "204": "It is gone."}
        bodies[done]["description"] = "A page of rows." if self._is_list_view() else words[done]
        return bodies

    def _get_response_headers_for_code(self, status_code: str, direction: str = "response") -> dict[str, Any]:
        if status_code not in {"200", "201", "412"} or self._is_list_view():
            return {}
        text = "Changes with every accepted edit; of records that have a version, and of reports."
        return {"ETag": {"schema": {"type": "string"}, "description": text}}

    def _resolve_path_parameters(self, variables: list[str]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = super()._resolve_path_parameters(variables)  # type: ignore[no-untyped-call]
        return [each | {"description": NAMES_IN_ADDRESS[each["name"]]} for each in found]


class RowsView(GenericViewSet[Any]):
    """Lists that answer with rows (plain dictionaries), a page at a time."""

    schema = RegisterSchema()
    bodies: Mapping[str, type[serializers.Serializer[Any]]] = {}  # what is sent, by action
    also: Sequence[int] = ()  # other refusals of a GET, by their status

    @property
    def needs_match(self) -> bool:
        """Must the request name the version that it changes?"""
        return self.action in {"partial_update", "destroy"}

    filter_backends: Sequence[type[BaseFilterBackend]] = (RegisterFilters, Order)
    pagination_class = Pages
    filterset_class: type[ListFilterSet] | None = None
    sortable: Sortable = {}
    usual_order: Sequence[str | OrderBy] = ("pk",)

    def rows(self, page: QuerySet[Any]) -> Rows:
        """The rows of a sliced queryset as they are answered; a fixed number of queries."""
        raise NotImplementedError

    # When a row last changed (a column or an expression), where the list can be read in that order.
    changed: Combinable | str | None = None

    def gone(self) -> Sequence[QuerySet[Any, Any]]:
        """Of lists read in the order of change: querysets of (moment, key) of rows that are no longer in the list."""
        return ()

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        if self.changed is not None and api_changes.is_asked(request.query_params):
            return self.answer_changes(self.get_queryset())
        return self.answer(self.filter_queryset(self.get_queryset()), self.rows)

    def answer(self, queryset: QuerySet[Any], rows: Callable[[QuerySet[Any]], Rows]) -> Response:
        """One page of the queryset, as rows."""
        paginator = cast(Pages, self.paginator)
        page = paginator.paginate_queryset(queryset, self.request, view=self)
        return paginator.get_paginated_response(rows(page))

    def answer_changes(self, queryset: QuerySet[Any]) -> Response:
        """One page in the order of change."""
        assert self.changed is not None  # noqa: S101 - whoever calls has asked
        paginator = cast(Pages, self.paginator)
        known = frozenset((*api_changes.PARAMETERS, "page_size", "format"))
        start = api_changes.start_from(self.request.query_params, known=known)
        size = paginator.size_of(self.request)
        found = api_changes.read_changes(queryset, self.changed, self.gone(), start, size)
        rows = self.rows(queryset.filter(pk__in=found.keys).order_by("pk")) if found.keys else []
        return paginator.get_changes_response(rows, found)

    def address(self, path: str) -> str:
        """The absolute address of a path of this site."""
        return self.request.build_absolute_uri(path)


class RowView(RowsView):
    """Lists, and each row at an address of its own."""

    def etag(self, row: Row) -> str:
        """Changes with every accepted edit of the row; "" for a row without a version."""
        return f'"{row["version"]}"' if "version" in row else ""

    def row_or_404(self) -> Row:
        """The one row named in the address, among those that the person may see."""
        name = self.lookup_url_kwarg or self.lookup_field
        found = self.rows(self.get_queryset().filter(**{self.lookup_field: self.kwargs[name]})[:1])
        if not found:
            raise Http404
        return found[0]

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The one named in the address."""
        return self.answer_row(self.row_or_404())

    def answer_row(self, row: Row, status: int = 200) -> Response:
        """One row, with its ETag."""
        etag = self.etag(row)
        return Response(row, status=status, headers={"ETag": etag} if etag else {})
