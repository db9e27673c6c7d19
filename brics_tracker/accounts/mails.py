"""The mails about an account: their words, and the link with which a password is set."""

from __future__ import annotations

from typing import NamedTuple

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.http import int_to_base36
from django.utils.translation import gettext_lazy as _

from .models import User


class Purpose(NamedTuple):
    subject: Promise
    has_link: bool = False
    template: str = "second_factor"


PURPOSES: dict[str, Purpose] = {
    "invitation": Purpose(_("Your account at BRICS Tracker"), has_link=True, template="invitation"),
    "reset": Purpose(_("Set a new password for BRICS Tracker"), has_link=True, template="reset"),
    "password_changed": Purpose(_("Your password at BRICS Tracker was changed"), template="password_changed"),
    "factor_added": Purpose(_("A second factor was added to your account at BRICS Tracker")),
    "factor_removed": Purpose(_("A second factor was removed from your account at BRICS Tracker")),
    "factor_reset": Purpose(_("An administrator reset your second factor at BRICS Tracker")),
    "codes_made": Purpose(_("New recovery codes were made for your account at BRICS Tracker")),
    "code_used": Purpose(_("A recovery code of your account at BRICS Tracker was used")),
    "codes_guessed": Purpose(_("Someone with your password gave wrong codes at BRICS Tracker")),
}


def password_link(user: User) -> str:
    """An address that lets its holder set the password: once, and for as long as PASSWORD_RESET_TIMEOUT says.

    Signed over the present password, so that setting one, or sending another invitation, ends it. Built on
    SITE_URL, never on the host that a request named.
    """
    path = reverse(
        "account_reset_password_from_key",
        kwargs={"uidb36": int_to_base36(user.pk), "key": default_token_generator.make_token(user)},
    )
    return f"{settings.SITE_URL}{path}"


def send(user: User, purpose: str) -> None:
    """Send one mail in the person's language. Raises what the mail server raises."""
    wanted = PURPOSES[purpose]
    with translation.override(user.language or settings.LANGUAGE_CODE):
        context = {
            "user": user,
            "site_url": settings.SITE_URL,
            "days": settings.PASSWORD_RESET_TIMEOUT // (24 * 60 * 60),
            "reset_url": settings.SITE_URL + reverse("account_reset_password"),
            "link": password_link(user) if wanted.has_link else "",
            "what": wanted.subject,
        }
        text = render_to_string(f"accounts/mails/{wanted.template}.txt", context)
        EmailMessage(str(wanted.subject), text.strip() + "\n", to=[user.email]).send()
