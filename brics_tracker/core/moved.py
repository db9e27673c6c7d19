"""What stands under another reference by now: reading is led there, writing is told so and keeps what was typed."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django_htmx.http import reswap, retarget
from django_stubs_ext import StrOrPromise

from .htmx import redirect_page, wants_fragment

SAFE = frozenset({"GET", "HEAD"})
# Fields of our forms that nobody typed.
MACHINERY = frozenset({"csrfmiddlewaretoken", "form_key", "version", "then"})


class Moved(Exception):
    """What was asked for as `old` stands under the reference `new`; `words` say why, for a person."""

    def __init__(self, old: str, new: str, words: StrOrPromise) -> None:
        super().__init__(words)
        self.old, self.new, self.words = old, new, words

    def address(self, request: HttpRequest) -> str:
        """The same page of the new reference, with the same query."""
        found: Any = request.resolver_match  # there is one: this is raised by a view, which an address led to
        named = {name: self.new if value == self.old else value for name, value in found.captured_kwargs.items()}
        query = request.META.get("QUERY_STRING", "")
        return reverse(found.view_name, kwargs=named) + (f"?{query}" if query else "")


class MovedMiddleware:
    """Pages: a reader is led to where it stands, with a note; what someone sent is shown back to them, and not saved."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        if not isinstance(exception, Moved):
            return None
        address = exception.address(request)
        if request.method in SAFE:
            messages.info(request, str(exception.words))
            return redirect_page(request, address)
        return _shown_back(request, exception, address)


def _shown_back(request: HttpRequest, moved: Moved, address: str) -> HttpResponse:
    typed = [
        (name.replace("_", " "), value)
        for name, values in request.POST.lists()
        if name.rpartition("-")[2] not in MACHINERY
        for value in map(str, values)
        if value.strip()
    ]
    context = {"moved": moved, "address": address, "typed": typed}
    response = render(request, "moved.html", context, status=HTTPStatus.CONFLICT)
    return retarget(reswap(response, "innerHTML"), "body") if wants_fragment(request) else response
