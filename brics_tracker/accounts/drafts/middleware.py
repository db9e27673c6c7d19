"""A form that was saved needs its draft no more."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import quote

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from brics_tracker.accounts.models import User

from .services import SITTING, discard_draft

COOKIE = "saved_form"
MOST_TAKEN = 40  # so that the cookie stays small


class DraftMiddleware:
    """After a form was saved (core.htmx.redirect_page), lets its draft go, here and in the browser that sent it.

    `kept_draft` names the sitting, `kept_takes` those put back into it with the moment of each: what was typed in
    another one stays on offer.
    The browser lets its own copy go only on this cookie's word: an answer that never came, a closed session or an
    error loses nothing.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if getattr(request, "form_saved", False) and "kept_draft" in request.POST:
            gone = _sittings(request)
            if isinstance(request.user, User):
                for sitting, at in gone.items():
                    discard_draft(by=request.user, address=request.path, sitting=sitting, at=at)
            saved = quote(f"{request.path}#{','.join(gone)}", safe="")
            response.set_cookie(COOKIE, saved, max_age=600, samesite="Lax", secure=request.is_secure())
        return response


def _sittings(request: HttpRequest) -> dict[str, str | None]:
    """The sittings whose words the form held, each with the moment at which they were read; its own has none."""
    try:
        takes = json.loads(request.POST.get("kept_takes") or "{}")
    except (ValueError, RecursionError):
        takes = {}
    told: dict[str, str | None] = {}
    for sitting, at in list(takes.items())[:MOST_TAKEN] if isinstance(takes, dict) else []:
        told[sitting] = str(at)
    told[request.POST["kept_draft"]] = None
    return {sitting: at for sitting, at in told.items() if SITTING.fullmatch(sitting)}
