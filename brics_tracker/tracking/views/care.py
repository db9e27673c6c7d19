"""Care of the register: two items merged into one, one split into several."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from brics_tracker.accounts.access import ADMINISTRATORS, holds
from brics_tracker.core.htmx import SignedInRequest, redirect_page
from brics_tracker.tracking import access
from brics_tracker.tracking.forms.care import MergeForm, PairForm
from brics_tracker.tracking.forms.splitting import SplitForm
from brics_tracker.tracking.selectors.care import side_of
from brics_tracker.tracking.services import merging, splitting


@require_GET
@login_required
def merge_choose(request: SignedInRequest) -> HttpResponse:
    """Name two items by reference, then see them side by side."""
    access.require(holds(request.user, ADMINISTRATORS))
    asked = {name: request.GET[name] for name in ("keep", "other") if name in request.GET}
    form = PairForm(asked if len(asked) == 2 else None, user=request.user)
    if form.is_bound and form.is_valid():
        return redirect(
            "tracking:item-merge", form.cleaned_data["keep"].reference, form.cleaned_data["other"].reference
        )
    if not form.is_bound:
        form.initial = asked
    return render(request, "tracking/care/merge_choose.html", {"form": form}, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@login_required
def item_merge(request: SignedInRequest, reference: str, other: str) -> HttpResponse:
    """Two items side by side, what a merge would do (then=preview), and the merge itself (then=apply)."""
    survivor, merged = access.item_to_merge(request, reference), access.item_to_merge(request, other)
    if survivor.pk == merged.pk or survivor.item_kind != merged.item_kind:
        messages.error(request, _("Choose two items of one sort."))
        return redirect("tracking:merge-choose")
    form = MergeForm(request.POST if request.method == "POST" else None, survivor=survivor, other=merged)
    context: dict[str, Any] = {"form": form, "survivor": survivor, "other": merged}
    if form.is_bound and form.is_valid():
        try:
            if request.POST.get("then") == "apply":
                merging.merge_items(
                    survivor, merged, by=request.user, seen=form.seen, choice=form.choice,
                    form_key=form.cleaned_data["form_key"],
                )  # fmt: skip
                words = {"old": merged.reference, "new": survivor.reference}
                messages.success(request, _("%(old)s is merged into %(new)s; its reference leads here.") % words)
                return redirect_page(request, survivor)
            preview = merging.preview_merge(survivor, merged, by=request.user, seen=form.seen, choice=form.choice)
            context |= {"preview": preview, "moved": _in_words(preview.moved)}
        except ValidationError as refusal:
            if getattr(refusal, "code", "") == "stale":
                form.show_as_now(survivor, merged)
            form.add_refusal(refusal)
    context["sides"] = [side_of(survivor), side_of(merged)]
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "tracking/care/merge.html", context, status=status)


def _in_words(moved: Any) -> list[tuple[str, int]]:
    """How many rows of each sort, under the name that people know."""
    return [(str(apps.get_model(label)._meta.verbose_name_plural), number) for label, number in moved.items()]


@require_http_methods(["GET", "POST"])
@login_required
def item_split(request: SignedInRequest, reference: str) -> HttpResponse:
    """One item into several; then=more asks for one part more, with all that was typed."""
    item = access.item_to_merge(request, reference)
    count = _count(request.POST.get("count", ""))
    if request.method == "POST" and request.POST.get("then") == "more":
        return _split_page(request, SplitForm(item=item, count=count + 1, initial=_typed(request.POST, count + 1)))
    form = SplitForm(request.POST if request.method == "POST" else None, item=item, count=count)
    if form.is_bound and form.is_valid():
        told = form.cleaned_data
        try:
            split = splitting.split_item(
                item, form.parts, by=request.user, version=told["version"], reason=told["reason"],
                keeps=form.resting(splitting.ORIGIN), archive=told["archive"], form_key=told["form_key"],
            )  # fmt: skip
        except ValidationError as refusal:
            form.add_refusal(refusal)
        else:
            words = {"old": item.reference, "new": ", ".join(part["reference"] for part in split.parts)}
            messages.success(request, _("%(old)s is split into %(new)s.") % words)
            return redirect_page(request, item)
    return _split_page(request, form)


def _split_page(request: SignedInRequest, form: SplitForm) -> HttpResponse:
    context = {"form": form, "item": form.item, "may_more": form.size < splitting.MOST}
    return render(request, "tracking/care/split.html", context, status=422 if form.is_bound else 200)


def _count(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 3 else 2


def _typed(data: QueryDict, new: int) -> dict[str, Any]:
    """What was typed, to be drawn again with one part more, which rests on every paragraph as a new one does."""
    return {
        name: [*data.getlist(name), str(new)] if name.startswith("source_") else data[name]
        for name in data
        if name != "then"
    }
