"""How programs are authenticated: `Authorization: Bearer <token>`."""

from __future__ import annotations

from hmac import compare_digest

from django.utils.translation import gettext_lazy as _
from knox.auth import TokenAuthentication
from knox.crypto import hash_token
from knox.settings import CONSTANTS
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from .models import ApiToken, User


class BearerAuthentication(TokenAuthentication):
    """knox's tokens in one query and without a write; for reading only in this version."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        found: tuple[User, ApiToken] | None = super().authenticate(request)
        if found is not None and request.method not in SAFE_METHODS:
            raise PermissionDenied(_("Tokens are for reading in this version."))
        return found

    def authenticate_credentials(self, token: bytes) -> tuple[User, ApiToken]:
        """The token's owner; one answer for a token that is unknown, expired, or of a shut account."""
        text = token.decode("utf-8", errors="replace")
        digest = hash_token(text)
        candidates = ApiToken.objects.filter(token_key=text[: CONSTANTS.TOKEN_KEY_LENGTH]).select_related("user")
        for candidate in candidates:
            user: User = candidate.user
            if compare_digest(digest, candidate.digest) and not candidate.has_expired and user.is_active:
                return user, candidate
        raise AuthenticationFailed(_("This token is not valid."))
