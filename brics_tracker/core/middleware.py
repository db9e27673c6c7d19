"""What every request passes: broken text is refused at the edge, what a person sees stays with that person, trouble
is logged with who had it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.template.loader import render_to_string
from django.utils.cache import patch_cache_control
from django.utils.functional import LazyObject, empty
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect
from django_structlog.middlewares import RequestMiddleware

from .errors import problem_answer
from .htmx import wants_fragment
from .text import is_clean

GetResponse = Callable[[HttpRequest], HttpResponseBase]
# Nothing here asks a browser for any of these.
PERMISSIONS = ", ".join(
    f"{name}=()" for name in ("camera", "display-capture", "geolocation", "microphone", "payment", "usb")
)


class CleanInputMiddleware:
    """Addresses and cookies hold no control characters; text in a query is NFC.

    A form's fields are cleaned where the error can be shown beside them: core.forms.TrackerForm.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # A cookie is not typed by anyone: one that no browser of ours can have kept is passed over.
        if not all(is_clean(value) for value in request.COOKIES.values()):
            request.COOKIES = {name: value for name, value in request.COOKIES.items() if is_clean(value)}
        if not is_clean(request.path_info) or not _is_clean_query(request.GET):
            return _refuse(request)
        if not unicodedata.is_normalized("NFC", "".join(_texts(request.GET))):
            request.GET = _normalised(request.GET)  # type: ignore[assignment]
        return self.get_response(request)


def _refuse(request: HttpRequest) -> HttpResponse:
    """A page for people, a problem for programs."""
    if request.path_info.startswith("/api/"):
        return problem_answer(400, _("The address holds a control character or broken text."))
    # Drawn without the request: what the frame asks of it is not there yet at the edge.
    return HttpResponse(render_to_string("400.html"), status=400)


def _texts(query: QueryDict) -> list[str]:
    return [text for name, values in query.lists() for text in (name, *map(str, values))]


def _is_clean_query(query: QueryDict) -> bool:
    return all(map(is_clean, _texts(query)))


def _normalised(query: QueryDict) -> QueryDict:
    normal = query.copy()
    for name, values in query.lists():
        normal.setlist(name, [unicodedata.normalize("NFC", str(value)) for value in values])
    normal._mutable = False
    return normal


class PrivatePagesMiddleware:
    """No cache keeps what someone signed in was shown; a part of a page never becomes the sign-in form."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        if _is_private(request) and not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True, no_store=True)
        return _whole_page_to_sign_in(request, response)


def _is_private(request: HttpRequest) -> bool:
    """By what the request carries: asking for the user would read the database for every answer."""
    signed_in = settings.SESSION_COOKIE_NAME in request.COOKIES or "Authorization" in request.headers
    return signed_in or not settings.PUBLIC_READ


def _whole_page_to_sign_in(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """A swap after the session has ended: send the whole page to sign in, and back to where it was."""
    entrance = resolve_url(settings.LOGIN_URL)
    location = response.headers.get("Location", "") if isinstance(response, HttpResponse) else ""
    if not (wants_fragment(request) and response.status_code == 302 and location.split("?")[0] == entrance):
        return response
    page = request.htmx.current_url_abs_path or "/"  # type: ignore[attr-defined]
    return HttpResponseClientRedirect(f"{entrance}?{urlencode({'next': page})}")


class RequestLogMiddleware(RequestMiddleware):
    """Every line of the log names its request, and who asks where the request itself found out.

    Left to itself it reads session and user for every answer, of probes too: two queries for a line that is not written.
    """

    @staticmethod
    def bind_user_id(request: HttpRequest) -> None:
        user = getattr(request, "user", None)
        if user is None or (isinstance(user, LazyObject) and user._wrapped is empty):
            return
        structlog.contextvars.bind_contextvars(user_id=user.pk)
