"""An item's plan and ties: steps added, changed, moved, dropped; relations made and undone."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from brics_tracker.core.htmx import SignedInRequest, page_or_fragment, redirect_page
from brics_tracker.tracking import access
from brics_tracker.tracking.forms.plan import MilestoneForm, RelationForm
from brics_tracker.tracking.models import Relation, TrackedItem
from brics_tracker.tracking.services import items, milestones
from brics_tracker.tracking.services.changes import StaleVersion

from .acts import ask_reason, perform

GET_POST = require_http_methods(["GET", "POST"])


@GET_POST
@login_required
def milestone_add(request: SignedInRequest, reference: str) -> HttpResponse:
    item = access.item_to_edit(request, reference)
    data = request.POST if request.method == "POST" else None
    form = MilestoneForm(data, may_confirm=access.may_confirm(request.user, item))
    if form.is_bound and form.is_valid():
        try:
            milestones.add_milestone(
                item, by=request.user, fields=form.fields_of_plan, form_key=form.cleaned_data["form_key"]
            )
        except ValidationError as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, _("The step is in the plan."))
            return redirect_page(request, item)
    return _milestone_page(request, item, form, _("Add a step to the plan"))


@GET_POST
@login_required
def milestone_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    milestone = access.milestone_to_edit(request, pk)
    data = request.POST if request.method == "POST" else None
    form = MilestoneForm(data, row=milestone, may_confirm=access.may_confirm(request.user, milestone.item))
    if form.is_bound and form.is_valid():
        try:
            milestones.edit_milestone(
                milestone, by=request.user, version=form.cleaned_data["version"], changes=form.fields_of_plan,
                reason=form.cleaned_data["reason"],
            )  # fmt: skip
        except StaleVersion as stale:
            form.show_clash(stale)
        except ValidationError as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, _("The step is saved."))
            return redirect_page(request, milestone.item)
    return _milestone_page(request, milestone.item, form, _("Change a step of the plan"))


def _milestone_page(request: SignedInRequest, item: TrackedItem, form: MilestoneForm, title: str) -> HttpResponse:
    context = {"item": item, "form": form, "title": title}
    status = 422 if form.is_bound else 200
    return page_or_fragment(
        request, "tracking/items/milestone.html", "tracking/items/_milestone_form.html", context, status=status
    )


@GET_POST
@login_required
def milestone_drop(request: SignedInRequest, pk: int) -> HttpResponse:
    milestone = access.milestone_to_edit(request, pk)
    return ask_reason(
        request, milestone.item, lambda reason: milestones.drop_milestone(milestone, by=request.user, reason=reason),
        title=_("Drop “%(step)s” from the plan") % {"step": milestone.title},
        text=_("It no longer counts. The record keeps it, with your reason."),
        button=_("Drop the step"),
        done=_("The step is dropped."),
    )  # fmt: skip


@GET_POST
@login_required
def relation_add(request: SignedInRequest, reference: str) -> HttpResponse:
    item = access.item_to_edit(request, reference)
    form = RelationForm(request.POST if request.method == "POST" else None, user=request.user)
    if form.is_bound and form.is_valid():
        try:
            items.relate(
                item, form.cleaned_data["target"], kind=form.cleaned_data["kind"], by=request.user,
                note=form.cleaned_data["note"],
            )  # fmt: skip
        except ValidationError as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, _("The two items are tied."))
            return redirect_page(request, item)
    context = {"item": item, "form": form}
    status = 422 if form.is_bound else 200
    return page_or_fragment(
        request, "tracking/items/relation.html", "tracking/items/_relation_form.html", context, status=status
    )


@require_POST
@login_required
def relation_remove(request: SignedInRequest, pk: int) -> HttpResponse:
    visible = TrackedItem.objects.visible_to(request.user)
    relation = get_object_or_404(
        Relation.objects.select_related("source").filter(source__in=visible, target__in=visible), pk=pk
    )
    return perform(
        request,
        relation.source,
        lambda: items.unrelate(relation, by=request.user),
        _("The two items are no longer tied."),
    )
