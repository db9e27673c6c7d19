"""The page that says where one is signed in."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from brics_tracker.accounts.models import User

from . import services


@require_GET
@login_required
def session_list(request: HttpRequest) -> HttpResponse:
    places = services.places_of(cast(User, request.user), here=request.session.session_key)
    return render(request, "accounts/sessions.html", {"places": places})


@require_POST
@login_required
def session_end(request: HttpRequest, handle: str) -> HttpResponse:
    """End one; nobody else's session has a handle here."""
    if not services.end_session(cast(User, request.user), handle):
        raise Http404
    messages.success(request, _("You are signed out there."))
    return redirect("accounts:session-list")


@require_POST
@login_required
def sessions_end_others(request: HttpRequest) -> HttpResponse:
    ended = services.end_sessions(cast(User, request.user), keep=request.session.session_key)
    done = ngettext("You are signed out in %(n)d other place.", "You are signed out in %(n)d other places.", ended)
    messages.success(request, done % {"n": ended})
    return redirect("accounts:session-list")
