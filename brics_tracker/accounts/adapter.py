"""Our wishes to allauth: people are invited, mails are ours and go through jobs, nothing leads off the site."""

from typing import Any, NoReturn

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, _build_apps_from_settings
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.base.constants import AuthError
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from brics_tracker.core.history import name_author

from . import services
from .institution.services import admit
from .models import User
from .sessions.places import remember_place
from .viewing.services import end_viewing

logger = structlog.get_logger(__name__)


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_ajax(self, request: HttpRequest) -> bool:
        """One way to sign in: allauth's answers for scripts stay off."""
        return False

    def is_safe_url(self, url: str | None) -> bool:
        """`next` may lead to this site only, and over no weaker protocol; not to every allowed host."""
        return url_has_allowed_host_and_scheme(
            url, allowed_hosts={self.request.get_host()}, require_https=settings.SITE_IS_SECURE
        )

    def send_password_reset_mail(self, user: User, email: str, context: dict[str, Any]) -> None:
        services.send_mail(user, "reset")

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """allauth notifies of nothing but a password here; the person hears of it whoever did it."""
        services.send_mail(user, "password_changed")

    def set_password(self, user: User, password: str) -> None:
        """Write the password alone (nothing else that changed meanwhile) and on record."""
        user.set_password(password)
        name_author(user, user, "password set")
        user.save(update_fields=["password"])

    def login(self, request: HttpRequest, user: User) -> None:
        """The end of every way in. Whoever was shut between two steps gets no further.

        Signing in moves last_login; that is no change of the account, so no history entry.
        """
        if not user.is_active or user.is_system:
            raise ImmediateHttpResponse(self.respond_user_inactive(request, user))
        user.skip_history_when_saving = True  # type: ignore[attr-defined]
        try:
            super().login(request, user)
        finally:
            del user.skip_history_when_saving  # type: ignore[attr-defined]
        remember_place(request)

    def logout(self, request: HttpRequest) -> None:
        if viewing := getattr(request, "viewing", None):
            end_viewing(viewing)
        super().logout(request)

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **kwargs)
        remember_language(response, user)
        return response

    def get_reauthentication_methods(self, user: User) -> list[dict[str, Any]]:
        """How one can confirm who one is, in our words."""
        words = {
            "reauthenticate": _("Use your password"),
            "mfa_reauthenticate": _("Use a code of your app, or a recovery code"),
            "mfa_reauthenticate:webauthn": _("Use a passkey"),
        }
        return [{**way, "description": words[way["id"]]} for way in super().get_reauthentication_methods(user)]

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        return redirect("account_login")

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("accounts:account")


class InstitutionAdapter(DefaultSocialAccountAdapter):
    """Who may enter through the institution: see institution/services.py. Nobody signs up that way either."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """The institution of the settings alone: a row in the database opens no door."""
        found = _build_apps_from_settings(provider=provider, client_id=client_id)
        return [app for apps in found.values() for app in apps]

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Name the person whom the institution's answer stands for, or send them back to the entrance."""
        asked, answered = sociallogin.state.get("nonce"), sociallogin.nonce
        if not asked or not answered or not constant_time_compare(asked, answered):
            self._turn_away(request, _("The institution's answer does not belong to this sign-in. Try again."))
        address = next(iter(sociallogin.email_addresses), None)
        try:
            sociallogin.user = admit(
                subject=sociallogin.account.uid,
                address=address.email if address else "",
                is_verified=bool(address and address.verified),
            )
        except ValidationError as refusal:
            self._turn_away(request, " ".join(refusal.messages))

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: str | None = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> None:
        """Back to the entrance in words; what exactly did not hold goes to the log."""
        if error == AuthError.CANCELLED:
            self._turn_away(request, _("You did not sign in at the institution."))
        logger.warning("institution refused", error=error, reason=str(exception))
        self._turn_away(request, _("Signing in through the institution did not work. Try again."))

    def _turn_away(self, request: HttpRequest, why: str) -> NoReturn:
        messages.error(request, why)
        raise ImmediateHttpResponse(redirect("account_login"))


def remember_language(response: HttpResponse, user: User) -> None:
    """The browser shows the person's language from the next page on; "" leaves the choice to the browser."""
    if user.language:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            user.language,
            max_age=365 * 24 * 60 * 60,
            secure=settings.SITE_IS_SECURE,
            samesite="Lax",
            httponly=True,
        )
    else:
        response.delete_cookie(settings.LANGUAGE_COOKIE_NAME)
