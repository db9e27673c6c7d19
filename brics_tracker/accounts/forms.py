"""Forms of the entrance and of the account page."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import LoginForm, ReauthenticateForm, ResetPasswordForm, UserTokenForm
from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from brics_tracker.core.forms import FormKeyMixin, TrackerForm
from brics_tracker.core.writers import WRITERS

from .choices import TokenScope
from .models import ApiToken, User
from .services import MAX_TOKEN_DAYS


class SignInForm(LoginForm):
    """allauth's, in our words; a label says what a placeholder would hide."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("Mail address")
        self.fields["login"].widget.attrs = {"type": "email", "autocomplete": "username", "autofocus": True}
        self.fields["password"].widget.attrs.pop("placeholder", None)
        self.fields["password"].help_text = ""
        self.fields["remember"].label = _("Stay signed in on this computer")


class ResetForm(ResetPasswordForm):
    """Asks for a link; the answer is the same whether the address is known or not."""

    users: list[User]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("Mail address")
        self.fields["email"].widget.attrs = {"type": "email", "autocomplete": "username"}

    def clean_email(self) -> str:
        email: str = super().clean_email()
        self.users = [user for user in self.users if not user.is_system]
        return email


class ConfirmForm(ReauthenticateForm):
    """allauth's; a label says what a placeholder would hide."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].widget.attrs.pop("placeholder", None)
        self.fields["password"].help_text = ""


class LinkForm(UserTokenForm):
    """Checks a mailed link: one of a shut account leads nowhere."""

    def _get_user(self, uidb36: str) -> User | None:
        user: User | None = super()._get_user(uidb36)
        return user if user is not None and user.is_active and not user.is_system else None


class LanguageForm(TrackerForm):
    language = forms.ChoiceField(
        label=_("Language"), required=False, choices=[("", _("As the browser asks")), *settings.LANGUAGES]
    )


class TokenForm(TrackerForm):
    name = forms.CharField(
        label=_("Name"),
        max_length=ApiToken._meta.get_field("name").max_length,
        help_text=_("What will use it, as in “weekly dashboard”."),
    )
    days = forms.IntegerField(
        label=_("Valid for how many days"), min_value=1, max_value=MAX_TOKEN_DAYS, initial=90, help_text=_("1 to 365.")
    )
    scope = forms.ChoiceField(
        label=_("What it may do"), choices=TokenScope.choices, initial=TokenScope.READ, widget=forms.RadioSelect,
        required=False,
        help_text=_("With “read and write” a program may change what you may change, in your name."),
    )  # fmt: skip

    def clean_scope(self) -> str:
        return self.cleaned_data["scope"] or TokenScope.READ


class ExportForm(FormKeyMixin, TrackerForm):
    """Which list is made into a file of which format; sent twice, it asks for one."""

    list = forms.CharField(max_length=4000, widget=forms.HiddenInput)
    format = forms.ChoiceField(choices=[(name, name.upper()) for name in WRITERS], widget=forms.HiddenInput)
