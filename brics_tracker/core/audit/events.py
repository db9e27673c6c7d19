"""Putting on record what changes no row: who fetched which file, export or report, who signed in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from structlog.contextvars import get_contextvars

from brics_tracker.core.choices import Act
from brics_tracker.core.models import AuditEvent

if TYPE_CHECKING:
    from django.http import HttpRequest

    from brics_tracker.accounts.models import User

WORDS_LENGTH = 200


def record_event(
    act: Act,
    *,
    by: User | None,
    thing: models.Model | str = "",
    words: str = "",
    reference: str = "",
    **detail: Any,
) -> AuditEvent:
    """Add one event; `thing` is what it was done to (a row, or the name of a list), `words` what it was called.

    Nothing secret goes in here: no password, token or session key, and no network address; `request_id` leads to
    the log while that is kept.
    """
    kind, key = (thing._meta.label_lower, thing.pk) if isinstance(thing, models.Model) else ("", thing)
    return AuditEvent.objects.create(
        act=act,
        actor=by,
        kind=kind,
        key=str(key)[:80],
        words=(words or str(thing))[:WORDS_LENGTH],
        reference=reference[:40],
        detail=detail,
        request_id=str(get_contextvars().get("request_id") or "")[:36],
    )


def record_fetch(request: HttpRequest, act: Act, **event: Any) -> None:
    """Put on record that this person is about to be given something; call it once the rights are checked.

    One short write, so that a GET that is no fetch stays without any. What a public site gives to people who are not
    signed in has nobody to name and is left to the web server's log; a HEAD fetches nothing. A row that
    cannot be written raises: nothing leaves unrecorded.
    """
    viewing: Any = getattr(request, "viewing", None)
    user: Any = viewing.administrator if viewing else request.user  # whoever sits there, not whom they view as
    if viewing:
        event["viewed_as"] = viewing.user.email
    if request.method != "GET" or not user.is_authenticated:
        return
    if token := getattr(getattr(request, "auth", None), "name", ""):
        event["token"] = token
    record_event(act, by=user, **event)
