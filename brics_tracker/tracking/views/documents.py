"""Documents: how much of each is tracked; one document, paragraph by paragraph."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from brics_tracker.accounts.decorators import for_readers
from brics_tracker.tracking import access
from brics_tracker.tracking.selectors.documents import Outline, coverage_of_documents


@require_GET
@for_readers
def document_list(request: HttpRequest) -> HttpResponse:
    return render(request, "tracking/document_list.html", {"documents": coverage_of_documents(request.user)})


@require_GET
@for_readers
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
