"""Our wishes to allauth: people are invited, mails are ours and go through jobs, nothing leads off the site."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from brics_tracker.core.history import name_author

from . import services
from .models import User


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
        """Signing in moves last_login; that is no change of the account, so no history entry."""
        user.skip_history_when_saving = True  # type: ignore[attr-defined]
        try:
            super().login(request, user)
        finally:
            del user.skip_history_when_saving  # type: ignore[attr-defined]

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **kwargs)
        remember_language(response, user)
        return response

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        return redirect("account_login")

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("accounts:account")


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
