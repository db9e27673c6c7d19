"""The view behind every list of tracked items of one kind: how it is sorted, what a row holds beside its columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from brics_tracker.accounts.saved_views.listing import KeptListView
from brics_tracker.core.cells import read_cells
from brics_tracker.core.clock import shown_day
from brics_tracker.core.export import Column
from brics_tracker.core.facets import Facet
from brics_tracker.core.rows import Row
from brics_tracker.tracking import access
from brics_tracker.tracking.choices import ItemKind
from brics_tracker.tracking.columns import address_column, item_columns, title_column
from brics_tracker.tracking.facets import item_facets
from brics_tracker.tracking.models import TrackedItem

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# What ticks, and whoever names a row, need of it.
ROW = ("reference", "title", "version")

# How lists of items may be sorted, by what their addresses say.
SORTABLE: dict[str, Sequence[str]] = {
    "reference": ("reference_prefix", "reference_number"),
    "title": ("title",),
    "status": ("status", "next_due"),
    "proof": ("proof",),
    "owner": ("owner__name",),
    "progress": ("percent",),
    "due": ("next_due",),
    "changed": ("updated_at",),
}
USUAL_ORDER = ("reference_prefix", "reference_number")


class ItemListView(KeptListView):
    """Items of one kind that this person may see. A subclass names the kind, the list's route, the noun over its titles,
    the shared columns that it has, and its own by the place at which they stand.
    """

    item_kind: ClassVar[ItemKind]
    route: ClassVar[str]
    noun: ClassVar[StrOrPromise] = _("Title")
    acronym: ClassVar[str] = ""
    shared_columns: ClassVar[Sequence[str]]
    shared_facets: ClassVar[Sequence[str]] = (
        "status",
        "attention",
        "due",
        "proof",
        "phase",
        "theme",
        "member",
        "owner",
    )
    sortable: ClassVar[Mapping[str, Sequence[str]]] = SORTABLE
    usual_order: ClassVar[Sequence[str]] = USUAL_ORDER
    always_shown = ("reference", "title")

    def own_columns(self) -> list[Column]:
        """The columns of this kind alone, which stand behind the title."""
        return []

    def get_queryset(self) -> QuerySet[TrackedItem]:
        return TrackedItem.objects.visible_to(self.request.user).filter(item_kind=self.item_kind)

    def get_columns(self) -> list[Column]:
        path = reverse(self.route)
        shared = item_columns() | {"title": title_column(path, self.noun, self.acronym)}
        named = [shared[key] for key in self.shared_columns]
        return [*named[:2], *self.own_columns(), *named[2:], address_column(self.request.build_absolute_uri(path))]

    def own_facets(self) -> list[Facet]:
        """The facets of this kind alone, which stand behind the status."""
        return []

    def get_facets(self) -> list[Facet]:
        facets = item_facets(self.item_kind)
        named = [facets[name] for name in self.shared_facets]
        return [*named[:1], *self.own_facets(), *named[1:]]

    def read_rows(self, rows: QuerySet[TrackedItem]) -> list[Row]:
        return read_cells(rows, self.choice.shown, ROW)

    def get_context(self, **context: Any) -> dict[str, Any]:
        return {**super().get_context(**context), **self._picking(), "confirm_kind": self.item_kind}

    def _picking(self) -> dict[str, bool]:
        """Who may make items may edit many of them; on a past day nothing can be ticked."""
        may_create = access.may_create(self.request.user)
        return {"may_create": may_create, "may_pick": may_create and shown_day() is None}
