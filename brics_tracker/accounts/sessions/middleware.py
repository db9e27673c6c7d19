"""Notes now and then that a session is in use, so that its owner can tell which of them is still theirs."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from .places import note_seen


class SeenMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.session.accessed:  # what never asked for the session, as a probe, is spared the reading
            note_seen(request)
        return response
