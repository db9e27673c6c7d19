"""The view behind every list page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.views.generic import View

from .export import WRITERS, Column, export_response
from .filters import ListFilterSet
from .htmx import page_or_fragment, wants_fragment
from .ordering import in_order, known_sort
from .pages import read_page


class FilteredListView(View):
    """One address for a list: the page, its results alone for a swap, and the same rows as a file.

    A subclass names its filterset, templates, columns and orders and gives the rows this person may see.
    """

    filterset_class: ClassVar[type[ListFilterSet]]
    page_template: ClassVar[str]
    results_template: ClassVar[str]
    export_name: ClassVar[str] = "list"
    columns: ClassVar[Sequence[Column]] = ()
    sortable: ClassVar[Mapping[str, Sequence[str]]] = {}
    usual_order: ClassVar[Sequence[str]] = ("pk",)
    paginate_by: ClassVar[int] = settings.PAGE_SIZE

    def get_queryset(self) -> QuerySet[Any]:
        """The rows that this person may see, before any filter."""
        raise ImproperlyConfigured(f"{type(self).__name__} names no rows")

    def get_columns(self) -> Sequence[Column]:
        """What a file of this list holds."""
        return self.columns

    def read_rows(self, rows: QuerySet[Any]) -> Sequence[Any]:
        """One page's rows, ready to draw: objects, unless the list reads what it needs itself."""
        return list(rows)

    def get_context(self, **context: Any) -> dict[str, Any]:
        """More for the templates."""
        return context

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        filterset = self.filterset_class(request.GET, self.get_queryset(), request=request)
        sort = known_sort(request.GET.get("sort", ""), self.sortable)
        rows = in_order(filterset.qs, sort, self.sortable, self.usual_order)
        # A filter that could not be read is shown with its error rather than as an empty file.
        if (format := request.GET.get("export", "")) and filterset.form.is_valid():
            return export_response(request, rows, self.get_columns(), format, self.export_name)
        page = read_page(rows, request.GET.get("page", ""), self.paginate_by, self.read_rows)
        context = self.get_context(
            filterset=filterset, page_obj=page, rows=page.rows, count=page.count_text, sort=sort,
            sortable=self.sortable, exports=self._exports(request.GET), path=request.path,
        )  # fmt: skip
        response = page_or_fragment(request, self.page_template, self.results_template, context)
        if wants_fragment(request):
            self._say_address(request, response)
        return response

    def _exports(self, query: QueryDict) -> dict[str, str]:
        """The address of each format: what is shown, in its order."""
        kept = query.copy()
        for name in ("page", "export"):
            kept.pop(name, None)
        if not self.get_columns():
            return {}
        return {format: f"?{kept.urlencode()}{'&' if kept else ''}export={format}" for format in WRITERS}

    def _say_address(self, request: HttpRequest, response: HttpResponse) -> None:
        """The browser's address without the fields that were left empty, so that it can be passed on."""
        kept = request.GET.copy()
        for name in list(kept):
            kept.setlist(name, [value for value in kept.getlist(name) if value])
            if not kept.getlist(name):
                del kept[name]
        response["HX-Push-Url"] = f"{request.path}?{kept.urlencode()}" if kept else request.path
