"""Review of many: tick in the queue, see what publishing would change, decide once, read what became of each."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from brics_tracker.accounts import access as grants
from brics_tracker.accounts.access import REVIEWERS
from brics_tracker.core.htmx import SignedInRequest, redirect_page
from brics_tracker.tracking import access
from brics_tracker.tracking.choices import Judgement
from brics_tracker.tracking.forms.judging import JudgeForm, handed_in
from brics_tracker.tracking.models import BulkReview, Evidence, TrackedItem
from brics_tracker.tracking.services import judging
from brics_tracker.tracking.services.judging import Handed


@require_POST
@login_required
def review_many(request: SignedInRequest) -> HttpResponse:
    """What was ticked with what publishing would change; then=publish or then=return decides on it."""
    access.require(grants.holds(request.user, REVIEWERS))
    try:
        handed = handed_in(request.POST)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return redirect_page(request, "tracking:review-queue")
    then = request.POST.get("then", "")
    form = JudgeForm(request.POST if then in Judgement.values else None)
    if form.is_bound and form.is_valid():
        try:
            review = judging.review_many(
                handed, Judgement(then), by=request.user, reason=form.cleaned_data["reason"],
                form_key=form.cleaned_data["form_key"],
            )  # fmt: skip
        except ValidationError as refusal:
            form.add_refusal(refusal)
        else:
            return redirect_page(request, reverse("tracking:review-done", args=[review.pk]))
    context = {"form": form, "rows": _rows(request, handed)}
    return render(request, "tracking/review_many.html", context, status=422 if form.is_bound else 200)


def _rows(request: SignedInRequest, handed: Handed) -> list[dict[str, Any]]:
    """Each thing with what publishing it would change, its evidence, and whether that stands ticked as checked."""
    preview = judging.preview_review(handed, Judgement.PUBLISH, by=request.user)
    sources: dict[int, list[Evidence]] = defaultdict(list)
    seen = (
        Evidence.objects.visible_to(request.user)
        .filter(updates__in=handed.updates)
        .prefetch_related("files", "updates")
    )
    for evidence in seen.distinct().order_by("pk"):
        for update in evidence.updates.all():
            sources[update.pk].append(evidence)
    return [
        {
            "judged": row,
            "version": handed.updates[row.update.pk] if row.update else handed.items[row.item.pk],
            "sources": sources[row.update.pk] if row.update else [],
            "is_checked": row.update is not None and row.update.pk in handed.checked,
        }
        for row in preview
    ]


@require_GET
@login_required
def review_done(request: SignedInRequest, pk: int) -> HttpResponse:
    """What became of each in a review of many, for whoever made it."""
    review = get_object_or_404(BulkReview, pk=pk, by=request.user)
    rows = review.rows.filter(item__in=TrackedItem.objects.visible_to(request.user)).select_related("item", "update")
    return render(request, "tracking/review_done.html", {"review": review, "rows": rows})
