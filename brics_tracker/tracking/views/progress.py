"""Log progress: an update written, changed, thrown away, withdrawn, corrected, retracted; "no change" in one click."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from brics_tracker.accounts.drafts.files import settle_files
from brics_tracker.core.htmx import SignedInRequest, page_or_fragment, redirect_page, wants_fragment
from brics_tracker.core.partial_dates import show
from brics_tracker.tracking import access
from brics_tracker.tracking.choices import ReviewState
from brics_tracker.tracking.forms.review import NoChangeForm
from brics_tracker.tracking.forms.sheet import ProgressSheet
from brics_tracker.tracking.models import TrackedItem, Update
from brics_tracker.tracking.querysets import STEP_TO_CONFIRM
from brics_tracker.tracking.selectors.work import Work
from brics_tracker.tracking.services import progress, updates
from brics_tracker.tracking.services.changes import StaleVersion

from .acts import ask_reason
from .plan import GET_POST


@GET_POST
@login_required
def update_create(request: SignedInRequest, reference: str) -> HttpResponse:
    """Log progress on an item: a page of its own, and the panel on the item's page. ?status= chooses one beforehand."""
    item = access.item_to_log(request, reference)
    if request.method == "GET":
        sheet = ProgressSheet(item, request.user, address=request.path)
        sheet.form.choose_status(request.GET.get("status", ""))
        return _draw(request, sheet)
    sheet = ProgressSheet(item, request.user, data=request.POST, files=request.FILES, address=request.path)
    valid = sheet.is_valid()
    if request.POST.get("then") == "preview":
        return _preview(request, sheet)
    if valid:
        try:
            logged = progress.log_progress(
                item, by=request.user, form_key=sheet.form.cleaned_data["form_key"], entry=sheet.entry,
                submit=request.POST.get("then") == "submit",
            )  # fmt: skip
        except StaleVersion as stale:
            return _draw_stale_again(request, item, stale)
        except ValidationError as refusal:
            sheet.refuse(refusal)
        else:
            return _logged(request, item, logged)
    return _draw(request, sheet)


@GET_POST
@login_required
def update_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    """Change one's own draft or returned update. In review it must be withdrawn first; public, it is corrected."""
    update = access.update_to_read(request, pk)
    access.require(update.author_id == request.user.pk)
    access.require_of(access.may_log, request.user, update.item)
    if request.method == "GET":
        if update.review_state == ReviewState.SUBMITTED:
            return redirect_page(request, reverse("tracking:update-withdraw", args=[pk]))
        if not update.is_editable:
            return redirect_page(request, update)
        return _draw(request, ProgressSheet(update.item, request.user, update=update, address=request.path))
    sheet = ProgressSheet(
        update.item, request.user, update=update, data=request.POST, files=request.FILES, address=request.path
    )
    valid = sheet.is_valid()
    if request.POST.get("then") == "preview":
        return _preview(request, sheet)
    if valid:
        try:
            logged = progress.revise_progress(
                update, by=request.user, version=sheet.form.cleaned_data["version"],
                form_key=sheet.form.cleaned_data["form_key"], entry=sheet.entry,
                submit=request.POST.get("then") == "submit",
            )  # fmt: skip
        except ValidationError as refusal:
            sheet.refuse(refusal)
        else:
            return _logged(request, update.item, logged)
    return _draw(request, sheet)


def _logged(request: SignedInRequest, item: TrackedItem, logged: progress.Logged) -> HttpResponse:
    """Say what was saved; a draft that could not be handed in comes back with what it lacks."""
    settle_files(request.user, request.path)
    if logged.refusal is None:
        if logged.update.review_state == ReviewState.SUBMITTED:
            messages.success(
                request, _("Handed in for review. A reviewer publishes it or hands it back with a reason.")
            )
        else:
            messages.success(request, _("Saved as a draft; it waits on My work."))
        return redirect_page(request, item)
    request.form_saved = True  # as a draft: what was kept of it while it was typed may go
    sheet = ProgressSheet(item, request.user, update=logged.update)
    sheet.refuse(logged.refusal)
    return _draw(request, sheet, saved=True)


def _draw_stale_again(request: SignedInRequest, item: TrackedItem, stale: StaleVersion) -> HttpResponse:
    """A form that came twice with other words, and what it had made was changed meanwhile: both versions of that."""
    data = request.POST.copy()
    data["version"] = "1"
    made: Any = stale.current
    sheet = ProgressSheet(item, request.user, update=made, data=data, files=request.FILES, address=request.path)
    sheet.is_valid()
    sheet.refuse(stale)
    return _draw(request, sheet)


def _draw(request: SignedInRequest, sheet: ProgressSheet, *, saved: bool = False) -> HttpResponse:
    sheet.keep_files()
    context = _sheet_context(request, sheet) | {"saved": saved}
    status = 422 if sheet.is_bound or saved else 200
    return page_or_fragment(request, "tracking/update_form.html", "tracking/_log_form.html", context, status=status)


def _preview(request: SignedInRequest, sheet: ProgressSheet) -> HttpResponse:
    """The text as it will stand; nothing is saved. Without JavaScript the whole page comes back with it."""
    context = _sheet_context(request, sheet) | {"preview": True}
    if wants_fragment(request):
        return render(request, "tracking/_preview.html", context)
    sheet.keep_files()
    return render(request, "tracking/update_form.html", context)


