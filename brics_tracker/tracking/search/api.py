"""The search endpoint: the words and filters of the search page, and what they find."""

from __future__ import annotations

from html import unescape
from typing import Any

from django.urls import path
from django.utils.html import strip_tags
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers as s
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from brics_tracker.core.api import RegisterFilters
from brics_tracker.core.api_views import Rows, RowsView
from brics_tracker.core.search.sources import kinds
from brics_tracker.tracking.models import TrackedItem
from brics_tracker.tracking.workflow import Status

from .filters import SearchFilterSet


class HitSerializer(s.Serializer[Any]):
    """One thing that was found."""

    kind = s.ChoiceField(
        [(name, kind.noun) for name, (_source, kind) in kinds().items()], help_text=_("Kind of thing.")
    )
    title = s.CharField(help_text=_("Its title; empty for what has none, as an update."))
    title_html = s.CharField(help_text=_("The same as HTML, the words found in mark elements."))
    within = s.CharField(help_text=_("Title of what it belongs to, the item or document; empty for what stands alone."))
    excerpt_html = s.CharField(
        help_text=_("Where in its text the words stand, as HTML with mark elements; empty for none.")
    )
    reference = s.CharField(
        allow_null=True, help_text=_("Reference of the item, or number of the paragraph; null for none.")
    )
    status = s.ChoiceField(
        Status.choices, allow_null=True, help_text=_("Status of the item; null where there is none.")
    )
    day = s.CharField(allow_null=True, help_text=_("Its day, a year, month or day; null where none is known."))
    notes = s.ListField(
        child=s.CharField(), help_text=_("What sets it apart: draft, retracted, archived, confidential.")
    )
    page_url = s.URLField(help_text=_("The place on its page for people."))


class SearchView(RowsView):
    """Everything that you may see and that holds the words, nearest first; of each kind the newest 1,000 are ranked."""

    serializer_class = HitSerializer
    filterset_class = SearchFilterSet
    filter_backends = (RegisterFilters,)
    queryset = TrackedItem.objects.none()

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        if not request.query_params.get("q", "").strip():
            raise ValidationError({"q": [_("Write a word or a number to look for.")]})
        return super().list(request, *args, **kwargs)

    def rows(self, page: Any) -> Rows:
        return [
            {
                "kind": hit.kind.name,
                "title": unescape(strip_tags(hit.title)),
                "title_html": hit.title,
                "within": hit.about.within,
                "excerpt_html": hit.excerpt,
                "reference": hit.about.reference or None,
                "status": hit.about.status or None,
                "day": hit.about.day or None,
                "notes": [str(note) for note in hit.about.notes],
                "page_url": self.address(hit.about.url),
            }
            for hit in page
        ]


routes = [path("search/", SearchView.as_view({"get": "list"}), name="search")]
