"""Who needs a second factor, who has one, which session has passed it, and which sign-in is fresh."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.core.exceptions import ReauthenticationRequired
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render

from brics_tracker.accounts import access
from brics_tracker.accounts.models import User

# What proves who someone is; recovery codes alone are no factor, they stand in for one.
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
FRESH_SECONDS = 5 * 60


def is_required_of(user: User) -> bool:
    """Must this person have a second factor: by setting, reviewers and administrators of anything."""
    return settings.REQUIRE_SECOND_FACTOR == "staff" and access.holds(user, access.OVERSEERS)


def has_one(user: User) -> bool:
    return bool(Authenticator.objects.filter(user=user, type__in=FACTORS).exists())


def has_passkeys(user: User) -> bool:
    return bool(Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN).exists())


def is_missing(user: User) -> bool:
    """Is this someone who must have a second factor and has none? No query while the setting is off."""
    return is_required_of(user) and not has_one(user)


def has_passed(request: HttpRequest, user: User) -> bool:
    """Was a second factor given in this session? Asks the session alone."""
    return any(record["method"] == "mfa" for record in get_authentication_records(request, user))


def note_passed(request: HttpRequest, user: User, factor: Authenticator) -> None:
    """This session set the factor up, so it has passed it."""
    record_authentication(request, user, "mfa", id=factor.pk, type=factor.type, reauthenticated=True)


def is_fresh(request: HttpRequest, user: User) -> bool:
    """Did the person prove who they are in this session within the last five minutes?"""
    records = get_authentication_records(request, user)
    return bool(records) and time.time() - max(record["at"] for record in records) < FRESH_SECONDS


def fresh_sign_in(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """For pages that change how someone signs in (behind `login_required`): a session left open is not enough."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        user = cast(User, request.user)
        if is_fresh(request, user):
            return view(request, *args, **kwargs)
        if not get_adapter().get_reauthentication_methods(user):
            # Someone who enters through an institution alone, or was invited and set no password yet.
            return render(request, "account/reauthenticate.html", {"next": request.get_full_path()}, status=403)
        raise ReauthenticationRequired

    return guarded
