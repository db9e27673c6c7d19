"""The page on which an item is made or changed; each kind brings its form and its services."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from brics_tracker.core.htmx import SignedInRequest, page_or_fragment, redirect_page
from brics_tracker.tracking import access
from brics_tracker.tracking.forms.citations import BaseCitationFormSet, citation_forms
from brics_tracker.tracking.forms.items import ItemForm
from brics_tracker.tracking.models import TrackedItem
from brics_tracker.tracking.services import items
from brics_tracker.tracking.services.changes import StaleVersion

from .acts import perform


def create_page(
    request: SignedInRequest, form_class: type[ItemForm], create: Callable[..., Any], *, title: str, back: str
) -> HttpResponse:
    """The empty form; sent, it makes a draft through `create` and hands it in where that was asked."""
    access.require(access.may_create(request.user))
    data = request.POST if request.method == "POST" else None
    form, citations = form_class(data), citation_forms(data)
    if data is not None and form.is_valid() & citations.is_valid():
        try:
            made = create(
                by=request.user, fields=form.shared, own=form.detail, plan=form.cleaned_data["plan"],
                passages=citations.passages, form_key=form.cleaned_data["form_key"],
                submit=request.POST.get("then") == "submit",
            )  # fmt: skip
        except ValidationError as refusal:
            _show_refusal(refusal, form, citations)
        else:
            return _created(request, made.item)
    return _form_page(request, form, citations, title=title, back=back)


def _created(request: SignedInRequest, item: TrackedItem) -> HttpResponse:
    """Go to its page; what the form had made before, as a draft, is handed in now where that was asked."""
    words = {"reference": item.reference}
    if request.POST.get("then") == "submit":
        done = _("%(reference)s is handed in for review.") % words
        return perform(request, item, lambda: items.submit_item(item, by=request.user), done)
    messages.success(request, _("%(reference)s is saved as a draft.") % words)
    return redirect_page(request, item)


def _show_refusal(refusal: ValidationError, form: ItemForm, citations: BaseCitationFormSet) -> None:
    """What a service refused, at the sources or at the form's fields."""
    if "citations" in getattr(refusal, "error_dict", {}):
        citations.refuse(refusal.message_dict["citations"])
    else:
        form.add_refusal(refusal)


def edit_page(
    request: SignedInRequest, item: TrackedItem, form_class: type[ItemForm], edit: Callable[..., Any]
) -> HttpResponse:
    """The form as the item is; sent, it changes the item through `edit`, or comes back with both versions."""
    data = request.POST if request.method == "POST" else None
    form, citations = form_class(data, item=item), citation_forms(data, item)
    if data is not None and form.is_valid() & citations.is_valid():
        try:
            edit(
                getattr(item, item.item_kind), by=request.user, version=form.cleaned_data["version"],
                changes=form.shared, own=form.detail, passages=citations.passages, drawn=form.drawn,
            )  # fmt: skip
        except StaleVersion as stale:
            form.show_clash(stale)
        except ValidationError as refusal:
            _show_refusal(refusal, form, citations)
        else:
            messages.success(request, _("Saved."))
            return redirect_page(request, item)
    title = _("Edit %(reference)s") % {"reference": item.reference}
    return _form_page(request, form, citations, title=title, back=item.get_absolute_url(), item=item)


def _form_page(
    request: HttpRequest,
    form: ItemForm,
    citations: BaseCitationFormSet,
    *,
    title: str,
    back: str,
    item: TrackedItem | None = None,
) -> HttpResponse:
    context = {"form": form, "citations": citations, "title": title, "back": back, "item": item}
    context["kind_of_item"] = "" if item else form.kind_of_item  # what is like a new one is offered
    page, fragment = "tracking/items/item_form.html", "tracking/items/_item_form.html"
    return page_or_fragment(request, page, fragment, context, status=422 if form.is_bound else 200)
