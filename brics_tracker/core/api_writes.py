"""What every writing request passes: not too many, the version that was read, a key against doing it twice."""

from __future__ import annotations

import hashlib
import json
import uuid
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.translation import gettext as _
from redis.exceptions import RedisError
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import UserRateThrottle

from .rows import Row

KEY_HEADER = "Idempotency-Key"


class Conflict(APIException):
    """The request contradicts one that came before."""

    status_code = 409


class PreconditionFailed(APIException):
    """Someone changed it since it was read: the answer holds it as it is now, its ETag the number to send next."""

    status_code = 412

    def __init__(self, current: Row, etag: str) -> None:
        super().__init__(_("Someone changed this since you read it. It is in this answer as it is now."))
        self.current = current
        self.etag = etag


class PreconditionRequired(APIException):
    """A change that does not say what it is a change of."""

    status_code = 428


class Unavailable(APIException):
    """Where requests cannot be counted, none that changes something is let in."""

    status_code = 503


class WriteThrottle(UserRateThrottle):
    """So many changes a minute for each person, whichever process they reach; reading is not counted."""

    scope = "api-write"
    rate = "120/min"

    def allow_request(self, request: Request, view: Any) -> bool:
        if request.method in SAFE_METHODS:
            return True
        try:
            return super().allow_request(request, view)
        except RedisError as fault:
            raise Unavailable(_("Changes cannot be taken just now. Try again in a minute.")) from fault


def require_match(request: Request) -> str:
    """The `If-Match` header, which must name what was read; 428 without one. `*` names nothing."""
    named = str(request.headers.get("If-Match", "")).strip()
    if not named or named == "*":
        raise PreconditionRequired(_("Send If-Match with the ETag of what you read."))
    return named


def check_match(named: str, row: Row, etag: str) -> None:
    """412 where none of the named ETags is the row's. Ask it with the row locked."""
    # A proxy that compresses an answer marks its ETag as weak; the row is the same.
    if etag not in {each.strip().removeprefix("W/") for each in named.split(",")}:
        raise PreconditionFailed(row, etag)


def key_of(request: Request) -> uuid.UUID:
    """The request's key; 400 at `Idempotency-Key` where it is missing or no UUID."""
    try:
        return uuid.UUID(str(request.headers.get(KEY_HEADER, "")))
    except ValueError:
        raise ValidationError({KEY_HEADER: [_("Send a UUID of your own, new for each thing to be done.")]}) from None


def _told(value: Any) -> Any:
    """A value of a form; of a file its name and a digest of its content."""
    if not isinstance(value, UploadedFile):
        return value
    digest = hashlib.sha256()
    for chunk in value.chunks():
        digest.update(chunk)
    value.seek(0)
    return [value.name, digest.hexdigest()]


def digest_of(request: Request) -> str:
    """The same for the same request sent again: address and content, whatever the order of its fields."""
    sent: Any = request.data
    if isinstance(sent, QueryDict):  # a form with files
        sent = {name: [_told(each) for each in values] for name, values in sent.lists()}
    return told_of([request.method, request.path, sent])


def told_of(content: Any) -> str:
    """A digest of what was asked: the same for the same content, whatever the order of its fields."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()  # takes broken text too
