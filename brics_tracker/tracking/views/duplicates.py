"""Likely duplicates: the pairs, the search for them, telling two apart; what is like an entry being typed."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from brics_tracker.core.htmx import SignedInRequest, page_or_fragment, redirect_page
from brics_tracker.core.pages import read_page
from brics_tracker.core.text import is_clean
from brics_tracker.tracking import access
from brics_tracker.tracking.choices import ItemKind
from brics_tracker.tracking.selectors import duplicates as selectors
from brics_tracker.tracking.services import duplicates


@require_GET
@login_required
def duplicate_list(request: SignedInRequest) -> HttpResponse:
    """Pairs in one's scope that may be one thing; ?shown=apart: those that someone told apart."""
    access.require(access.may_create(request.user))
    user, apart = request.user, request.GET.get("shown") == "apart"
    asked, size = request.GET.get("page", ""), settings.PAGE_SIZE
    if apart:
        rows = selectors.distinct_pairs(user)
        page = read_page(rows, asked, size, lambda found: selectors.read_distinct(found, user))
    else:
        likely = selectors.likely_pairs(user)
        page = read_page(likely, asked, size, lambda found: selectors.read_likely(found, user))
    context = {"page_obj": page, "apart": apart, "job": duplicates.last_search()}
    return render(request, "tracking/care/duplicates.html", context)


@require_POST
@login_required
def duplicate_search(request: SignedInRequest) -> HttpResponse:
    duplicates.ask_search(by=request.user)
    return redirect_page(request, reverse("tracking:duplicate-list"))


@require_POST
@login_required
def pair_judge(request: SignedInRequest, reference: str, other: str) -> HttpResponse:
    """Tell two items apart, or (then=undo) take that back."""
    one, two = access.item_to_read(request, reference), access.item_to_read(request, other)
    undo = request.POST.get("then") == "undo"
    try:
        if undo:
            duplicates.take_back(one, two, by=request.user)
        else:
            duplicates.tell_apart(one, two, by=request.user)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        words = {"one": one.reference, "other": two.reference}
        done = (
            _("%(one)s and %(other)s may be one thing again.") if undo else _("%(one)s and %(other)s are two things.")
        )
        messages.success(request, done % words)
    return redirect_page(request, reverse("tracking:duplicate-list") + ("?shown=apart" if undo else ""))


@require_http_methods(["GET", "POST"])
@login_required
def similar(request: SignedInRequest) -> HttpResponse:
    """What is like the title of an entry that is being typed; nothing is saved by either method."""
    access.require(access.may_create(request.user))
    asked = request.POST if request.method == "POST" else request.GET
    title, kind = asked.get("title", "")[:200], asked.get("kind_of_item", "")
    known = kind in ItemKind.values and is_clean(title)
    found = duplicates.similar_items(title, kind=kind, user=request.user) if known else []
    return page_or_fragment(
        request, "tracking/care/similar.html", "tracking/care/_similar.html", {"found": found, "title": title}
    )
