"""Confirm many: the items whose owner or plan waits, a page at a time, each row with its owner and dates."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from brics_tracker.accounts import access as grants
from brics_tracker.accounts.access import OVERSEERS
from brics_tracker.core.htmx import SignedInRequest, redirect_page
from brics_tracker.core.pages import read_page
from brics_tracker.tracking import access
from brics_tracker.tracking.filters import AnyItemFilterSet
from brics_tracker.tracking.forms.confirm import ConfirmForm
from brics_tracker.tracking.models import BulkEdit, Milestone, TrackedItem
from brics_tracker.tracking.querysets import STEP_TO_CONFIRM
from brics_tracker.tracking.selectors.many import confirmable_by
from brics_tracker.tracking.services import bulk
from brics_tracker.tracking.services.changes import made_before

ON_A_PAGE = 20
OFFERED = ("theme", "item_kind")  # filters that the page offers; those of a list that led here are kept


@require_http_methods(["GET", "POST"])
@login_required
def to_confirm(request: SignedInRequest) -> HttpResponse:
    """Tick, name owners, date steps; see what it would change; confirm. Filters of the lists hold here too."""
    access.require(grants.holds(request.user, OVERSEERS))
    if request.method == "GET":
        return _waiting_page(request)
    done = made_before(request.user, request.POST.get("form_key", ""), BulkEdit)
    if done is not None and request.POST.get("then") == "apply":
        return redirect_page(request, reverse("tracking:bulk-edit", args=[done.pk]))
    keys = [int(key) for key in request.POST.getlist("row") if key.isascii() and key.isdigit() and len(key) < 10]
    rows = _in_reach(request).filter(pk__in=keys[: bulk.MOST]).order_by("reference_prefix", "reference_number")
    form = _form(request.POST, list(rows))
    context: dict[str, Any] = {"form": form, "address": request.get_full_path()}
    if form.is_valid():
        if request.POST.get("then") == "apply":
            edit = bulk.edit_many(
                form.chosen, form.wanted, by=request.user, words=[_("Owners and plans confirmed")],
                form_key=form.cleaned_data["form_key"],
            )  # fmt: skip
            return redirect_page(request, reverse("tracking:bulk-edit", args=[edit.pk]))
        context["preview"] = bulk.preview_edit(form.chosen, form.wanted, by=request.user)
        context["changing"] = sum(row.outcome == "changed" for row in context["preview"])
    return render(request, "tracking/to_confirm.html", context, status=422 if form.errors else 200)


def _waiting_page(request: SignedInRequest) -> HttpResponse:
    asked = request.GET.copy()
    asked["to_confirm"] = "true"
    filterset = AnyItemFilterSet(asked, _in_reach(request), request=request)
    found = filterset.qs.order_by("reference_prefix", "reference_number")
    page = read_page(found, request.GET.get("page", ""), ON_A_PAGE)
    context = {
        "form": _form(None, page.rows), "page_obj": page, "filterset": filterset, "path": request.path,
        "address": request.get_full_path(), "offered": [filterset.form[name] for name in OFFERED],
        "carried": [(name, value) for name in filterset.in_use if name not in {*OFFERED, "to_confirm"}
                    for value in request.GET.getlist(name)],
    }  # fmt: skip
    return render(request, "tracking/to_confirm.html", context)


def _in_reach(request: SignedInRequest) -> QuerySet[TrackedItem]:
    return confirmable_by(request.user).select_related("owner", "lead_theme")


def _form(data: QueryDict | None, items: Any) -> ConfirmForm:
    steps: dict[int, list[Milestone]] = defaultdict(list)
    waiting = Milestone.objects.filter(STEP_TO_CONFIRM, item__in=[item.pk for item in items])
    for step in waiting.order_by("position", "pk"):
        steps[step.item_id].append(step)
    return ConfirmForm(data, items=items, steps=steps)
