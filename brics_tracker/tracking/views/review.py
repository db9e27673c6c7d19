"""Review: the queue, one update, one new item; publish, or hand back with a reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from brics_tracker.accounts import access as grants
from brics_tracker.accounts.access import REVIEWERS
from brics_tracker.core.export import about_list, export_links, export_response
from brics_tracker.core.forms import TrackerForm
from brics_tracker.core.htmx import SignedInRequest, page_or_fragment, redirect_page
from brics_tracker.core.pages import read_page
from brics_tracker.tracking import access
from brics_tracker.tracking.columns import waiting_columns
from brics_tracker.tracking.forms.review import ItemPublishForm, PublishForm, ReturnForm
from brics_tracker.tracking.models import TrackedItem, Update
from brics_tracker.tracking.selectors import citations_of, milestones_of
from brics_tracker.tracking.selectors.many import number_to_confirm
from brics_tracker.tracking.selectors.review import SHOWN, ItemReview, Queue, UpdateReview
from brics_tracker.tracking.services import items, updates


@require_GET
@login_required
def review_queue(request: SignedInRequest) -> HttpResponseBase:
    """What was handed in in this reviewer's scope, oldest first; the updates also as a file."""
    access.require(grants.holds(request.user, REVIEWERS))
    queue = Queue(request.user)
    if format := request.GET.get("export", ""):
        columns = waiting_columns(request.build_absolute_uri(reverse("tracking:update-review", args=[0]))[:-2])
        about = about_list(request, _("Updates that wait for review"))
        return export_response(request, queue.updates(), columns, format, "review", about=about)
    new_items = queue.items()
    context = {
        "page_obj": read_page(queue.updates(), request.GET.get("page", ""), SHOWN),
        "items": new_items[:SHOWN],
        "item_count": new_items.count(),
        "own": queue.own(),
        "to_confirm": number_to_confirm(request.user),
        "exports": export_links(request),
    }
    return page_or_fragment(request, "tracking/review.html", "tracking/_review_updates.html", context)


@require_GET
@login_required
def update_review(request: SignedInRequest, pk: int) -> HttpResponse:
    """One update before its reviewer; once judged, what became of it and what comes next."""
    return _update_page(request, access.update_to_review(request, pk))


def _update_page(
    request: SignedInRequest, update: Update, *, publish: PublishForm | None = None, hand_back: ReturnForm | None = None
) -> HttpResponse:
    drawn = {"version": update.version}
    context = {
        "update": update,
        "item": update.item,
        "review": UpdateReview(update, request.user),
        "publish": publish or PublishForm(initial=drawn, prefix="publish"),
        "hand_back": hand_back or ReturnForm(initial=drawn, prefix="return"),
        "publish_url": reverse("tracking:update-publish", args=[update.pk]),
        "return_url": reverse("tracking:update-return", args=[update.pk]),
        "next": Queue(request.user).next_after(update),
    }
    status = 422 if publish or hand_back else 200
    return page_or_fragment(
        request, "tracking/update_review.html", "tracking/_update_review.html", context, status=status
    )


@require_POST
@login_required
def update_publish(request: SignedInRequest, pk: int) -> HttpResponse:
    update = access.update_to_review(request, pk)
    form = PublishForm(request.POST, prefix="publish")
    done = _attempt(
        form,
        lambda: updates.publish_update(
            update, by=request.user, evidence_checked=form.cleaned_data["evidence_checked"],
            version=form.cleaned_data["version"],
        ),
    )  # fmt: skip
    if not done:
        return _update_page(request, _fresh(update), publish=form)
    messages.success(
        request, _("Published. %(reference)s shows it from now on.") % {"reference": update.item.reference}
    )
    return redirect_page(request, reverse("tracking:update-review", args=[pk]))


@require_POST
@login_required
def update_return(request: SignedInRequest, pk: int) -> HttpResponse:
    update = access.update_to_review(request, pk)
    form = ReturnForm(request.POST, prefix="return")
    done = _attempt(
        form,
        lambda: updates.return_update(update, by=request.user, reason=form.cleaned_data["reason"]),
        read=update,
    )
    if not done:
        return _update_page(request, _fresh(update), hand_back=form)
    messages.success(request, _("Handed back to %(name)s with your reason.") % {"name": update.author})
    return redirect_page(request, reverse("tracking:update-review", args=[pk]))


def _fresh(update: Update) -> Update:
    """As it is now: a refused act may have changed the object in memory."""
    return get_object_or_404(Update.objects.select_related("item__lead_theme", "author", "corrects"), pk=update.pk)


def _attempt(form: TrackerForm, act: Callable[[], object], *, read: Update | TrackedItem | None = None) -> bool:
    """Do it if the form is in order and (where the act does not ask itself) still about what was read."""
    if not form.is_valid():
        return False
    if read is not None and form.cleaned_data["version"] != read.version:
        form.add_error(
            None, _("It was changed since you opened it. What you typed is kept; read it again, then decide.")
        )
        _renew(form, read)
        return False
    try:
        act()
    except ValidationError as refusal:
        form.add_refusal(refusal)
        return False
    return True


def _renew(form: Any, read: Update | TrackedItem) -> None:
    """The page shows what is saved now, so the form is about that from here on."""
    form.data = form.data.copy()
    form.data[form.add_prefix("version")] = str(read.version)


@require_GET
@login_required
def item_review(request: SignedInRequest, reference: str) -> HttpResponse:
    """A new item before its reviewer."""
    return _item_page(request, access.item_to_review(request, reference))


def _item_page(
    request: SignedInRequest, item: TrackedItem, *, publish: ItemPublishForm | None = None,
    hand_back: ReturnForm | None = None,
) -> HttpResponse:  # fmt: skip
    drawn = {"version": item.version}
    context = {
        "item": item,
        "review": ItemReview(item, request.user),
        "citations": citations_of(item),
        "plan": milestones_of(item),
        "publish": publish or ItemPublishForm(initial=drawn, prefix="publish"),
        "hand_back": hand_back or ReturnForm(initial=drawn, prefix="return"),
        "publish_url": reverse("tracking:item-publish", args=[item.reference]),
        "return_url": reverse("tracking:item-return", args=[item.reference]),
        "next": Queue(request.user).next_after(item),
    }
    status = 422 if publish or hand_back else 200
    return page_or_fragment(request, "tracking/item_review.html", "tracking/_item_review.html", context, status=status)


@require_POST
@login_required
def item_publish(request: SignedInRequest, reference: str) -> HttpResponse:
    item = access.item_to_review(request, reference)
    form = ItemPublishForm(request.POST, prefix="publish")
    read = None if item.is_published else item
    if not _attempt(form, lambda: items.publish_item(item, by=request.user), read=read):
        return _item_page(request, access.item_to_review(request, reference), publish=form)
    messages.success(request, _("Published. %(reference)s is tracked from today.") % {"reference": item.reference})
    return redirect_page(request, reverse("tracking:item-review", args=[reference]))


@require_POST
@login_required
def item_return(request: SignedInRequest, reference: str) -> HttpResponse:
    item = access.item_to_review(request, reference)
    form = ReturnForm(request.POST, prefix="return")
    if not _attempt(
        form, lambda: items.return_item(item, by=request.user, reason=form.cleaned_data["reason"]), read=item
    ):
        return _item_page(request, access.item_to_review(request, reference), hand_back=form)
    messages.success(request, _("Handed back to %(name)s with your reason.") % {"name": item.author})
    return redirect_page(request, reverse("tracking:item-review", args=[reference]))
