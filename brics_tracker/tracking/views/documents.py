"""Documents: how much of each is tracked; one document, paragraph by paragraph."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from brics_tracker.accounts.decorators import for_readers
from brics_tracker.core.as_of import in_time
from brics_tracker.core.export import about_list, export_links, export_response
from brics_tracker.tracking import access
from brics_tracker.tracking.columns import document_columns
from brics_tracker.tracking.selectors.documents import Outline, coverage_of_documents


@require_GET
@for_readers
@in_time
def document_list(request: HttpRequest) -> HttpResponseBase:
    documents = coverage_of_documents(request.user)
    if format := request.GET.get("export", ""):
        columns = document_columns(request.build_absolute_uri(request.path))
        about = about_list(request, _("Documents"))
        return export_response(request, documents, columns, format, "documents", about=about)
    context = {"documents": documents, "exports": export_links(request)}
    return render(request, "tracking/document_list.html", context)


@require_GET
@for_readers
@in_time
def document_detail(request: HttpRequest, key: str) -> HttpResponse:
    """Headings, numbers, our summaries and what cites each; `?show=untracked` what nothing cites yet."""
    document = access.document_to_read(request, key)
    outline = Outline(document, request.user)
    only_untracked = request.GET.get("show") == "untracked"
    context = {
        "document": document,
        "outline": outline,
        "only_untracked": only_untracked,
        "paragraphs": outline.untracked if only_untracked else outline.paragraphs,
    }
    return render(request, "tracking/document_detail.html", context)
