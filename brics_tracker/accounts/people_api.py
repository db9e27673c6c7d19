"""Endpoint of people: whom an item can be given to."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import path
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied

from brics_tracker.core.api_views import Rows, RowsView
from brics_tracker.core.rows import read_rows

from . import access
from .models import User
from .selectors import assignable_people


class PersonSerializer(serializers.Serializer[Any]):
    """Someone who can look after an item."""

    id = serializers.IntegerField(help_text=_("Number of the person."))
    name = serializers.CharField(help_text=_("Name of the person."))


class PeopleView(RowsView):
    """People who can look after an item, by name; for whoever may assign them."""

    serializer_class = PersonSerializer
    also = (403,)
    queryset = User.objects.none()
    usual_order = ("name", "pk")

    def get_queryset(self) -> QuerySet[User]:
        if not access.holds(self.request.user, access.EDITORS):
            raise PermissionDenied
        return assignable_people()

    def rows(self, page: QuerySet[User]) -> Rows:
        return [{"id": row["pk"], "name": row["name"]} for row in read_rows(page, ("name",))]


routes = [path("people/", PeopleView.as_view({"get": "list"}), name="person-list")]
