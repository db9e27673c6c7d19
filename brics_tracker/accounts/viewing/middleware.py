"""While an administrator views as someone, requests are that person's, and nothing but looking is let through."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from brics_tracker.core.errors import problem_answer

from . import Viewing
from .services import viewing_of

VIEWING = "viewing"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
PROBES = frozenset({"/healthz", "/readyz"})  # answered without asking who asks
WAYS_OUT = frozenset({"accounts:viewing-end", "account_logout"})


class ViewingMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info not in PROBES and VIEWING in request.session:
            viewing = viewing_of(request.user, request.session[VIEWING])
            if viewing is None:
                del request.session[VIEWING]
            else:
                request.viewing = viewing  # type: ignore[attr-defined]
                request.user = viewing.user
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        """Refuse whatever is no looking, and the pages about the person's account: their secrets are theirs."""
        viewing: Viewing | None = getattr(request, "viewing", None)
        if viewing is None:
            return None
        structlog.contextvars.bind_contextvars(viewed_by=viewing.administrator.pk)
        if request.resolver_match.view_name in WAYS_OUT:  # type: ignore[union-attr]
            return None
        if request.method in SAFE and not request.path_info.startswith(reverse("accounts:account")):
            return None
        if request.path_info.startswith("/api/"):
            return problem_answer(403, _("You are viewing as someone else: nothing can be changed."))
        return render(request, "accounts/viewing_refused.html", status=403)
