"""Begin and end viewing as someone."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from brics_tracker.accounts import access
from brics_tracker.accounts.models import User
from brics_tracker.core.forms import TrackerForm

from . import services
from .middleware import VIEWING


@require_http_methods(["GET", "POST"])
@login_required
def viewing_start(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what viewing as someone means, then begin."""
    administrator = cast(User, request.user)
    if not access.is_administrator(administrator):
        raise PermissionDenied
    user = get_object_or_404(User, pk=pk)
    form = TrackerForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            request.session[VIEWING] = services.begin_viewing(user, by=administrator)
        except ValidationError as refusal:
            form.add_refusal(refusal)
        else:
            return redirect("/")
    context = {"person": user, "form": form, "hours": services.AT_MOST.seconds // 3600}
    return render(request, "accounts/viewing_form.html", context, status=422 if form.is_bound else 200)


@require_POST
@login_required
def viewing_end(request: HttpRequest) -> HttpResponse:
    """Be oneself again; a banner left open after the hour leads home."""
    viewing = getattr(request, "viewing", None)
    if viewing is None:
        return redirect("/")
    services.end_viewing(viewing)
    del request.session[VIEWING]
    messages.success(request, _("You are yourself again."))
    return redirect("admin:accounts_user_change", viewing.user.pk)
