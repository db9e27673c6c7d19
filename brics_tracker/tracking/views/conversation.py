"""Conversation: say something of an item or an update, change or remove it, ask a reviewer by name."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from brics_tracker.core.htmx import SignedInRequest, is_own_path, page_or_fragment, redirect_page
from brics_tracker.tracking import access
from brics_tracker.tracking.forms.conversation import AskForm, CommentForm
from brics_tracker.tracking.models import Comment, TrackedItem, Update
from brics_tracker.tracking.selectors.conversation import people_to_mention
from brics_tracker.tracking.services import conversation
from brics_tracker.tracking.services.changes import StaleVersion

GET_POST = require_http_methods(["GET", "POST"])


@GET_POST
@login_required
def item_comment(request: SignedInRequest, reference: str) -> HttpResponse:
    """Say something about an item."""
    return _say(request, access.item_to_comment(request, reference), None)


@GET_POST
@login_required
def update_comment(request: SignedInRequest, pk: int) -> HttpResponse:
    """Say something about one of its updates."""
    update = access.update_to_comment(request, pk)
    return _say(request, update.item, update)


def _say(request: SignedInRequest, item: TrackedItem, update: Update | None) -> HttpResponse:
    form = CommentForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            made = conversation.add_comment(
                item, by=request.user, text=form.cleaned_data["text"], update=update,
                form_key=form.cleaned_data["form_key"],
            )  # fmt: skip
        except ValidationError as refusal:
            form.add_refusal(refusal)
        else:
            return _said(request, made)
    return _form_page(request, item, update, form, title=_("Comment"))


@GET_POST
@login_required
def comment_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    """Change one's own words."""
    comment = access.comment_to_change(request, pk)
    form = CommentForm(request.POST if request.method == "POST" else None, row=comment)
    if form.is_bound and form.is_valid():
        try:
            comment = conversation.edit_comment(
                comment, by=request.user, text=form.cleaned_data["text"], version=form.cleaned_data["version"]
            )
        except StaleVersion as stale:
            form.show_clash(stale)
        except ValidationError as refusal:
            form.add_refusal(refusal)
        else:
            return _said(request, comment)
    return _form_page(request, comment.item, comment.update, form, title=_("Edit your comment"))


def _form_page(
    request: SignedInRequest, item: TrackedItem, update: Update | None, form: CommentForm, *, title: str
) -> HttpResponse:
    context: dict[str, Any] = {
        "item": item, "update": update, "form": form, "title": title, "action": request.path,
        "people_url": people_url(item, update), "back": _back(request, item, update),
    }  # fmt: skip
    status = 422 if form.is_bound else 200
    return page_or_fragment(request, "tracking/comment.html", "tracking/_comment_form.html", context, status=status)


def people_url(item: TrackedItem, update: Update | None) -> str:
    """Where the page asks whom a comment could mention."""
    asked = f"?update={update.pk}" if update else ""
    return reverse("tracking:people", args=[item.reference]) + asked


def _back(request: HttpRequest, item: TrackedItem, update: Update | None) -> str:
    """The page to go back to: the review where the comment was written there, else the item's."""
    asked = request.POST.get("back", "") or request.GET.get("back", "")
    return asked if is_own_path(asked) else (update or item).get_absolute_url()


def _said(request: SignedInRequest, comment: Comment) -> HttpResponse:
    """Saved; and whom it could not reach."""
    messages.success(request, _("Your comment is saved."))
    if lost := conversation.unheard(comment):
        words = ngettext(
            "%(names)s was not told: nobody of that name may see this.",
            "%(names)s were not told: nobody of these names may see this.",
            len(lost),
        )
        messages.warning(request, words % {"names": ", ".join(f"@{handle}" for handle in lost)})
    back = request.POST.get("back", "")
    return redirect_page(request, back if is_own_path(back) else comment)


@GET_POST
@login_required
def comment_remove(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ask, then take one's own words away."""
    comment = access.comment_to_change(request, pk)
    if request.method == "POST":
        conversation.remove_comment(comment, by=request.user)
        messages.success(request, _("Your comment is removed; its place stays."))
        return redirect_page(request, _back(request, comment.item, comment.update))
    context = {"item": comment.item, "comment": comment, "back": _back(request, comment.item, comment.update)}
    return render(request, "tracking/comment_remove.html", context)


@require_GET
@login_required
def people(request: SignedInRequest, reference: str) -> HttpResponse:
    """Whom a comment on this item (or `update`) could mention: those who may see it, as a list to choose from."""
    item = access.item_to_comment(request, reference)
    asked = request.GET.get("update", "")
    update = access.update_to_comment(request, int(asked)) if asked.isdecimal() and len(asked) < 19 else None
    found = people_to_mention(request.GET.get("q", "")[:40], item, update if update and update.item == item else None)
    return render(request, "tracking/_people.html", {"people": found})


@GET_POST
@login_required
def review_ask(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ask a reviewer by name to look at an update that waits."""
    update = access.update_to_ask_for(request, pk)
    asked = {row.reviewer_id for row in update.review_requests.all()}
    reviewers = [person for person in conversation.reviewers_of(update) if person.pk not in asked]
    form = AskForm(request.POST if request.method == "POST" else None, reviewers=reviewers)
    if form.is_bound and form.is_valid():
        try:
            conversation.ask_review(update, by=request.user, reviewer=form.cleaned_data["reviewer"])
        except ValidationError as refusal:
            form.add_refusal(refusal)
        else:
            words = {"name": form.cleaned_data["reviewer"]}
            messages.success(request, _("%(name)s is asked to review it.") % words)
            return redirect_page(request, update)
    requests = update.review_requests.select_related("reviewer", "by")
    context = {"item": update.item, "update": update, "form": form, "reviewers": reviewers, "requests": requests}
    status = 422 if form.is_bound else 200
    return page_or_fragment(request, "tracking/review_ask.html", "tracking/_review_ask.html", context, status=status)
