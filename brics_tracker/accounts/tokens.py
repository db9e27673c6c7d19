"""How programs are authenticated: `Authorization: Bearer <token>`."""

from __future__ import annotations

from hmac import compare_digest

from django.utils.translation import gettext_lazy as _
from knox.auth import TokenAuthentication
from knox.crypto import hash_token
from knox.settings import CONSTANTS
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied

from .models import ApiToken, User
from .second_factor.rules import is_missing


class BearerAuthentication(TokenAuthentication):
    """knox's tokens in one query and without a write. What they may do is ApiPermission's to say, by their scope."""

    def authenticate_credentials(self, token: bytes) -> tuple[User, ApiToken]:
        """The token's owner; one answer for a token that is unknown, expired, or of a shut account."""
        text = token.decode("utf-8", errors="replace")
        if not (text.isascii() and text.isalnum()):  # no token of ours; PostgreSQL could not even look for some
            raise AuthenticationFailed(_("This token is not valid."))
        digest = hash_token(text)
        candidates = ApiToken.objects.filter(token_key=text[: CONSTANTS.TOKEN_KEY_LENGTH]).select_related("user")
        for candidate in candidates:
            user: User = candidate.user
            if compare_digest(digest, candidate.digest) and not candidate.has_expired and user.is_active:
                if is_missing(user):  # a token made before the setting asked for it is no way round
                    raise PermissionDenied(_("Set up your second factor first."))
                return user, candidate
        raise AuthenticationFailed(_("This token is not valid."))
