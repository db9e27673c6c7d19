"""Edit many: choose in a list, say what to change, see what it would do, do it, undo it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from brics_tracker.accounts.access import ADMINISTRATORS, OVERSEERS, holds
from brics_tracker.core.htmx import SignedInRequest, is_own_path, redirect_page
from brics_tracker.tracking import access
from brics_tracker.tracking.forms.bulk import BulkForm, chosen_items
from brics_tracker.tracking.models import BulkEdit, TrackedItem
from brics_tracker.tracking.selectors.plan import open_steps
from brics_tracker.tracking.services import bulk


@require_POST
@login_required
def edit_many(request: SignedInRequest) -> HttpResponse:
    """Three steps at one address: the form for what was ticked, the preview, and (then=apply) the edit."""
    access.require(access.may_create(request.user))
    try:
        chosen = chosen_items(request.POST.getlist("item"))
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return redirect_page(request, _back(request))
    step = request.POST.get("then", "")
    visible = TrackedItem.objects.visible_to(request.user).filter(pk__in=chosen)
    form = BulkForm(
        request.POST if step in {"preview", "apply"} else None, may_archive=holds(request.user, ADMINISTRATORS),
        may_confirm=holds(request.user, OVERSEERS), steps=open_steps(visible),
    )  # fmt: skip
    context: dict[str, Any] = {"form": form, "back": _back(request), "marks": request.POST.getlist("item")}
    if form.is_bound and form.is_valid():
        if step == "apply":
            edit = bulk.edit_many(
                chosen, form.wanted, by=request.user, words=form.words, form_key=form.cleaned_data["form_key"]
            )
            return redirect_page(request, reverse("tracking:bulk-edit", args=[edit.pk]))
        context["preview"] = bulk.preview_edit(chosen, form.wanted, by=request.user)
        context["changing"] = sum(row.outcome == "changed" for row in context["preview"])
    context["items"] = visible.order_by("reference_prefix", "reference_number")
    return render(request, "tracking/bulk_form.html", context, status=422 if form.is_bound and form.errors else 200)


def _back(request: SignedInRequest) -> str:
    """The list that it came from; only a path of this site."""
    path = request.POST.get("back", "")
    return path if is_own_path(path) else reverse("proposals:list")


@require_GET
@login_required
def bulk_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    """What an edit of many did, item by item, for whoever made it."""
    edit = get_object_or_404(BulkEdit.objects.select_related("by"), pk=pk, by=request.user)
    undone = BulkEdit.objects.filter(undoes=edit).first()
    rows = edit.rows.filter(item__in=TrackedItem.objects.visible_to(request.user)).select_related("item")
    context = {"edit": edit, "rows": rows, "undone": undone, "may_undo": undone is None and edit.undoes_id is None}
    return render(request, "tracking/bulk_edit.html", context)


@require_POST
@login_required
def bulk_undo(request: SignedInRequest, pk: int) -> HttpResponse:
    edit = get_object_or_404(BulkEdit, pk=pk, by=request.user)
    try:
        undoing = bulk.undo_edit(edit, by=request.user)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return redirect_page(request, reverse("tracking:bulk-edit", args=[pk]))
    messages.success(request, _("Undone. What someone changed since stays as it is."))
    return redirect_page(request, reverse("tracking:bulk-edit", args=[undoing.pk]))
