"""A form that was saved needs its draft no more."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from brics_tracker.accounts.models import User

from .services import discard_draft

COOKIE = "saved_form"


class DraftMiddleware:
    """After a form was saved (core.htmx.redirect_page), lets its draft go, here and in the browser that sent it.

    The browser lets its own copy go only on this cookie's word: an answer that never came, a closed session or an
    error loses nothing.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if getattr(request, "form_saved", False) and "kept_draft" in request.POST:
            if isinstance(request.user, User):
                discard_draft(by=request.user, address=request.path)
            response.set_cookie(
                COOKIE, quote(request.path, safe=""), max_age=600, samesite="Lax", secure=request.is_secure()
            )
        return response