def _sheet_context(request: SignedInRequest, sheet: ProgressSheet) -> dict[str, Any]:
    update, item = sheet.update, sheet.item
    if update is None:
        action, title = reverse("tracking:update-create", args=[item.reference]), _("Log progress")
        drafts = item.updates.filter(author=request.user, review_state__in=[ReviewState.DRAFT, ReviewState.RETURNED])
        extra: dict[str, Any] = {"drafts": drafts.order_by("-updated_at")[:5]}
    else:
        action = reverse("tracking:update-edit", args=[update.pk])
        title = _("Correct an update") if update.corrects_id else _("Change your update")
        extra = {"returns": update.returns.select_related("by").order_by("-at", "-pk")}
    return {
        "sheet": sheet,
        "form": sheet.form,
        "item": item,
        "update": update,
        "action": action,
        "title": title,
        "waiting": item.milestones.filter(STEP_TO_CONFIRM).count(),
        **extra,
    }


@GET_POST
@login_required
def update_delete(request: SignedInRequest, pk: int) -> HttpResponse:
    update = access.update_to_delete(request, pk)
    return confirm(
        request, update, lambda: updates.delete_draft(update, by=request.user),
        title=_("Delete this draft"), button=_("Delete the draft"), done=_("The draft is deleted."),
        text=_("Its words are gone for good. Its sources stay on the record of the item, seen by you and by reviewers."),
        after=update.item,
    )  # fmt: skip


@GET_POST
@login_required
def update_withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    """Back to draft. A second click finds it a draft already."""
    update = access.update_to_read(request, pk)
    access.require(update.author_id == request.user.pk)
    edit = reverse("tracking:update-edit", args=[pk])
    if update.is_editable:
        return redirect_page(request, edit)
    return confirm(
        request, update, lambda: updates.withdraw_update(update, by=request.user),
        title=_("Withdraw this update from review"), button=_("Withdraw and change it"),
        done=_("It is a draft again. Hand it in when it is ready."),
        text=_("It is with the reviewers. Withdrawn, it is a draft again, which you can change and hand in anew."),
        after=edit,
    )  # fmt: skip


@GET_POST
@login_required
def update_correct(request: SignedInRequest, pk: int) -> HttpResponse:
    """Start a correction: a draft with the words of the published update."""
    update = access.update_to_correct(request, pk)
    drafts: list[Update] = []
    return confirm(
        request, update, lambda: drafts.append(progress.correct_update(update, by=request.user)),
        title=_("Correct the update of %(day)s") % {"day": show(update.happened)}, button=_("Write a correction"),
        done=_("This draft holds what was published. Change what is wrong and hand it in."),
        text=_("What is published is not edited silently: you write a correction, a reviewer publishes it, and both stay on record."),
        after=lambda: reverse("tracking:update-edit", args=[drafts[0].pk]),
    )  # fmt: skip


def confirm(
    request: SignedInRequest, update: Update, act: Callable[[], object], *, title: str, text: str, button: str, done: str,
    after: TrackedItem | str | Callable[[], str],
) -> HttpResponse:  # fmt: skip
    """A small page that asks before an act, then does it; what refuses it is said on that page."""
    context: dict[str, Any] = {"update": update, "item": update.item, "title": title, "text": text, "button": button}
    if request.method == "GET":
        return render(request, "tracking/confirm.html", context)
    try:
        act()
    except ValidationError as refusal:
        return render(request, "tracking/confirm.html", {**context, "refusal": refusal.messages}, status=422)
    messages.success(request, done)
    return redirect_page(request, after() if callable(after) else after)


@GET_POST
@login_required
def update_retract(request: SignedInRequest, pk: int) -> HttpResponse:
    update = access.update_to_review(request, pk)
    return ask_reason(
        request, update.item, lambda reason: updates.retract_update(update, by=request.user, reason=reason),
        title=_("Retract the update of %(day)s") % {"day": show(update.happened)},
        text=_retraction(update),
        button=_("Retract"),
        done=_("The update is retracted; what the item shows was reckoned anew."),
    )  # fmt: skip


def _retraction(update: Update) -> str:
    """What happens when this is retracted; of a correction, that the words it corrected stand again."""
    text = _("It stays readable, marked as retracted with your reason, and the item is reckoned without it.")
    original = update.corrects
    if original is None or original.review_state != ReviewState.CORRECTED:
        return text
    back = _("It corrected the update of %(day)s: that one, in its earlier wording, is public again and counts.")
    return f"{text} {back % {'day': show(original.happened)}}"


@require_POST
@login_required
def item_no_change(request: SignedInRequest, reference: str) -> HttpResponse:
    """ "No change this period", from a row of My work: handed in at once. The same click twice makes one."""
    item = access.item_to_log(request, reference)
    form = NoChangeForm(request.POST)
    if not form.is_valid():
        return _no_change_done(
            request, item, error=_("This page is out of date. Open it again, then report once more.")
        )
    try:
        updates.report_no_change(item, by=request.user, form_key=form.cleaned_data["form_key"])
    except ValidationError as refusal:
        return _no_change_done(request, item, error=" ".join(refusal.messages))
    return _no_change_done(request, item)


def _no_change_done(request: SignedInRequest, item: TrackedItem, *, error: str = "") -> HttpResponse:
    if wants_fragment(request):
        tasks: Mapping[Any, Any] = Work(request.user).tasks([("item", item.pk)])
        context = {"task": tasks["item", item.pk], "error": error, "new_key": uuid.uuid4}
        return render(request, "tracking/_work_acts.html", context, status=422 if error else 200)
    if error:
        messages.error(request, error)
    else:
        words = {"reference": item.reference}
        messages.success(request, _("%(reference)s: no change reported; it waits for review.") % words)
    return redirect_page(request, "tracking:my-work")
