"""The lists of mechanisms and meetings, one mechanism, and the form that changes it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from brics_tracker.accounts.decorators import for_readers
from brics_tracker.accounts.saved_views.listing import KeptListView
from brics_tracker.core.as_of import in_time
from brics_tracker.core.cells import read_cells
from brics_tracker.core.export import Column
from brics_tracker.core.facets import Facet, choice_facet, group_facet, year_facet
from brics_tracker.core.htmx import SignedInRequest
from brics_tracker.core.rows import Row
from brics_tracker.tracking import access
from brics_tracker.tracking.choices import ItemKind
from brics_tracker.tracking.selectors import item_page
from brics_tracker.tracking.views.editing import create_page, edit_page
from brics_tracker.tracking.views.listing import SORTABLE, ItemListView
from brics_tracker.tracking.views.shapes import item_shapes

from . import selectors, services
from .access import meetings_kept_at
from .choices import MechanismKind, MeetingKind, Track
from .columns import mechanism_columns, meeting_columns
from .filters import MechanismFilterSet, MeetingFilterSet
from .forms import MechanismForm
from .models import Meeting


@method_decorator(for_readers, name="dispatch")
class MechanismListView(ItemListView):
    """Mechanisms that this person may see, by track and stage unless sorted otherwise."""

    filterset_class = MechanismFilterSet
    page_template = "mechanisms/mechanism_list.html"
    results_template = "mechanisms/_mechanism_results.html"
    results_id = "mechanism-results"
    shapes = item_shapes(ItemKind.MECHANISM)
    export_name = "mechanisms"
    export_title = gettext_lazy("Mechanisms")
    item_kind = ItemKind.MECHANISM
    route = "mechanisms:list"
    noun = gettext_lazy("Mechanism")
    acronym = "mechanism__acronym"
    sortable = {
        **SORTABLE,
        "kind": ("mechanism__kind",),
        "track": ("mechanism__track", "status"),
        "founded": ("mechanism__founded",),
    }
    usual_order = ("mechanism__track", "status", "reference_number")
    usually_shown = ("reference", "title", "kind", "track", "status", "proof", "founded", "members")
    shared_columns = (
        "reference", "title", "summary", "status", "proof", "percent", "lead_theme", "themes", "owner", "owner_confirmed",
        "members", "next_due", "overdue", "stagnant", "at_risk", "last_reported_on", "updated_at", "citations",
    )  # fmt: skip
    shared_facets = ("status", "attention", "proof", "theme", "member", "owner")

    def own_columns(self) -> list[Column]:
        return mechanism_columns()

    def own_facets(self) -> list[Facet]:
        return [
            choice_facet("track", _("Track"), Track.choices, "mechanism__track"),
            choice_facet("kind", _("Kind"), MechanismKind.choices, "mechanism__kind"),
        ]

    def get_context(self, **context: Any) -> dict[str, Any]:
        return {**super().get_context(**context), "tracks": selectors.tracks_by_stage(self.request.user)}


@method_decorator(for_readers, name="dispatch")
class MeetingListView(KeptListView):
    """Meetings, newest first unless sorted otherwise; where sources disagree on the dates all are shown."""

    filterset_class = MeetingFilterSet
    page_template = "mechanisms/meeting_list.html"
    results_template = "mechanisms/_meeting_results.html"
    export_name = "meetings"
    export_title = gettext_lazy("Meetings")
    sortable = {
        "date": ("started",),
        "title": ("title",),
        "kind": ("kind",),
        "track": ("track",),
        "chair": ("chair__name",),
        "place": ("place",),
        "number": ("number",),
    }
    usual_order = ("-started", "title", "pk")
    always_shown = ("claims", "title")
    usually_shown = ("claims", "title", "kind", "place", "chair", "mechanism")

    def get_queryset(self) -> QuerySet[Meeting]:
        return Meeting.objects.visible_to(self.request.user)

    def read_rows(self, rows: QuerySet[Meeting]) -> list[Row]:
        return read_cells(rows, self.choice.shown, ("key",))

    def get_columns(self) -> list[Column]:
        return meeting_columns(meetings_kept_at(self.request.user))

    def get_facets(self) -> list[Facet]:
        return [
            choice_facet("kind", _("Kind"), MeetingKind.choices, "kind"),
            choice_facet("track", _("Track"), Track.choices, "track"),
            year_facet("year", _("Year"), "started"),
            group_facet("chair", _("Chair"), "chair__code", "chair__name"),
        ]

    def get_context(self, **context: Any) -> dict[str, Any]:
        return {**super().get_context(**context), "keep_url": meetings_kept_at(self.request.user)}


@require_GET
@for_readers
@in_time
def mechanism_detail(request: HttpRequest, reference: str) -> HttpResponse:
    item = access.item_to_read(request, reference, ItemKind.MECHANISM)
    page = item_page(item, request.user)
    meetings = selectors.meetings_of(item.mechanism)
    context = {
        "item": item,
        "mechanism": item.mechanism,
        "founding": selectors.founding_of(item.mechanism),
        "page": page,
        "meetings": meetings,
        "keep_url": meetings_kept_at(request.user),
        "years": selectors.years_of(meetings),
        "lineage": selectors.lineage_of(page.relations),
        "kind": item.mechanism.get_kind_display(),
        "list_url": reverse("mechanisms:list"),
        "edit_url": reverse("mechanisms:edit", args=[item.reference]),
        "history_url": reverse("mechanisms:history", args=[item.reference]),
    }
    return render(request, "mechanisms/mechanism_detail.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def mechanism_create(request: SignedInRequest) -> HttpResponse:
    back = reverse("mechanisms:list")
    return create_page(request, MechanismForm, services.create_mechanism, title=_("New mechanism"), back=back)


@require_http_methods(["GET", "POST"])
@login_required
def mechanism_edit(request: SignedInRequest, reference: str) -> HttpResponse:
    item = access.item_to_edit(request, reference, ItemKind.MECHANISM)
    return edit_page(request, item, MechanismForm, services.edit_mechanism)
