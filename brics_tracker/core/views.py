"""The view behind every list page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.core.exceptions import BadRequest, ImproperlyConfigured
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.generic import View

from .as_of import PARAMETER, in_time
from .export import Column, about_list, export_links, export_response
from .filters import ListFilterSet
from .htmx import page_or_fragment, wants_fragment
from .ordering import Sortable, in_order, known_sort
from .pages import read_page
from .shapes import Shape, shape_links
from .templatetags.chips import chips_of

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The page for what could not be read; the words of a refusal of ours (BadRequest), never those of the framework."""
    reason = str(exception) if type(exception) is BadRequest else ""
    return HttpResponse(render_to_string("400.html", {"reason": reason}), status=400)


@method_decorator(in_time, name="dispatch")
class FilteredListView(View):
    """One address for a list: the page, its results alone for a swap, and the same rows as a file.

    A subclass names its filterset, templates, columns and orders and gives the rows this person may see.
    """

    filterset_class: ClassVar[type[ListFilterSet]]
    page_template: ClassVar[str]
    results_template: ClassVar[str]
    results_id: ClassVar[str] = ""  # the root of the results; named where the list has shapes
    export_name: ClassVar[str] = "list"
    export_title: ClassVar[StrOrPromise] = ""
    columns: ClassVar[Sequence[Column]] = ()
    sortable: ClassVar[Mapping[str, Sequence[str]]] = {}
    usual_order: ClassVar[Sequence[str]] = ("pk",)
    paginate_by: ClassVar[int] = settings.PAGE_SIZE
    # Other ways to draw the same rows than as the table, by what ?view= says.
    shapes: ClassVar[Mapping[str, Shape]] = {}

    def get_queryset(self) -> QuerySet[Any]:
        """The rows that this person may see, before any filter."""
        raise ImproperlyConfigured(f"{type(self).__name__} names no rows")

    def get_columns(self) -> Sequence[Column]:
        """What a file of this list holds."""
        return self.columns

    def read_rows(self, rows: QuerySet[Any]) -> Sequence[Any]:
        """One page's rows, ready to draw: objects, unless the list reads what it needs itself."""
        return list(rows)

    def read_table(self, rows: QuerySet[Any]) -> dict[str, Any]:
        """What the table draws: the page of rows that was asked for."""
        page = read_page(rows, self.request.GET.get("page", ""), self.paginate_by, self.read_rows)
        return {"page_obj": page, "rows": page.rows, "count": page.count_text}

    def get_context(self, **context: Any) -> dict[str, Any]:
        """More for the templates."""
        return context

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        filterset = self.filterset_class(request.GET, self.get_queryset(), request=request)
        wanted = request.GET.get("sort", "")
        sort = known_sort(wanted, self.sortable)
        rows = in_order(filterset.qs, sort, self.sortable, self.usual_order)
        # A filter that could not be read is shown with its error rather than as an empty file.
        if (format := request.GET.get("export", "")) and filterset.form.is_valid():
            names = [name for name in (*filterset.in_use, PARAMETER) if name in request.GET]
            asked = {name: ",".join(request.GET.getlist(name)) for name in names}
            words = [(chip.label, chip.value) for chip in chips_of(filterset, request.GET)]
            columns = self.get_columns()
            about = about_list(request, str(self.export_title), words, order_in_words(sort, self.sortable, columns))
            return export_response(request, rows, columns, format, self.export_name, asked, about, in_background=True)
        shape = self.shapes.get(request.GET.get("view", ""))
        context = self.get_context(
            filterset=filterset, sort=sort, unknown_sort="" if sort else wanted, sortable=self.sortable,
            exports=export_links(request) if self.get_columns() else {}, path=request.path,
            shapes=shape_links(request, self.shapes), shape=shape,
            results=shape.template if shape else self.results_template, results_id=self.results_id,
            **(shape.read(request, rows) if shape else self.read_table(rows)),
        )  # fmt: skip
        response = page_or_fragment(request, self.page_template, context["results"], context)
        if wants_fragment(request):
            say_address(request, response)
        return response


def say_address(request: HttpRequest, response: HttpResponse) -> None:
    """The browser's address without the fields that were left empty, so that it can be passed on."""
    kept = request.GET.copy()
    for name in list(kept):
        kept.setlist(name, [value for value in kept.getlist(name) if value])
        if not kept.getlist(name):
            del kept[name]
    response["HX-Push-Url"] = f"{request.path}?{kept.urlencode()}" if kept else request.path


def order_in_words(sort: str, sortable: Sortable, columns: Sequence[Column]) -> str:
    """ "Next due, ascending", by the label of the column that is sorted by; "" where it is not."""
    if not sort:
        return ""
    name = sort.removeprefix("-")
    path = sortable[name][0]
    labels = [column.label for column in columns if column.key == name]
    labels += [column.label for column in columns if path in column.paths]
    words = _("%(column)s, descending") if sort.startswith("-") else _("%(column)s, ascending")
    return words % {"column": labels[0] if labels else name}
