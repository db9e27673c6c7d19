"""Second factors for tests: an app's codes, recovery codes, and a passkey with its key, as a browser would bring it."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import Any

from allauth.account.internal.userkit import user_id_to_str
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import format_hotp_value, generate_totp_secret, hotp_value
from allauth.mfa.utils import encrypt
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.test import Client
from fido2.cose import ES256
from fido2.utils import sha256, websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

from brics_tracker.accounts.models import User

STEP = 30
_FLAG = AuthenticatorData.FLAG


def sign_in_fresh(client: Client, user: User) -> Client:
    """The client as it is right after its person gave the password; force_login alone proves nothing to anybody."""
    client.force_login(user)
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
    session["account_authentication_methods_user"] = user_id_to_str(user)
    session.save()
    return client


def make_app(user: User) -> str:
    """An app of the person, and recovery codes beside it; returns the secret that the app holds."""
    secret = str(generate_totp_secret())
    data = {"secret": encrypt(secret), "last_step": 0}
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data=data)
    RecoveryCodes.activate(user)
    return secret


def code_of(secret: str, steps: int = 0) -> str:
    """What the app shows now, or some steps of 30 seconds later."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // STEP + steps)))


def recovery_codes_of(user: User) -> list[str]:
    found = Authenticator.objects.get(user=user, type=Authenticator.Type.RECOVERY_CODES)
    return list(found.wrap().get_unused_codes())


class SoftKey:
    """A passkey in memory: answers the questions that the server puts to a browser."""

    def __init__(self, host: str = "localhost", origin: str = "http://localhost") -> None:
        self.host, self.origin = host, origin
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = os.urandom(16)

    def make(self, options: dict[str, Any], *, verified: bool = True) -> dict[str, Any]:
        """The answer to "make a passkey"."""
        public = ES256.from_cryptography_key(self.key.public_key())  # type: ignore[no-untyped-call]
        attested = AttestedCredentialData.create(Aaguid.NONE, self.id, public)
        flags = self._flags(verified) | _FLAG.AT
        proof = AuthenticatorData.create(sha256(self.host.encode()), flags, 0, attested)
        answer = {"attestationObject": AttestationObject.create("none", proof, {})}
        return self._answer(CollectedClientData.TYPE.CREATE, options, answer)

    def use(self, options: dict[str, Any], *, user: User | None = None, verified: bool = True) -> dict[str, Any]:
        """The answer to "show your passkey"; `user` where the passkey itself says whose it is."""
        client = self._client_data(CollectedClientData.TYPE.GET, options)
        proof = AuthenticatorData.create(sha256(self.host.encode()), self._flags(verified), 1)
        signature = self.key.sign(proof + client.hash, ec.ECDSA(hashes.SHA256()))
        answer: dict[str, bytes] = {"authenticatorData": proof, "signature": signature}
        if user is not None:
            answer["userHandle"] = user_pk_to_url_str(user).encode()
        return self._answer(CollectedClientData.TYPE.GET, options, answer)

    def _flags(self, verified: bool) -> Any:
        return _FLAG.UP | (_FLAG.UV if verified else _FLAG(0))

    def _client_data(self, kind: str, options: dict[str, Any]) -> Any:
        return CollectedClientData.create(kind, options["publicKey"]["challenge"], self.origin)

    def _answer(self, kind: str, options: dict[str, Any], answer: Mapping[str, bytes]) -> dict[str, Any]:
        parts = {**answer, "clientDataJSON": self._client_data(kind, options)}
        return {
            "id": websafe_encode(self.id),
            "rawId": websafe_encode(self.id),
            "type": "public-key",
            "response": {name: websafe_encode(part) for name, part in parts.items()},
            "clientExtensionResults": {},
        }


def make_passkey(user: User, name: str = "office laptop") -> SoftKey:
    """A passkey of the person, made for this site."""
    passkey = SoftKey()
    credential = passkey.make({"publicKey": {"challenge": websafe_encode(b"made without a browser")}})
    data = {"name": name, "credential": credential}
    Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data=data)
    RecoveryCodes.activate(user)
    assert settings.SITE_URL.startswith(passkey.origin)
    return passkey
