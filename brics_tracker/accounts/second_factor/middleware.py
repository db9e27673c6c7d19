"""Whoever must have a second factor and has not given it in this session gets to no page but those that cure it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from brics_tracker.accounts.models import User
from brics_tracker.accounts.viewing import real_person
from brics_tracker.core.errors import problem_answer
from brics_tracker.core.htmx import wants_fragment

from . import rules

# Reachable by everyone signed in: the way out, the ways to confirm who one is, and what says whether the site is well.
ALWAYS = frozenset(
    {
        "healthz", "readyz", "set_language", "account_logout", "account_login",
        "account_reauthenticate", "mfa_reauthenticate", "mfa_reauthenticate_webauthn",
        "account_reset_password", "account_reset_password_done",
        "account_reset_password_from_key", "account_reset_password_from_key_done",
        "institution-sign-in", "institution-callback",
    }
)  # fmt: skip
# Reachable by someone who has none yet.
SET_UP = frozenset({"accounts:second-factor", "accounts:app-add", "accounts:passkey-add"})


class SecondFactorMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        """None where the request may go on; asks nothing while the setting is off."""
        if settings.REQUIRE_SECOND_FACTOR == "off":
            return None
        person, route = real_person(request), request.resolver_match.view_name  # type: ignore[union-attr]
        if not isinstance(person, User) or route in ALWAYS:
            return None
        if rules.has_passed(request, person) or not rules.is_required_of(person):
            return None
        if rules.has_one(person):
            return _lead(request, _confirm_address(person), _("Give your second factor first."))
        if route in SET_UP:
            return None
        return _lead(request, reverse("accounts:second-factor"), _("Set up your second factor first."))


def _confirm_address(person: User) -> str:
    methods = get_adapter().get_reauthentication_methods(person)
    return next(str(method["url"]) for method in methods if method["id"].startswith("mfa"))


def _lead(request: HttpRequest, address: str, why: str) -> HttpResponseBase:
    """A page leads on, and back afterwards; a program is told."""
    if request.path_info.startswith("/api/v"):
        return problem_answer(403, why)
    back = request.get_full_path() if request.method == "GET" else "/"
    there = f"{address}?{urlencode({'next': back})}"
    # Not core's redirect_page: nothing was saved, so what is kept of a form while it is typed must stay.
    return HttpResponseClientRedirect(there) if wants_fragment(request) else redirect(there)
