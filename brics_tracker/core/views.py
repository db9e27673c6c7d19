"""The view behind every list page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.core.exceptions import BadRequest, ImproperlyConfigured
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.generic import View

from .as_of import PARAMETER, in_time
from .cells import Choice, choose_columns
from .export import PLACE, Column, about_list, export_links, export_response, list_address
from .facets import Counter, Facet
from .filters import ListFilterSet
from .htmx import page_or_fragment, wants_fragment
from .ordering import Sortable, in_order, known_sort
from .pages import SIZES, page_size, read_page
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

    A subclass names its filterset, templates, columns and orders and gives the rows this person may see. What its page
    shows of the columns, `?columns=` says; a file holds the same ones, or all with `?columns=all`.
    """

    filterset_class: ClassVar[type[ListFilterSet]]
    page_template: ClassVar[str]
    results_template: ClassVar[str]
    results_id: ClassVar[str] = ""  # the root of the results; named where the list has shapes
    export_name: ClassVar[str] = "list"
    export_title: ClassVar[StrOrPromise] = ""
    columns: ClassVar[Sequence[Column]] = ()
    always_shown: ClassVar[Sequence[str]] = ()  # columns that no choice takes away
    usually_shown: ClassVar[Sequence[str]] = ()  # the columns of whoever chose none; empty: all
    sortable: ClassVar[Mapping[str, Sequence[str]]] = {}
    usual_order: ClassVar[Sequence[str]] = ("pk",)
    paginate_by: ClassVar[int] = settings.PAGE_SIZE
    # Other ways to draw the same rows than as the table, by what ?view= says.
    shapes: ClassVar[Mapping[str, Shape]] = {}

    choice: Choice

    def get_queryset(self) -> QuerySet[Any]:
        """The rows that this person may see, before any filter."""
        raise ImproperlyConfigured(f"{type(self).__name__} names no rows")

    def get_columns(self) -> Sequence[Column]:
        """All columns that a page can show and a file of this list can hold."""
        return self.columns

    def read_rows(self, rows: QuerySet[Any]) -> Sequence[Any]:
        """One page's rows, ready to draw, with what `self.choice` shows of them."""
        return list(rows)

    def read_table(self, rows: QuerySet[Any]) -> dict[str, Any]:
        """What the table draws: the page of rows that was asked for."""
        size = page_size(self.request.GET.get("page_size", ""), self.paginate_by)
        page = read_page(rows, self.request.GET.get("page", ""), size, self.read_rows)
        return {"page_obj": page, "rows": page.rows, "count": page.count_text, "sizes": SIZES}

    def get_facets(self) -> Sequence[Facet]:
        """The filters whose values are counted beside the list (`?facets=true`)."""
        return ()

    def full_query(self) -> QueryDict:
        """What is asked of the list; a subclass adds what its person keeps, so that every link of the page says it too."""
        return self.request.GET

    def get_filterset(self) -> ListFilterSet:
        """The list's filter, over the rows that this person may see."""
        return self.filterset_class(self.request.GET, self.get_queryset(), request=self.request)

    def get_context(self, **context: Any) -> dict[str, Any]:
        """More for the templates."""
        return context

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        request.GET = self.full_query()  # type: ignore[assignment] # a QueryDict like the one that came
        filterset = self.get_filterset()
        columns = self.get_columns()
        self.choice = choose_columns(columns, request.GET.getlist("columns"), self.usually_shown, self.always_shown)
        wanted = request.GET.get("sort", "")
        sort = known_sort(wanted, self.sortable)
        rows = in_order(filterset.qs, sort, self.sortable, self.usual_order)
        # A filter that could not be read is shown with its error rather than as an empty file.
        if (format := request.GET.get("export", "")) and filterset.form.is_valid():
            return self._export(rows, filterset, columns, format, sort)
        facets = self.get_facets()
        counter = Counter(request, filterset, self.get_queryset)
        if (wants_facets := bool(facets and request.GET.get("facets"))) and wants_fragment(request):
            counted = {"facets": counter.count(facets), "filterset": filterset}
            return page_or_fragment(request, "components/_facets.html", "components/_facets.html", counted)
        shape = self.shapes.get(request.GET.get("view", ""))
        context = self.get_context(
            filterset=filterset, sort=sort, unknown_sort="" if sort else wanted, sortable=self.sortable,
            choice=self.choice, has_choice=bool(self.always_shown or self.usually_shown), exports=export_links(request) if columns else {},
            whole_exports=export_links(request, every_column=True) if columns else {},
            path=request.path, everything=self.everything(), is_swap=wants_fragment(request),
            facet_labels=[facet.label for facet in facets], facets_address=list_address(request, facets="true"),
            facets=counter.count(facets) if wants_facets else None,
            shapes=shape_links(request, self.shapes), shape=shape,
            results=shape.template if shape else self.results_template, results_id=self.results_id,
            **(shape.read(request, rows) if shape else self.read_table(rows)),
        )  # fmt: skip
        response = page_or_fragment(request, self.page_template, context["results"], context)
        if wants_fragment(request):
            say_address(request, response)
        return response

    def everything(self) -> str:
        """The address of the list without a filter, as it is shown otherwise."""
        kept = self.request.GET.copy()
        for name in (*self.filterset_class.base_filters, *PLACE):
            kept.pop(name, None)
        return f"{self.request.path}?{kept.urlencode()}" if any(kept.values()) else self.request.path

    def _export(
        self, rows: QuerySet[Any], filterset: ListFilterSet, columns: Sequence[Column], format: str, sort: str
    ) -> HttpResponseBase:
        request = self.request
        asked = {
            name: ",".join(request.GET.getlist(name)) for name in (*filterset.in_use, PARAMETER) if name in request.GET
        }
        words = [(chip.label, chip.value) for chip in chips_of(filterset, request.GET)]
        about = about_list(request, str(self.export_title), words, order_in_words(sort, self.sortable, columns))
        addresses = [column for column in columns if column.is_address and self.choice.asked_all]
        held = [*self.choice.shown, *addresses]
        return export_response(request, rows, held, format, self.export_name, asked, about, in_background=True)


def say_address(request: HttpRequest, response: HttpResponse) -> None:
    """The browser's address without the fields that were left empty, so that it can be passed on."""
    kept = request.GET.copy()
    kept.pop("facets", None)
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
