"""Endpoints of saved views: one's own and those that are shared."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db import transaction
from django.db.models import QuerySet
from django.urls import path
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from brics_tracker.accounts.choices import Role
from brics_tracker.accounts.models import SavedView
from brics_tracker.core.api_writes import check_match, require_match
from brics_tracker.core.api_writing import Body, TextField, WritingRows
from brics_tracker.core.filters import ListFilterSet, SwitchFilter
from brics_tracker.core.rows import Row, read_rows

from . import access, services
from .lists import ROUTES, address_of


class SavedViewSerializer(serializers.Serializer[Any]):
    """A list as someone wants it again. What it shows is what whoever opens it may see."""

    id = serializers.IntegerField(help_text=_("Number of the view."))
    list = serializers.CharField(help_text=_("Which list: proposals, mechanisms, meetings or reports."))
    name = serializers.CharField(help_text=_("Its name, one's own on that list."))
    query = serializers.CharField(
        help_text=_("The filter, as it stands in the list's address and in that of its API list.")
    )
    columns = serializers.ListField(
        child=serializers.CharField(), help_text=_("Keys of the columns, in their order; none: the usual ones.")
    )
    sort = serializers.CharField(
        help_text=_("The order: a column, with a minus from last to first; empty: the usual one.")
    )
    shared = serializers.BooleanField(help_text=_("Whether everyone signed in finds it."))
    default_for = serializers.CharField(
        allow_null=True, help_text=_("The role whose people's list opens with it; null for none.")
    )
    owner = serializers.CharField(help_text=_("Name of the person who saved it."))
    is_own = serializers.BooleanField(help_text=_("Whether it is yours."))
    version = serializers.IntegerField(help_text=_("Counts its edits."))
    url = serializers.URLField(help_text=_("The page that shows it."))


class ViewBody(Body):
    """What a saved view can be sent."""

    name = TextField(max_length=80, help_text=_("Its name, 1 to 80 characters."))
    query = TextField(
        required=False, allow_blank=True, max_length=4000, help_text=_("The filter, as in theme=EN&overdue=true.")
    )
    columns = serializers.ListField(
        child=TextField(max_length=40),
        required=False,
        max_length=60,
        help_text=_("Keys of columns, in their order."),
    )
    sort = TextField(required=False, allow_blank=True, max_length=40, help_text=_("The order."))
    shared = serializers.BooleanField(required=False, help_text=_("Analysts, reviewers and administrators share."))


class NewViewBody(ViewBody):
    """A new saved view."""

    list = serializers.ChoiceField(list(ROUTES), help_text=_("Which list."))


class ChangedViewBody(ViewBody):
    """A change of a saved view."""

    default_for = serializers.ChoiceField(
        [("", _("nobody")), *Role.choices], required=False, allow_blank=True,
        help_text=_("The role whose people's list opens with it; empty for none. Administrators say so."),
    )  # fmt: skip


class SavedViewFilterSet(ListFilterSet):
    list = django_filters.ChoiceFilter(
        label=_("List"),
        choices=[(name, name) for name in ROUTES],
        empty_label=_("All lists"),
        help_text=_("Which list."),
    )
    shared = SwitchFilter(field_name="shared", label=_("Shared"), help_text=_("Whether it is shared."))

    class Meta:
        model = SavedView
        fields: tuple[str, ...] = ()


class SavedViewsView(WritingRows):
    """Your saved views, and those that others share."""

    serializer_class = SavedViewSerializer
    filterset_class = SavedViewFilterSet
    queryset = SavedView.objects.none()
    usual_order = ("list", "name", "pk")
    bodies = {"create": NewViewBody, "partial_update": ChangedViewBody}
    lookup_field = "pk"

    def get_queryset(self) -> QuerySet[SavedView]:
        return SavedView.objects.visible_to(self.request.user)

    def rows(self, page: QuerySet[SavedView]) -> list[Row]:
        names = ("list", "name", "query", "sort", "shared", "version")
        return [
            {
                "id": row["pk"],
                **{name: row[name] for name in names},
                "columns": [key for key in row["columns"].split(",") if key],
                "default_for": row["default_for"] or None,
                "owner": row["owner__name"],
                "is_own": row["owner_id"] == self.request.user.pk,
                "url": self._url(row),
            }
            for row in read_rows(page, (*names, "columns", "default_for", "owner_id", "owner__name"))
        ]

    def _url(self, row: Row) -> str:
        """The account's page of views stands in where a list is gone."""
        known = row["list"] in ROUTES
        return self.address(f"{address_of(row['list'])}?saved={row['pk']}" if known else "/accounts/views/")

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Keep a list under a name."""
        return self.write_once(lambda: services.create_view(by=self.writer, **self.body()), status=201)

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change what is sent and nothing else: your own view; an administrator's too where it is shared."""
        view = access.view_to_change(request.user, self.kwargs["pk"])
        with transaction.atomic():
            self._matched(view)
            body = self.body()
            role = body.pop("default_for", None)
            if role == "":
                view = services.set_role_default(view, role, by=self.writer)
            if body:
                view = services.change_view(view, by=self.writer, **body)
            if role:
                view = services.set_role_default(view, role, by=self.writer)
            return self.answer_row(self.row_of(view))

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Throw a view away; lists that opened with it open as is usual."""
        view = access.view_to_change(request.user, self.kwargs["pk"])
        with transaction.atomic():
            self._matched(view)
            services.delete_view(view, by=self.writer)
        return Response(status=204)

    def _matched(self, view: SavedView) -> None:
        """428 and 412, with the view locked until the end of the transaction."""
        named = require_match(self.request)
        SavedView.objects.select_for_update(no_key=True).get(pk=view.pk)
        current = self.row_of(view)
        check_match(named, current, self.etag(current))


routes = [
    path("saved-views/", SavedViewsView.as_view({"get": "list", "post": "create"}), name="saved-view-list"),
    path(
        "saved-views/<int:pk>/",
        SavedViewsView.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
        name="saved-view-detail",
    ),
]
