"""The overview, the list of proposals, one proposal, and the form that makes and changes it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from brics_tracker.accounts.decorators import for_readers
from brics_tracker.core.charts import stacked_bar, status_parts
from brics_tracker.core.export import Column
from brics_tracker.core.htmx import SignedInRequest, page_or_fragment, redirect_page
from brics_tracker.core.rows import Row
from brics_tracker.core.views import FilteredListView
from brics_tracker.tracking import access
from brics_tracker.tracking.choices import ItemKind
from brics_tracker.tracking.columns import address_column, item_columns
from brics_tracker.tracking.forms.citations import BaseCitationFormSet, citation_forms
from brics_tracker.tracking.models import TrackedItem
from brics_tracker.tracking.selectors import item_page
from brics_tracker.tracking.services import items
from brics_tracker.tracking.services.changes import StaleVersion
from brics_tracker.tracking.views.listing import SORTABLE, USUAL_ORDER, item_rows

from . import selectors, services
from .choices import ProposalKind
from .filters import ProposalFilterSet
from .forms import ProposalForm
from .models import Proposal


@require_GET
@for_readers
def overview(request: HttpRequest) -> HttpResponse:
    """Where the commitments stand; every figure leads to the rows behind it."""
    found = selectors.overview_for(request.user)
    # Whoever may see rows that are not public yet is led to the public ones alone: those were counted.
    only = "review=published&" if access.may_create(request.user) else ""
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
        "reports_url": address_of("reports:list"),
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
class ProposalListView(FilteredListView):
    """Proposals that this person may see, by reference unless sorted otherwise."""

    filterset_class = ProposalFilterSet
    page_template = "proposals/proposal_list.html"
    results_template = "proposals/_proposal_results.html"
    export_name = "proposals"
    sortable = SORTABLE
    usual_order = USUAL_ORDER

    def get_queryset(self) -> QuerySet[TrackedItem]:
        return TrackedItem.objects.visible_to(self.request.user).filter(item_kind=ItemKind.PROPOSAL)

    def read_rows(self, rows: QuerySet[TrackedItem]) -> list[Row]:
        return item_rows(rows, reverse("proposals:list"))

    def get_columns(self) -> list[Column]:
        columns = item_columns()
        root = self.request.build_absolute_uri(reverse("proposals:list"))
        kind = Column("kind", gettext_lazy("Kind"), _kind_label, reads=("proposal__kind",), code="proposal__kind")
        return [
            *(columns[key] for key in EXPORTED[:2]),
            kind,
            *(columns[key] for key in EXPORTED[2:]),
            address_column(root),
        ]

    def get_context(self, **context: Any) -> dict[str, Any]:
        return {**context, "may_create": access.may_create(self.request.user)}


EXPORTED = (
    "reference", "title", "summary", "status", "proof", "percent", "lead_theme", "themes", "owner", "owner_confirmed",
    "supporters", "members", "priority", "phase", "start_date", "target_date", "next_due", "overdue", "stagnant",
    "at_risk", "last_reported_on", "updated_at", "citations",
)  # fmt: skip


def _kind_label(row: Row) -> str:
    return str(ProposalKind(row["proposal__kind"]).label)


@require_GET
@for_readers
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
    access.require(access.may_create(request.user))
    data = request.POST if request.method == "POST" else None
    form, citations = ProposalForm(data), citation_forms(data)
    if data is not None and form.is_valid() & citations.is_valid():
        try:
            proposal = services.create_proposal(
                by=request.user, fields=form.shared, kind=form.cleaned_data["kind"], plan=form.cleaned_data["plan"],
                passages=citations.passages, form_key=form.cleaned_data["form_key"],
            )  # fmt: skip
        except ValidationError as refusal:
            form.add_refusal(refusal)
        else:
            return _created(request, proposal)
    return _form_page(request, form, citations, title=_("New proposal"))


def _created(request: SignedInRequest, proposal: Proposal) -> HttpResponse:
    """Hand it in where that was asked, and go to its page."""
    if request.POST.get("then") == "submit":
        items.submit_item(proposal.item, by=request.user)
        messages.success(request, _("%(reference)s is handed in for review.") % {"reference": proposal.item.reference})
    else:
        messages.success(request, _("%(reference)s is saved as a draft.") % {"reference": proposal.item.reference})
    return redirect_page(request, proposal)


@require_http_methods(["GET", "POST"])
@login_required
def proposal_edit(request: SignedInRequest, reference: str) -> HttpResponse:
    proposal = access.item_to_edit(request, reference, ItemKind.PROPOSAL).proposal
    data = request.POST if request.method == "POST" else None
    form = ProposalForm(data, proposal=proposal)
    citations = citation_forms(data, proposal.item)
    if data is not None and form.is_valid() & citations.is_valid():
        try:
            services.edit_proposal(
                proposal, by=request.user, version=form.cleaned_data["version"], changes=form.shared,
                kind=form.cleaned_data["kind"], passages=citations.passages, drawn=form.drawn,
            )  # fmt: skip
        except StaleVersion as stale:
            form.show_clash(stale)
        except ValidationError as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect_page(request, proposal)
    title = _("Edit %(reference)s") % {"reference": reference}
    return _form_page(request, form, citations, title=title, proposal=proposal)


def _form_page(
    request: HttpRequest,
    form: ProposalForm,
    citations: BaseCitationFormSet,
    *,
    title: str,
    proposal: Proposal | None = None,
) -> HttpResponse:
    context = {"form": form, "citations": citations, "title": title, "proposal": proposal}
    return page_or_fragment(
        request,
        "proposals/proposal_form.html",
        "proposals/_proposal_form.html",
        context,
        status=422 if form.is_bound else 200,
    )
