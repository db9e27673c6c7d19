"""Our wishes to allauth's second factor: secrets are kept encrypted, passkeys belong to the site's own address."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import urlsplit

from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from brics_tracker.accounts.models import User


class FactorAdapter(DefaultMFAAdapter):
    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Raises ValidationError where the installation's key is no longer the one it was encrypted with."""
        try:
            return _cipher().decrypt(encrypted_text.encode()).decode()
        except InvalidToken as problem:
            raise ValidationError(
                _("This installation's key was changed, so codes can no longer be checked. Ask an administrator.")
            ) from problem

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Passkeys are made for the address that people use, whatever host a request names."""
        return {"id": str(urlsplit(settings.SITE_URL).hostname), "name": settings.MFA_TOTP_ISSUER}

    def get_public_key_credential_user_entity(self, user: User) -> dict[str, Any]:
        return {**super().get_public_key_credential_user_entity(user), "name": user.email, "display_name": user.name}


def _cipher() -> Fernet:
    """A key of its own, made from the installation's: a copy of the database alone gives no codes."""
    key = salted_hmac("accounts.second_factor", "secrets at rest", algorithm="sha256").digest()
    return Fernet(base64.urlsafe_b64encode(key))
