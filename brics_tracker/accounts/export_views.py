"""One's own exports: have a large list made into a file, see how far it is, fetch it."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from brics_tracker.core import jobs
from brics_tracker.core.audit import record_fetch
from brics_tracker.core.choices import Act
from brics_tracker.core.htmx import SignedInRequest, page_or_fragment, redirect_page
from brics_tracker.core.models import ExportFile, Job
from brics_tracker.core.writers import WRITERS

from . import access, exports, selectors
from .forms import ExportForm
from .models import User

SANDBOX = "sandbox; default-src 'none'; frame-ancestors 'none'"


@require_GET
@login_required
def export_list(request: SignedInRequest) -> HttpResponse:
    """What one asked for lately; while something is on its way a part of the page asks again."""
    shown = selectors.exports_for_page(request.user)
    context = {"exports": shown, "is_open": any(each.job.is_open for each in shown), "days": exports.KEPT_FOR.days}
    return page_or_fragment(request, "exports/export_list.html", "exports/_exports.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def export_create(request: SignedInRequest) -> HttpResponse:
    """A list that is too large to be written while one waits: what it is, and a button that has it made."""
    if request.method == "GET":
        return _offer(request)
    form = ExportForm(request.POST)
    if form.is_valid():
        asked = form.cleaned_data
        try:
            exports.request_export(asked["list"], asked["format"], by=request.user, form_key=asked["form_key"])
        except ValidationError as refusal:
            form.add_refusal(refusal)
        else:
            return redirect("exports:list")
    return render(request, "exports/export_form.html", {"form": form}, status=422)


def _offer(request: SignedInRequest) -> HttpResponse:
    address, format = request.GET.get("list", ""), request.GET.get("format", "")
    try:
        found = exports.list_for(request.user, address, format)
    except ValidationError as refusal:
        raise Http404 from refusal
    form = ExportForm(initial={"list": found.address, "format": format})
    context = {
        "form": form, "about": found.table.about, "format": format.upper(), "address": found.address,
        "days": exports.KEPT_FOR.days,
    }  # fmt: skip
    return render(request, "exports/export_form.html", context)


@require_safe
@login_required
def export_file(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """The file, for who asked for it, while its time lasts and their rights are those that it was made with."""
    file = get_object_or_404(
        ExportFile.objects.select_related("job"), job__owner=request.user, job=pk, expires_at__gt=timezone.now()
    )
    if file.rights != access.digest_of_rights(request.user):
        raise PermissionDenied
    try:
        content = file.file.open("rb")
    except FileNotFoundError as problem:
        raise Http404 from problem
    wanted = file.job.arguments
    record_fetch(request, Act.EXPORT_MADE, thing=file, words=file.name, filters=wanted["filters"])
    response = FileResponse(
        content, as_attachment=True, filename=file.name, content_type=WRITERS[wanted["format"]].content_type
    )
    response["Content-Security-Policy"] = SANDBOX
    return response


@require_POST
@login_required
def export_cancel(request: SignedInRequest, pk: int) -> HttpResponse:
    return _steer(request, pk, jobs.cancel_job)


@require_POST
@login_required
def export_retry(request: SignedInRequest, pk: int) -> HttpResponse:
    return _steer(request, pk, jobs.retry_job)


def _steer(request: SignedInRequest, pk: int, act: Callable[[Job, User], Job]) -> HttpResponse:
    job = get_object_or_404(Job, pk=pk, kind=exports.JOB, owner=request.user)
    try:
        act(job, request.user)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    return redirect_page(request, reverse("exports:list"))
