"""One mapping of what goes wrong to what the API answers: RFC 9457 problem details, with errors by field."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import orjson
from django.core.exceptions import (
    NON_FIELD_ERRORS,
    BadRequest,
    PermissionDenied,
    SuspiciousOperation,
    ValidationError,
)
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response

from .moved import SAFE, Moved

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

PROBLEM_TYPE = "application/problem+json"
GENERAL = {NON_FIELD_ERRORS, "non_field_errors", "detail"}


def problem(status: int, detail: StrOrPromise = "", errors: Mapping[str, list[str]] | None = None) -> dict[str, Any]:
    """The body of a problem answer."""
    body: dict[str, Any] = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    if detail:
        body["detail"] = str(detail)
    if errors:
        body["errors"] = dict(errors)
    return body


def problem_answer(status: int, detail: StrOrPromise) -> HttpResponse:
    """The same as a whole answer, for what is refused before any endpoint is reached."""
    return HttpResponse(orjson.dumps(problem(status, detail)), status=status, content_type=PROBLEM_TYPE)


def _flatten(detail: Any) -> list[str]:
    """All messages in a list or tree of them."""
    if isinstance(detail, Mapping):
        return [message for part in detail.values() for message in _flatten(part)]
    if isinstance(detail, list | tuple):
        return [message for part in detail for message in _flatten(part)]
    return [str(detail)]


def errors_by_field(refusal: Exception) -> tuple[list[str], dict[str, list[str]]]:
    """What a refusal says as a whole, and at which fields; of Django's and of REST framework's sort."""
    if isinstance(refusal, ValidationError):
        tree: Any = refusal.message_dict if hasattr(refusal, "error_dict") else refusal.messages
    else:
        tree = getattr(refusal, "detail", str(refusal))
    if not isinstance(tree, Mapping):
        return _flatten(tree), {}
    general = [message for key in tree if key in GENERAL for message in _flatten(tree[key])]
    return general, {str(key): _flatten(tree[key]) for key in tree if key not in GENERAL}


def _status_of(exc: Exception) -> int | None:
    """The status that an exception stands for; None where it is a fault of ours."""
    if isinstance(exc, exceptions.APIException):
        return exc.status_code
    known: dict[type[Exception], HTTPStatus] = {
        Http404: HTTPStatus.NOT_FOUND,
        PermissionDenied: HTTPStatus.FORBIDDEN,
        ValidationError: HTTPStatus.BAD_REQUEST,
        BadRequest: HTTPStatus.BAD_REQUEST,
        SuspiciousOperation: HTTPStatus.BAD_REQUEST,
    }
    return next((int(status) for kind, status in known.items() if isinstance(exc, kind)), None)


def _moved(moved: Moved, request: HttpRequest) -> Response:
    """Reading is led on; a change is refused, for it was meant for something else."""
    status = HTTPStatus.MOVED_PERMANENTLY if request.method in SAFE else HTTPStatus.CONFLICT
    body = problem(status, str(moved.words)) | {"merged_into": moved.new}
    headers = {"Location": moved.address(request)} if request.method in SAFE else {}
    return Response(body, status=status, headers=headers, content_type=PROBLEM_TYPE)


def problem_response(exc: Exception, context: Mapping[str, Any]) -> Response | None:
    """REST framework's exception handler: every refusal as a problem; a fault of ours goes on to be a 500."""
    if isinstance(exc, Moved):
        return _moved(exc, context["request"]._request)
    status = _status_of(exc)
    if status is None:
        return None
    detail: str
    errors: dict[str, list[str]] = {}
    if status == HTTPStatus.NOT_FOUND:
        # What is hidden and what does not exist must read the same.
        detail = _("There is no such record, or none that you may see.")
    elif isinstance(exc, ValidationError | exceptions.APIException):
        general, errors = errors_by_field(exc)
        detail = " ".join(general) or _("Some values could not be used; see errors.")
    else:
        detail = str(exc)
    headers = {}
    if isinstance(exc, exceptions.APIException):
        if auth_header := getattr(exc, "auth_header", None):
            headers["WWW-Authenticate"] = auth_header
        if wait := getattr(exc, "wait", None):
            headers["Retry-After"] = str(int(wait))
    body = problem(status, detail, errors)
    if current := getattr(exc, "current", None):
        body["current"], headers["ETag"] = current, exc.etag  # type: ignore[attr-defined]
    return Response(body, status=status, headers=headers, content_type=PROBLEM_TYPE)
