"""Endpoints of reports: frozen, numbered, with the tables they were made from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import django_filters
from django.db.models import OuterRef, QuerySet, Subquery
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from brics_tracker.core.api_changes import last_change
from brics_tracker.core.api_views import RowView
from brics_tracker.core.audit import record_fetch
from brics_tracker.core.choices import Act
from brics_tracker.core.filters import ListFilterSet
from brics_tracker.core.rows import Among, Many, Row, read_rows

from .models import Report, ReportDefinition, ReportFile, Snapshot


class ReportFileSerializer(serializers.Serializer[Any]):
    format = serializers.CharField(help_text=_("Format, as pdf."))
    size = serializers.IntegerField(help_text=_("Bytes."))
    sha256 = serializers.CharField(help_text=_("SHA-256 of the content."))
    url = serializers.URLField(help_text=_("Where it can be fetched, with a session."))


class ReportSerializer(serializers.Serializer[Any]):
    """A frozen report; its figures never change."""

    number = serializers.CharField(help_text=_("Number, given when it was frozen."))
    definition = serializers.CharField(help_text=_("Key of its definition."))
    title = serializers.CharField(help_text=_("Title of its definition."))
    period_start = serializers.DateField(help_text=_("First day of its period."))
    period_end = serializers.DateField(help_text=_("Last day of its period."))
    cut_off = serializers.DateTimeField(help_text=_("What was published up to this moment is in it."))
    is_extra = serializers.BooleanField(help_text=_("Whether it was run by hand, beside the regular ones."))
    frozen_at = serializers.DateTimeField(help_text=_("When it was frozen."))
    files = ReportFileSerializer(many=True, help_text=_("The formats it exists in."))
    url = serializers.URLField(help_text=_("Its address in this API."))
    page_url = serializers.URLField(help_text=_("Its page for people."))


class ReportDetailSerializer(ReportSerializer):
    """A frozen report with its tables."""

    tables = serializers.JSONField(help_text=_("Its tables exactly as they stood when it was frozen."))
    sha256 = serializers.CharField(help_text=_("SHA-256 of the tables as canonical JSON."))


class ReportFilterSet(ListFilterSet):
    definition = django_filters.ModelChoiceFilter(
        label=_("Definition"),
        queryset=ReportDefinition.objects.all(),
        to_field_name="key",
        help_text=_("Key of a definition."),
    )

    class Meta:
        model = Report
        fields: list[str] = []


_newest_file = ReportFile.objects.filter(report=OuterRef("pk")).order_by("-created_at").values("created_at")[:1]


class ReportsView(RowView):
    """Frozen reports, newest first."""

    queryset = Report.objects.none()
    changed = last_change("frozen_at", Subquery(_newest_file))
    filterset_class = ReportFilterSet
    lookup_field = "number"
    usual_order = ("-frozen_at", "-pk")

    def get_serializer_class(self) -> type[serializers.Serializer[Any]]:
        return ReportDetailSerializer if self.action == "retrieve" else ReportSerializer

    def get_queryset(self) -> QuerySet[Report]:
        return Report.objects.visible_to(self.request.user)

    def rows(self, page: QuerySet[Report]) -> list[Row]:
        names = ("number", "period_start", "period_end", "cut_off", "is_extra", "frozen_at")
        listed, shown = self.address(reverse("api:report-list")), self.address(reverse("reports:list"))
        return [
            {name: row[name] for name in names}
            | {"definition": row["definition__key"], "title": row["definition__title"], "files": row["files"]}
            | {"url": f"{listed}{row['number']}/", "page_url": f"{shown}{row['number']}/"}
            for row in read_rows(page, (*names, "definition__key", "definition__title"), (Many("files", self._files),))
        ]

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The one named in the address, with its tables."""
        row = self.row_or_404()
        snapshot = Snapshot.objects.filter(report__number=row["number"]).values("tables", "sha256").first()
        tables = snapshot or {"tables": [], "sha256": ""}
        number = row["number"]
        record_fetch(request, Act.REPORT_FETCHED, thing=number, reference=number, words=f"report-{number}.json")
        return Response(row | tables, headers={"ETag": f'"{tables["sha256"]}"'})

    def _files(self, ids: Sequence[int]) -> list[tuple[int, Row]]:
        found = ReportFile.objects.filter(Among("report_id", ids)).order_by("format")
        return [
            (
                report,
                {
                    "format": format,
                    "size": size,
                    "sha256": sha256,
                    "url": self.address(reverse("reports:file", args=[number, format])),
                },
            )
            for report, number, format, size, sha256 in found.values_list(
                "report_id", "report__number", "format", "size", "sha256"
            )
        ]


routes = [
    path("reports/", ReportsView.as_view({"get": "list"}), name="report-list"),
    path("reports/<slug:number>/", ReportsView.as_view({"get": "retrieve"}), name="report-detail"),
]
