"""allauth's views of the second step of signing in, of confirming who one is, and of a passkey alone, in our look."""

from __future__ import annotations

import json
from typing import Any, cast

from allauth.account.views import ReauthenticateView
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.base.views import ReauthenticateView as ReauthenticateByCodeView
from allauth.mfa.webauthn.internal.auth import begin_authentication
from allauth.mfa.webauthn.views import LoginWebAuthnView, ReauthenticateWebAuthnView
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect

from .rules import has_passkeys


class SecondStepView(AuthenticateView):
    """Asks for the second factor after the password, or after the institution."""

    template_name = "account/second_step.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        options = json.dumps(context["js_data"]["request_options"], default=dict)
        return context | {"has_passkeys": has_passkeys(self.stage.login.user), "options": options}


class ConfirmByPasswordView(ReauthenticateView):
    template_name = "account/reauthenticate.html"


class ConfirmByCodeView(ReauthenticateByCodeView):
    template_name = "account/reauthenticate.html"


class ConfirmByPasskeyView(ReauthenticateWebAuthnView):
    template_name = "account/reauthenticate.html"

    def form_invalid(self, form: Any) -> HttpResponse:
        return cast(HttpResponse, self.render_to_response(self.get_context_data(form=form)))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        # allauth's passes over what it is given, and would draw a fresh form in place of the refused one.
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"options": json.dumps(context["js_data"]["request_options"], default=dict)} | kwargs


class PasskeyAloneView(LoginWebAuthnView):
    """A passkey, unlocked on the device, is two factors in one: the sign-in page offers it beside the password."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The question for the browser, asked for by static/js/passkeys.js; to anybody else, the sign-in page."""
        if request.headers.get("Accept") == "application/json":
            return JsonResponse(begin_authentication(), json_dumps_params={"default": dict})
        return redirect("account_login")
