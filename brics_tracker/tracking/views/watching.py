"""Watching: the list of what one follows, and the switch on an item or theme."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from brics_tracker.core.htmx import SignedInRequest, redirect_page
from brics_tracker.core.models import Theme
from brics_tracker.tracking import access
from brics_tracker.tracking.selectors.watching import watched_by
from brics_tracker.tracking.services.watching import set_watch


@require_GET
@login_required
def watching(request: SignedInRequest) -> HttpResponse:
    """What the person follows, with the switches."""
    watched = watched_by(request.user)
    chosen = {theme.pk for theme in watched.themes}
    others = [theme for theme in Theme.objects.order_by("code") if theme.pk not in chosen]
    return render(request, "tracking/watching.html", {"watched": watched, "themes": others})


@require_POST
@login_required
def item_watch(request: SignedInRequest, reference: str) -> HttpResponse:
    item = access.item_to_read(request, reference)
    on = _switch(request)
    set_watch(request.user, item, on=on)
    words = {"what": item.reference}
    messages.success(request, _("You watch %(what)s.") % words if on else _("You no longer watch %(what)s.") % words)
    return redirect_page(request, "tracking:watching" if request.POST.get("then") == "list" else item)


@require_POST
@login_required
def theme_watch(request: SignedInRequest) -> HttpResponse:
    theme = get_object_or_404(Theme, code=request.POST.get("theme", "")[:20])
    on = _switch(request)
    set_watch(request.user, theme, on=on)
    words = {"what": theme}
    messages.success(request, _("You watch %(what)s.") % words if on else _("You no longer watch %(what)s.") % words)
    return redirect_page(request, "tracking:watching")


def _switch(request: SignedInRequest) -> bool:
    return request.POST.get("on", "") == "1"
