"""Endpoints of evidence: sources of an item, one source, its files."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import APIException
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from brics_tracker.core.api_parsing import ReadableJSONParser
from brics_tracker.core.api_views import RowView
from brics_tracker.core.rows import Row

from . import access, rows
from .api import OfItemView
from .api_moments import EVIDENCE_CHANGED
from .bodies import EvidenceBody, FilesBody, NewEvidenceBody
from .models import Evidence, Update
from .serializers import EvidenceSerializer
from .services import evidence
from .views.files import file_answer
from .writing import Methods, WritingView


class EvidenceView(OfItemView):
    """Sources that you may read, newest first."""

    serializer_class = EvidenceSerializer
    bodies = {"create": NewEvidenceBody}
    parser_classes = (ReadableJSONParser, MultiPartParser)
    changed = EVIDENCE_CHANGED
    queryset = Evidence.objects.none()
    usual_order = ("-source_date", "pk")

    def get_queryset(self) -> QuerySet[Evidence]:
        return Evidence.objects.visible_to(self.request.user).filter(item=self.item)

    def rows(self, page: QuerySet[Evidence]) -> list[Row]:
        return rows.evidence_rows(page, self.request.user, self.address)

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Add a source: an address, files, or both; it is public with its first published update."""
        access.require_of(access.may_log, request.user, self.item)
        return self.write_once(self._add, status=201)

    def _add(self) -> Evidence:
        body = self.body()
        files, number = body.pop("files", ()), body.pop("update", None)
        own = Update.objects.filter(item=self.item, author=self.writer)
        update = get_object_or_404(own, pk=number) if number else None
        return evidence.add_evidence(self.item, by=self.writer, fields=body, files=files, update=update)


class OneEvidenceView(WritingView):
    """Sources of all items that you may read, by number."""

    serializer_class = EvidenceSerializer
    queryset = Evidence.objects.none()
    changed = EVIDENCE_CHANGED
    bodies = {"partial_update": EvidenceBody, "create": FilesBody}

    def get_queryset(self) -> QuerySet[Evidence]:
        return Evidence.objects.visible_to(self.request.user)

    def rows(self, page: QuerySet[Evidence]) -> list[Row]:
        return rows.evidence_rows(page, self.request.user, self.address)

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change what is sent; once a public update rests on it, only whether it is confidential."""
        row = access.evidence_to_edit(request, self.kwargs["pk"])
        with self.matched(row.item, row) as current:
            evidence.edit_evidence(row, by=self.writer, version=current["version"], changes=self.body())
        return self.answer_row(self.row_of(row))


class EvidenceFilesView(OneEvidenceView):
    """Files of one source."""

    parser_classes = (MultiPartParser,)

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Add files to a source on which no public update rests yet."""
        row = access.evidence_to_edit(request, self.kwargs["pk"])
        return self.write_once(lambda: evidence.add_files(row, self.body()["files"], by=self.writer), status=201)


class FileGone(APIException):
    """The row is there, its bytes are not."""

    status_code = 410


class EvidenceFileView(RowView):
    """One file of a source."""

    also = (410,)
    queryset = Evidence.objects.none()

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> FileResponse:  # type: ignore[override]
        """The file itself, to be kept; every fetching is on record."""
        answer = file_answer(request._request, access.evidence_file_to_read(request, self.kwargs["pk"]))
        if answer is None:
            raise FileGone(_("The file is on record, but its content cannot be read. An administrator was told."))
        return answer


LIST: Methods = {"get": "list"}
ONE: Methods = {"get": "retrieve", "patch": "partial_update"}
routes = [
    path("evidence/", OneEvidenceView.as_view(LIST), name="evidence-list"),
    path("evidence/<int:pk>/", OneEvidenceView.as_view(ONE), name="evidence-detail"),
    path("evidence/<int:pk>/files/", EvidenceFilesView.as_view({"post": "create"}), name="evidence-files"),
    path("evidence/files/<int:pk>/", EvidenceFileView.as_view({"get": "retrieve"}), name="evidence-file"),
]
