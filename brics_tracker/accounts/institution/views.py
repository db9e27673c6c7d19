"""To the institution, and back."""

from __future__ import annotations

from typing import cast

from allauth.core.internal import ratelimit
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST
from requests import RequestException

from .provider import INSTITUTION, InstitutionProtocol

LIMITS = {"institution": "20/m/ip"}


@require_POST
@never_cache
def institution_sign_in(request: HttpRequest) -> HttpResponseBase:
    """Lead to the institution's own sign-in page."""
    try:
        provider = get_adapter().get_provider(request, INSTITUTION)
    except SocialApp.DoesNotExist:
        raise Http404 from None
    if limited := ratelimit.consume_or_429(request, app="accounts", action="institution", config=LIMITS):
        return cast(HttpResponse, limited)
    try:
        address = provider.redirect_from_request(request)["Location"]
    except (RequestException, OAuth2Error):
        messages.error(request, _("The institution does not answer. Use your password, or try again later."))
        return redirect("account_login")
    # A redirect would break the policy that a form leads to this site alone; a page that leads on does not.
    page = render(request, "account/to_institution.html", {"address": address, "institution": provider.name})
    page.headers["Refresh"] = f"0; url={address}"
    return page


@require_GET
@never_cache
def institution_callback(request: HttpRequest) -> HttpResponseBase:
    """The institution sent someone back: who it is, and whether they may enter."""
    try:
        get_adapter().get_provider(request, INSTITUTION)
    except SocialApp.DoesNotExist:
        raise Http404 from None
    return cast(HttpResponseBase, OAuth2CallbackView.adapter_view(InstitutionProtocol(request, INSTITUTION))(request))
