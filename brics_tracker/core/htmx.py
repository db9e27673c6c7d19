"""Pages and fragments: who asked, what to draw, how to send someone on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

    from brics_tracker.accounts.models import User


class HtmxRequest(HttpRequest):
    """A request after django-htmx's middleware."""

    htmx: HtmxDetails
    form_saved: bool


class SignedInRequest(HtmxRequest):
    """The same behind `login_required`."""

    user: User


class HasAddress(Protocol):
    """Something with a page of its own."""

    def get_absolute_url(self) -> str: ...


def wants_fragment(request: HttpRequest) -> bool:
    """Does the answer go into a part of a page? A boosted link and a history restore want the whole page."""
    htmx: HtmxDetails | None = getattr(request, "htmx", None)
    return bool(htmx) and htmx is not None and not htmx.boosted and not htmx.history_restore_request


def page_or_fragment(
    request: HttpRequest, page: str, fragment: str, context: Mapping[str, Any], status: int = 200
) -> HttpResponse:
    """Draw the fragment for a swap, else the page that includes the same file; caches are told of the difference."""
    response = render(request, fragment if wants_fragment(request) else page, dict(context), status=status)
    patch_vary_headers(response, ("HX-Request",))
    return response


def is_own_path(text: str, *, most: int = 2000) -> bool:
    """Is it the path of a page of this site, with a query or without: nothing that leads elsewhere?"""
    return text.startswith("/") and len(text) <= most and url_has_allowed_host_and_scheme(text, allowed_hosts=None)


def redirect_page(request: HttpRequest, to: str | HasAddress) -> HttpResponse:
    """Go to a page (an object, a route or an address): by HX-Redirect for a swap, else by a plain 302.

    Answers a form that was saved: what was kept of it while it was typed may go (accounts.drafts).
    """
    request.form_saved = request.method == "POST"  # type: ignore[attr-defined]
    address = resolve_url(to if isinstance(to, str) else to.get_absolute_url())
    return HttpResponseClientRedirect(address) if wants_fragment(request) else redirect(address)
