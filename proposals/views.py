"""The overview, the list of proposals, one proposal, and the form that makes and changes it."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from brics_tracker.accounts.decorators import for_readers
from brics_tracker.core.as_of import in_time
from brics_tracker.core.charts import stacked_bar, status_parts
from brics_tracker.core.clock import past_query
from brics_tracker.core.export import Column
from brics_tracker.core.facets import Facet, choice_facet
from brics_tracker.core.htmx import SignedInRequest
from brics_tracker.tracking import access
from brics_tracker.tracking.choices import ItemKind
from brics_tracker.tracking.columns import choice_column
from brics_tracker.tracking.selectors import item_page
from brics_tracker.tracking.views.editing import create_page, edit_page
from brics_tracker.tracking.views.listing import SORTABLE, ItemListView
from brics_tracker.tracking.views.shapes import item_shapes

from . import selectors, services
from .choices import ProposalKind
from .filters import ProposalFilterSet
from .forms import ProposalForm


@require_GET
@for_readers
@in_time
def overview(request: HttpRequest) -> HttpResponse:
    """Where the commitments stand; every figure leads to the rows behind it."""
    found = selectors.overview_for(request.user)
    # Whoever may see rows that are not public yet is led to the public ones alone: those were counted.
    only = "review=published&" if access.may_create(request.user) else ""
    if past := past_query("&"):
        only += f"{past[1:]}&"
    address = reverse("proposals:list")
    rows = [
        {
            "theme": row.theme,
            "standing": row.standing,
            "url": f"{address}?{only}lead_theme={row.theme.code}",
            "bar": stacked_bar(status_parts(row.standing.statuses)),
        }
        for row in found.themes
    ]
    context = {
        "overview": found,
        "only": only,
        "rows": rows,
        "shown_statuses": [status for status, _word, _number in found.whole.statuses],
        "latest_report_url": address_of("reports:latest"),
    }
    return render(request, "proposals/overview.html", context)


def address_of(route: str) -> str:
    """The address of a page of an app above, which this one knows by name alone; "" where it is not installed."""
    try:
        return reverse(route)
    except NoReverseMatch:
        return ""


@method_decorator(for_readers, name="dispatch")
class ProposalListView(ItemListView):
    """Proposals that this person may see, by reference unless sorted otherwise."""

    filterset_class = ProposalFilterSet
    page_template = "proposals/proposal_list.html"
    results_template = "proposals/_proposal_results.html"
    results_id = "proposal-results"
    shapes = item_shapes(ItemKind.PROPOSAL)
    export_name = "proposals"
    export_title = gettext_lazy("Proposals")
    item_kind = ItemKind.PROPOSAL
    route = "proposals:list"
    noun = gettext_lazy("Proposal")
    sortable = {**SORTABLE, "kind": ("proposal__kind",)}
    usually_shown = ("reference", "title", "status", "proof", "owner", "members", "percent", "next_due")
    shared_columns = (
        "reference", "title", "summary", "status", "proof", "percent", "lead_theme", "themes", "owner", "owner_confirmed",
        "supporters", "members", "priority", "phase", "start_date", "target_date", "next_due", "overdue", "stagnant",
        "at_risk", "last_reported_on", "updated_at", "citations",
    )  # fmt: skip

    def own_columns(self) -> list[Column]:
        return [choice_column("kind", _("Kind"), ProposalKind, "proposal__kind")]

    def own_facets(self) -> list[Facet]:
        return [choice_facet("kind", _("Kind"), ProposalKind.choices, "proposal__kind")]


@require_GET
@for_readers
@in_time
def proposal_detail(request: HttpRequest, reference: str) -> HttpResponse:
    item = access.item_to_read(request, reference, ItemKind.PROPOSAL)
    context = {
        "item": item,
        "page": item_page(item, request.user),
        "kind": item.proposal.get_kind_display(),
        "list_url": reverse("proposals:list"),
        "edit_url": reverse("proposals:edit", args=[item.reference]),
        "history_url": reverse("proposals:history", args=[item.reference]),
    }
    return render(request, "proposals/proposal_detail.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def proposal_create(request: SignedInRequest) -> HttpResponse:
    back = reverse("proposals:list")
    return create_page(request, ProposalForm, services.create_proposal, title=_("New proposal"), back=back)


@require_http_methods(["GET", "POST"])
@login_required
def proposal_edit(request: SignedInRequest, reference: str) -> HttpResponse:
    item = access.item_to_edit(request, reference, ItemKind.PROPOSAL)
    return edit_page(request, item, ProposalForm, services.edit_proposal)
