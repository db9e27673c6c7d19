"""allauth's OpenID Connect, held to what it leaves to trust: a nonce, the token's signature, addresses proved verified."""

from __future__ import annotations

import secrets
from typing import Any

import jwt
from allauth.account.models import EmailAddress
from allauth.account.utils import get_next_redirect_url
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialLogin, SocialToken
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

INSTITUTION = "institution"
# Signatures with a public key only: one made with a shared secret, or none at all, proves nothing here.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
CLOCKS_DIFFER_BY = 60
NONCE = "nonce"


class InstitutionProtocol(OpenIDConnectOAuth2Adapter):
    """One exchange with the institution."""

    @property
    def openid_config(self) -> dict[str, Any]:
        """Its own description; refused where it speaks for another issuer than the one we were told of."""
        try:
            config: dict[str, Any] = super().openid_config
        except ValueError as problem:
            raise OAuth2Error("its description is no JSON") from problem
        if config.get("issuer") != self.get_provider().app.settings["issuer"]:
            raise OAuth2Error(f"another issuer: {config.get('issuer')!r}")
        return config

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:
        """As registered at the institution: on the site's own address, whatever host the request names."""
        return f"{settings.SITE_URL}{reverse('institution-callback')}"

    def complete_login(self, request: HttpRequest, app: Any, token: SocialToken, **kwargs: Any) -> SocialLogin:
        claims = self._claims(app, kwargs["response"].get("id_token", ""))
        if "email" not in claims and "userinfo_endpoint" in self.openid_config:
            about = self._fetch_user_info(token.token)
            if not isinstance(about, dict) or about.get("sub") != claims["sub"]:
                raise OAuth2Error("userinfo of somebody else")
            claims = {**about, **claims}
        return self.get_provider().sociallogin_from_response(request, claims)

    def _claims(self, app: Any, id_token: str) -> dict[str, Any]:
        """What the signed token says. Raises OAuth2Error for one that is not the institution's, for us, and fresh."""
        try:
            kid = jwt.get_unverified_header(id_token).get("kid")
            with get_adapter().get_requests_session() as web:
                answer = web.get(self.openid_config["jwks_uri"])
                answer.raise_for_status()
            keys = [key for key in jwt.PyJWKSet.from_dict(answer.json()).keys if kid in (None, key.key_id)]
            if not keys:
                raise OAuth2Error("signed with a key that is not the institution's")
            claims: dict[str, Any] = jwt.decode(
                id_token,
                keys[0],
                algorithms=ALGORITHMS,
                audience=app.client_id,
                issuer=self.openid_config["issuer"],
                leeway=CLOCKS_DIFFER_BY,
                options={"require": ["iss", "sub", "aud", "exp", "iat"]},
            )
        except (jwt.PyJWTError, ValueError) as problem:
            raise OAuth2Error("its token does not hold") from problem
        if claims.get("azp", app.client_id) != app.client_id:
            raise OAuth2Error("a token for another client")
        return claims


class InstitutionProvider(OpenIDConnectProvider):
    """The one institution of the settings; what an address bar adds (scopes, parameters, process) is passed over."""

    oauth2_adapter_class = InstitutionProtocol

    def redirect_from_request(self, request: HttpRequest) -> HttpResponseBase:
        nonce = secrets.token_urlsafe(32)
        answer: HttpResponseBase = self.redirect(
            request,
            process=AuthProcess.LOGIN,
            next_url=get_next_redirect_url(request),
            auth_params={NONCE: nonce},
            nonce=nonce,
        )
        return answer

    def sociallogin_from_response(self, request: HttpRequest, response: dict[str, Any]) -> SocialLogin:
        login = super().sociallogin_from_response(request, response)
        login.nonce = response.get(NONCE)
        return login

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, Any]:
        """Nothing of what the institution says of people is kept."""
        return {}

    def extract_email_addresses(self, data: dict[str, Any]) -> list[EmailAddress]:
        """The address, verified only where the institution says so with a plain true."""
        address, verified = data.get("email"), data.get("email_verified") is True
        return [EmailAddress(email=address, verified=verified, primary=True)] if isinstance(address, str) else []
