"""Listing and ending sessions; every door that ends one goes through here."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from brics_tracker.accounts.models import BrowserSession, User

from .places import browser_in_words


@dataclass(frozen=True, slots=True)
class Place:
    """One browser as the page shows it; `handle` names it without giving its key away."""

    handle: str
    browser: str
    session: BrowserSession
    is_here: bool


def places_of(user: User, *, here: str | None) -> list[Place]:
    """Where the person is signed in, this browser first, then as last seen; `here` is its key. One query."""
    rows = BrowserSession.objects.filter(user=user, expire_date__gt=timezone.now()).defer("session_data")
    places = [Place(_handle(row.pk), browser_in_words(row.browser), row, row.pk == here) for row in rows]
    return sorted(places, key=lambda place: (not place.is_here, -_seconds(place.session)))


def end_session(user: User, handle: str) -> bool:
    """End the person's own session of this handle; False where they have none of it."""
    keys = BrowserSession.objects.filter(user=user).values_list("pk", flat=True)
    wanted = [key for key in keys if constant_time_compare(_handle(key), handle)]
    ended, _by_model = BrowserSession.objects.filter(pk__in=wanted).delete()
    return bool(ended)


def end_sessions(user: User, *, keep: str | None = None) -> int:
    """End every session of a person, but the one of the key `keep`; says how many there were."""
    ended, _by_model = BrowserSession.objects.filter(user=user).exclude(pk=keep or "").delete()
    return ended


def _handle(key: str) -> str:
    return salted_hmac("accounts.sessions", key, algorithm="sha256").hexdigest()[:24]


def _seconds(row: BrowserSession) -> float:
    moment = row.seen_at or row.signed_in_at
    return moment.timestamp() if moment else 0.0
