"""What one is told: the list, read or not; how by mail; the page of the link in a mail."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from brics_tracker.accounts.choices import Reason
from brics_tracker.core.htmx import SignedInRequest, page_or_fragment, redirect_page
from brics_tracker.core.pages import read_page

from . import mails, services
from .forms import SettingsForm

SHOWN = 50


@require_GET
@login_required
@never_cache
def notice_list(request: SignedInRequest) -> HttpResponse:
    """One's notices, newest first: all, the unread ones, or those about one thing."""
    reason = request.GET.get("reason", "")
    if reason and reason not in Reason.values:
        raise BadRequest(_("There are no notices of this sort."))
    unread = request.GET.get("unread", "") == "1"
    rows = services.shown_to(request.user)
    rows = rows.filter(reason=reason) if reason else rows
    rows = rows.unread() if unread else rows
    context = {
        "page_obj": read_page(rows.select_related("actor"), request.GET.get("page", ""), SHOWN),
        "reason": reason,
        "unread": unread,
        "reasons": Reason.choices,
        "drawn_at": timezone.now().isoformat(),
    }
    return page_or_fragment(request, "notices/notice_list.html", "notices/_notice_results.html", context)


@require_POST
@login_required
def notice_open(request: SignedInRequest, pk: int) -> HttpResponse:
    """Mark as read, and go where it leads."""
    notice = get_object_or_404(services.shown_to(request.user), pk=pk)
    services.mark_read(request.user, pk)
    if request.POST.get("then") == "list":
        return redirect_page(request, "notices:list")
    return redirect_page(request, notice.address)


@require_POST
@login_required
def notices_read(request: SignedInRequest) -> HttpResponse:
    """All are read, up to those that the page showed; with a reason, all of that reason."""
    reason = request.POST.get("reason", "")
    try:
        drawn = parse_datetime(request.POST.get("until", "")[:40])
    except ValueError:
        drawn = None
    until = drawn if drawn is not None and drawn.tzinfo else dt.datetime.now(dt.UTC)
    services.mark_read(request.user, reason=reason if reason in Reason.values else "", until=until)
    return redirect_page(request, reverse("notices:list") + (f"?reason={reason}" if reason in Reason.values else ""))


@require_http_methods(["GET", "POST"])
@login_required
def notice_settings(request: SignedInRequest) -> HttpResponse:
    """How one wants to be told by mail."""
    now = services.settings_of(request.user)
    names = ("rhythm", "hour", "weekday", "time_zone", "at_once")
    initial: dict[str, Any] = {name: getattr(now, name) for name in names}
    initial["about"] = [reason for reason in Reason.values if reason not in now.muted]
    form = SettingsForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_bound and form.is_valid():
        try:
            services.change_settings(request.user, form.values)
        except ValidationError as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, _("You are told as you chose."))
            return redirect("accounts:notice-settings")
    return render(request, "notices/settings.html", {"form": form}, status=422 if form.is_bound else 200)


@csrf_exempt  # the signed address is what allows it: mail programs post here for a person who is not signed in
@require_http_methods(["GET", "POST"])
@never_cache
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """End the mails about one reason, or all of them, without signing in (RFC 8058). A GET only asks."""
    found = mails.read_token(token)
    if found is None:
        raise Http404
    person, reason = found
    if request.method == "POST":
        services.mute(person, reason)
    context = {"reason": mails.told_reason(reason), "done": request.method == "POST"}
    return render(request, "notices/unsubscribe.html", context)
