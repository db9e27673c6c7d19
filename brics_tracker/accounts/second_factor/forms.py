"""Forms of the second factor: codes and passkeys, at sign-in, when confirming, and when setting one up."""

from __future__ import annotations

from typing import Any

from allauth.core import context
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import (
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from allauth.mfa.webauthn.internal import auth
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from fido2.utils import websafe_encode

from brics_tracker.accounts.models import User
from brics_tracker.accounts.services import send_mail
from brics_tracker.core.audit import record_event
from brics_tracker.core.choices import Act
from brics_tracker.core.forms import TrackerForm

from .codes import Guesses, use_code

CREDENTIAL_LENGTH = 20_000
# What libraries raise that expect a browser on the other side.
MALFORMED = (TypeError, ValueError, LookupError, AttributeError, OverflowError, AssertionError)
NOT_RECOGNISED = _("This passkey was not recognised. Try again, or use another way.")


class CodeField(forms.CharField):
    """Digits as an app or a list of recovery codes shows them; spaces and dashes are passed over."""

    def __init__(self, **kwargs: Any) -> None:
        attributes = {"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True, "spellcheck": "false"}
        super().__init__(max_length=20, widget=forms.TextInput(attrs=attributes), **kwargs)


class CodeForm(TrackerForm):
    """One code of the person, of the app or of the recovery codes; it holds once, and guesses are counted."""

    code = CodeField(label=_("Code"), help_text=_("From your app, or one of your recovery codes."))
    reauthenticated = False

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        guesses = Guesses(context.request, self.user)
        try:
            guesses.count()
        except ValidationError:
            if guesses.first_today:
                send_mail(self.user, "codes_guessed")
            raise
        factor = use_code(self.user, code)
        if factor is None:
            record_event(Act.SIGN_IN_FAILED, by=None, thing=self.user, step="second factor")
            raise ValidationError(_("This code is wrong or was used already. Wait for the next one."))
        guesses.forget()
        self.factor = factor
        return code

    def save(self) -> None:
        """Note in the session that the second factor was given."""
        post_authentication(context.request, self.factor, reauthenticated=self.reauthenticated)
        if self.factor.type == Authenticator.Type.RECOVERY_CODES:
            send_mail(self.user, "code_used")


class SignInCodeForm(CodeForm):
    """The second step of signing in."""


class ConfirmCodeForm(CodeForm):
    """Someone signed in shows that it is still them."""

    reauthenticated = True


class CredentialField(forms.JSONField):
    """What a browser says of a passkey, as JSON; anything else is refused in the same words as a wrong one."""

    widget = forms.HiddenInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(error_messages={"required": NOT_RECOGNISED, "invalid": NOT_RECOGNISED}, **kwargs)

    def to_python(self, value: Any) -> Any:
        try:
            found = super().to_python(value if len(value or "") <= CREDENTIAL_LENGTH else "{")
        except RecursionError as problem:
            raise ValidationError(NOT_RECOGNISED) from problem
        if found is not None and not isinstance(found, dict):
            raise ValidationError(NOT_RECOGNISED)
        return found

    def bound_data(self, data: Any, initial: Any) -> str:
        """An answer holds for one question, so a refused form is drawn without it."""
        return ""

    def prepare_value(self, value: Any) -> str:
        return ""


class _Passkeys(forms.Form):
    """Beside a form of allauth's: what is no passkey at all is refused at the form like a wrong one."""

    credential = CredentialField()

    def clean_credential(self) -> Authenticator:
        try:
            found: Authenticator = super().clean_credential()  # type: ignore[misc]
        except ValidationError as refusal:
            if refusal.code == "incorrect_code":
                raise ValidationError(NOT_RECOGNISED) from refusal
            raise
        except MALFORMED as problem:
            raise ValidationError(NOT_RECOGNISED) from problem
        return found


class SignInPasskeyForm(_Passkeys, AuthenticateWebAuthnForm):
    pass


class ConfirmPasskeyForm(_Passkeys, ReauthenticateWebAuthnForm):
    pass


class PasskeyAloneForm(_Passkeys, LoginWebAuthnForm):
    pass


class AppForm(TrackerForm):
    """The first code of a new app."""

    code = CodeField(label=_("Code that the app shows"))


class PasskeyForm(TrackerForm):
    """A new passkey: the name by which its owner knows it, and what the browser made."""

    name = forms.CharField(label=_("Name"), max_length=60, help_text=_("Where it is kept, as in “office laptop”."))
    credential = CredentialField()

    def clean_credential(self) -> dict[str, Any]:
        """The browser's answer to the question that stands in the session; that question is spent by asking."""
        try:
            made = auth.parse_registration_response(self.cleaned_data["credential"])
            auth.complete_registration(self.cleaned_data["credential"])
        except (ValidationError, *MALFORMED) as problem:
            raise ValidationError(NOT_RECOGNISED) from problem
        # As read, not as sent: what is kept holds nothing but what was verified.
        return {
            "id": websafe_encode(made.raw_id),
            "rawId": websafe_encode(made.raw_id),
            "type": "public-key",
            "response": {
                "clientDataJSON": websafe_encode(made.response.client_data),
                "attestationObject": websafe_encode(made.response.attestation_object),
            },
            "clientExtensionResults": {},
        }


class RemoveForm(TrackerForm):
    """Nothing to fill in; carries what a service refuses."""
