"""The search page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.views.decorators.http import require_GET

from brics_tracker.accounts.decorators import for_readers
from brics_tracker.core.htmx import page_or_fragment, wants_fragment
from brics_tracker.core.pages import Page, page_number
from brics_tracker.core.search.sources import kinds
from brics_tracker.core.views import say_address
from brics_tracker.tracking.search.filters import SearchFilterSet
from brics_tracker.tracking.search.results import SIZE, Results

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True, slots=True)
class KindTab:
    """One kind of thing that was found, with the address of its hits alone."""

    label: StrOrPromise
    number: int
    address: str
    is_current: bool


@require_GET
@for_readers
def search(request: HttpRequest) -> HttpResponse:
    """Everything that this person may see and that holds the words, nearest first."""
    filterset = SearchFilterSet(request.GET, request=request)
    if not request.GET.get("q"):  # who came by the key of search types on
        filterset.form.fields["q"].widget.attrs["autofocus"] = True
    results: Results | tuple[()] = filterset.qs
    if isinstance(results, Results):
        results = results.or_like_it()
    page = read_page_of(results, page_number(request.GET.get("page", "")))
    context = {
        "filterset": filterset, "page_obj": page, "rows": page.rows, "count": page.count_text, "path": request.path,
        "results": results, "tabs": tabs_of(results, request.GET),
    }  # fmt: skip
    response = page_or_fragment(request, "tracking/search.html", "tracking/_search_results.html", context)
    if wants_fragment(request):
        say_address(request, response)
    return response


def tabs_of(results: Results | tuple[()], query: QueryDict) -> list[KindTab]:
    """Every kind that was found; none where there is only one."""
    if not isinstance(results, Results) or len(results.counts) < 2:
        return []
    asked = query.copy()
    asked.pop("page", None)
    tabs = []
    for name, (_source, kind) in kinds().items():
        if name in results.counts:
            asked["kind"] = name
            tabs.append(KindTab(kind.plural, results.counts[name], f"?{asked.urlencode()}", results.only == name))
    return tabs


def read_page_of(results: Results | tuple[()], number: int) -> Page:
    """The page with this number; 404 for one past the end."""
    count, first = len(results), (number - 1) * SIZE
    if first and first >= count:
        raise Http404
    is_capped = isinstance(results, Results) and results.is_capped
    rows = results[first : first + SIZE]
    return Page(rows, number, SIZE, count, is_capped, first + SIZE < count)
