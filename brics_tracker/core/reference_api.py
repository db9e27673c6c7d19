"""Endpoints of the reference lists: countries with their spells, organisations, themes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import path
from django.utils.translation import gettext_lazy as _

from .api_changes import last_change, recorded
from .api_views import RowsView, RowView
from .choices import OrganisationKind
from .clock import today
from .filters import ListFilterSet, WordsFilter
from .models import Member, MembershipSpell, Organisation, Theme
from .rows import Among, Many, Row, read_rows
from .serializers import MemberSerializer, OrganisationSerializer, ThemeSerializer


def _spells(ids: Sequence[int]) -> list[tuple[int, Row]]:
    names = ("kind", "started", "ended", "first_summit", "sources", "note")
    found = MembershipSpell.objects.filter(Among("member_id", ids)).order_by("started", "kind", "pk")
    rows = (dict(zip(("member", *names), row, strict=True)) for row in found.values_list("member_id", *names))
    return [
        (row.pop("member"), row | {"started": row["started"] or None, "ended": row["ended"] or None}) for row in rows
    ]


class MembersView(RowView):
    """Countries with the dated spells of their belonging."""

    serializer_class = MemberSerializer
    changed = last_change(recorded(Member, "id"), recorded(MembershipSpell, "member"))
    queryset = Member.objects.all()
    lookup_field = "code"
    usual_order = ("name",)

    def rows(self, page: QuerySet[Member]) -> list[Row]:
        now = set(Member.objects.members_on(today()).values_list("pk", flat=True))
        return [
            {"code": row["code"], "name": row["name"], "is_member": row["pk"] in now, "spells": row["spells"]}
            for row in read_rows(page, ("code", "name"), (Many("spells", _spells),))
        ]


class OrganisationFilterSet(ListFilterSet):
    kind = django_filters.ChoiceFilter(
        label=_("Kind"),
        choices=OrganisationKind.choices,
        empty_label=_("All kinds"),
        help_text=_("Kind of organisation."),
    )
    member = django_filters.ModelChoiceFilter(
        label=_("Country"), queryset=Member.objects.all(), to_field_name="code", help_text=_("ISO code of its country.")
    )
    q = WordsFilter(
        columns=("name", "acronym", "key"), label=_("Words"), help_text=_("Words in the name, acronym or key.")
    )

    class Meta:
        model = Organisation
        fields: list[str] = []


class OrganisationsView(RowView):
    """Organisations that own, support or carry what is tracked."""

    serializer_class = OrganisationSerializer
    changed = last_change(recorded(Organisation, "id"))
    filterset_class = OrganisationFilterSet
    queryset = Organisation.objects.all()
    lookup_field = "key"
    usual_order = ("name", "pk")

    def rows(self, page: QuerySet[Organisation]) -> list[Row]:
        names = ("key", "name", "acronym", "kind", "address", "sources", "note")
        return [
            {name: row[name] for name in names} | {"member": row["member__code"], "address": row["address"] or None}
            for row in read_rows(page, (*names, "member__code"))
        ]


class ThemesView(RowView):
    """The tree of themes, in its order."""

    serializer_class = ThemeSerializer
    changed = last_change(recorded(Theme, "id"))
    queryset = Theme.objects.all()
    lookup_field = "code"
    usual_order = ("position", "code")

    def rows(self, page: QuerySet[Theme]) -> list[Row]:
        names = ("code", "name", "description", "valid_from", "valid_until")
        return [
            {name: row[name] for name in names} | {"parent": row["parent__code"]}
            for row in read_rows(page, (*names, "parent__code"))
        ]


def both(noun: str, name: str, view: type[RowsView], lookup: str) -> list[Any]:
    """The addresses of a list and of one of its rows."""
    return [
        path(f"{noun}/", view.as_view({"get": "list"}), name=f"{name}-list"),
        path(f"{noun}/<slug:{lookup}>/", view.as_view({"get": "retrieve"}), name=f"{name}-detail"),
    ]


routes = [
    *both("members", "member", MembersView, "code"),
    *both("organisations", "organisation", OrganisationsView, "key"),
    *both("themes", "theme", ThemesView, "code"),
]
