"""Acts on an item of any kind: hand in, withdraw, confirm, archive, restore; and its record of changes."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from brics_tracker.accounts.decorators import for_readers
from brics_tracker.core.htmx import SignedInRequest, page_or_fragment, redirect_page
from brics_tracker.core.pages import Page, page_number
from brics_tracker.tracking import access, selectors
from brics_tracker.tracking.forms.plan import ReasonForm
from brics_tracker.tracking.models import TrackedItem
from brics_tracker.tracking.services import items, milestones

HISTORY_PAGE = 50


def perform(request: HttpRequest, item: TrackedItem, act: Callable[[], object], done: str) -> HttpResponse:
    """Do it, say so (or why not), and go back to the item's page."""
    try:
        act()
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        messages.success(request, done)
    return redirect_page(request, item)


def ask_reason(
    request: HttpRequest,
    item: TrackedItem,
    act: Callable[[str], object],
    *,
    title: str,
    text: str,
    button: str,
    done: str,
) -> HttpResponse:
    """A small page that asks why, then does it."""
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            act(form.cleaned_data["reason"])
        except ValidationError as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, done)
            return redirect_page(request, item)
    context = {"item": item, "form": form, "title": title, "text": text, "button": button}
    status = 422 if form.is_bound else 200
    return page_or_fragment(
        request, "tracking/items/reason.html", "tracking/items/_reason_form.html", context, status=status
    )


@require_POST
@login_required
def item_submit(request: SignedInRequest, reference: str) -> HttpResponse:
    item = access.item_to_read(request, reference)
    return perform(request, item, lambda: items.submit_item(item, by=request.user), _("Handed in for review."))


@require_POST
@login_required
def item_withdraw(request: SignedInRequest, reference: str) -> HttpResponse:
    item = access.item_to_read(request, reference)
    return perform(request, item, lambda: items.withdraw_item(item, by=request.user), _("It is a draft again."))


@require_POST
@login_required
def owner_confirm(request: SignedInRequest, reference: str) -> HttpResponse:
    item = access.item_to_read(request, reference)
    return perform(request, item, lambda: items.confirm_owner(item, by=request.user), _("The owner is confirmed."))


@require_POST
@login_required
def plan_confirm(request: SignedInRequest, reference: str) -> HttpResponse:
    """Take every step that waits into the plan that counts."""
    item = access.item_to_read(request, reference)
    number = milestones.confirm_plan(item, by=request.user)
    done = ngettext("%(n)d step is confirmed.", "%(n)d steps are confirmed.", number) % {"n": number}
    messages.success(request, done)
    return redirect_page(request, item)


@require_http_methods(["GET", "POST"])
@login_required
def item_archive(request: SignedInRequest, reference: str) -> HttpResponse:
    item = access.item_to_archive(request, reference)
    return ask_reason(
        request, item, lambda reason: items.archive_item(item, by=request.user, reason=reason),
        title=_("Archive %(reference)s") % {"reference": item.reference},
        text=_("It leaves the lists and the figures. Its page, its record and its links stay, and it can be restored."),
        button=_("Archive"),
        done=_("It is archived."),
    )  # fmt: skip


@require_POST
@login_required
def item_restore(request: SignedInRequest, reference: str) -> HttpResponse:
    item = access.item_to_archive(request, reference)
    return perform(request, item, lambda: items.restore_item(item, by=request.user), _("It is back in the lists."))


@require_GET
@for_readers
def item_history(request: HttpRequest, reference: str, kind: str) -> HttpResponse:
    """Who changed what and when, 50 acts a page. Linked from the page of each kind, under that kind's address."""
    item = access.item_to_read(request, reference, kind, merged_too=True)
    entries, number = selectors.history_of(item, request.user), page_number(request.GET.get("page", ""))
    first = (number - 1) * HISTORY_PAGE
    if first and first >= len(entries):
        raise Http404
    shown = entries[first : first + HISTORY_PAGE]
    page = Page(shown, number, HISTORY_PAGE, len(entries), False, first + HISTORY_PAGE < len(entries))
    context = {"item": item, "page_obj": page}
    return render(request, "tracking/items/history.html", context)
