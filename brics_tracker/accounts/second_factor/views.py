"""The pages on which one sets up, looks at and removes one's second factor."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import cast

from allauth.account.utils import get_next_redirect_url
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import clear_totp_secret, get_totp_secret
from allauth.mfa.webauthn.internal.auth import begin_registration
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from brics_tracker.accounts.models import User

from . import rules, services
from .forms import AppForm, PasskeyForm, RemoveForm

Type = Authenticator.Type


@require_GET
@login_required
@never_cache
def overview(request: HttpRequest) -> HttpResponse:
    """What the person has set up, and what they can do about it."""
    user = cast(User, request.user)
    factors = list(Authenticator.objects.filter(user=user).order_by("created_at"))
    context = {
        "app": next((factor for factor in factors if factor.type == Type.TOTP), None),
        "passkeys": [factor for factor in factors if factor.type == Type.WEBAUTHN],
        "codes": next((factor for factor in factors if factor.type == Type.RECOVERY_CODES), None),
        "is_required": rules.is_required_of(user),
        "next": get_next_redirect_url(request),
    }
    return render(request, "accounts/second_factor/overview.html", context)


@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
@login_required
@rules.fresh_sign_in
@never_cache
def app_add(request: HttpRequest) -> HttpResponse:
    """Show a fresh secret as picture and letters; the app is tied once it shows a right code."""
    user = cast(User, request.user)
    form = AppForm(request.POST if request.method == "POST" else None)
    secret = get_totp_secret(regenerate=not form.is_bound)
    if form.is_bound and form.is_valid():
        try:
            codes = services.add_app(
                user, secret=secret, code=form.cleaned_data["code"], by=user, keep_session=request.session.session_key
            )
        except ValidationError as refusal:
            form.add_refusal(refusal)
        else:
            clear_totp_secret(request)
            return _after_adding(request, user, codes, _("Your app is set up."))
    address = get_adapter().build_totp_url(user, secret)
    context = {
        "form": form,
        "address": address,
        "picture": _picture(address),
        "letters": " ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        "next": get_next_redirect_url(request),
    }
    return render(request, "accounts/second_factor/app_form.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@login_required
@rules.fresh_sign_in
@never_cache
def passkey_add(request: HttpRequest) -> HttpResponse:
    """Have the browser make a passkey. This needs a script: browsers offer passkeys to scripts alone."""
    user = cast(User, request.user)
    form = PasskeyForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            codes = services.add_passkey(user, **form.cleaned_data, by=user, keep_session=request.session.session_key)
        except ValidationError as refusal:
            form.add_refusal(refusal)
        else:
            return _after_adding(request, user, codes, _("Your passkey is set up."))
    context = {
        "form": form,
        "options": json.dumps(begin_registration(user, passwordless=True), default=dict),
        "next": get_next_redirect_url(request),
    }
    return render(request, "accounts/second_factor/passkey_form.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@login_required
@rules.fresh_sign_in
@never_cache
def factor_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then remove an app or a passkey of one's own."""
    user = cast(User, request.user)
    factor = get_object_or_404(Authenticator, pk=pk, user=user, type__in=rules.FACTORS)
    form = RemoveForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            services.remove_factor(factor, by=user, keep_session=request.session.session_key)
        except ValidationError as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, _("It is removed, and you are signed out everywhere else."))
            return redirect("accounts:second-factor")
    context = {"factor": factor, "form": form, "is_app": factor.type == Type.TOTP}
    return render(request, "accounts/second_factor/remove.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@login_required
@rules.fresh_sign_in
@never_cache
def codes_make(request: HttpRequest) -> HttpResponse:
    """Ask, then make recovery codes. They are drawn once, in the answer to the form, and stand nowhere else."""
    user = cast(User, request.user)
    form = RemoveForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            codes = services.make_recovery_codes(user, by=user)
        except ValidationError as refusal:
            form.add_refusal(refusal)
        else:
            return _show_codes(request, codes)
    return render(
        request, "accounts/second_factor/codes_form.html", {"form": form}, status=422 if form.is_bound else 200
    )


def _after_adding(request: HttpRequest, user: User, codes: list[str], done: str) -> HttpResponse:
    newest = Authenticator.objects.filter(user=user, type__in=rules.FACTORS).latest("pk")
    rules.note_passed(request, user, newest)
    messages.success(request, done)
    if codes:
        return _show_codes(request, codes)
    return redirect(get_next_redirect_url(request) or "accounts:second-factor")


def _show_codes(request: HttpRequest, codes: list[str]) -> HttpResponse:
    context = {"codes": [f"{code[:4]} {code[4:]}" for code in codes], "next": get_next_redirect_url(request)}
    return render(request, "accounts/second_factor/codes.html", context, status=201)


def _picture(address: str) -> str:
    """The address as a square of dots, for the camera of the app: an SVG in a data address."""
    return f"data:image/svg+xml;base64,{b64encode(get_adapter().build_totp_svg(address).encode()).decode()}"
