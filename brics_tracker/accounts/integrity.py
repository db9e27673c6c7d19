"""The invariant of this floor: who may not sign in is signed in nowhere."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Q
from django.utils import timezone

from .models import BrowserSession


def sessions_of_the_disabled() -> Iterator[str]:
    """I10: no session of someone whose account is shut, nor of the system actor."""
    live = BrowserSession.objects.filter(expire_date__gt=timezone.now()).select_related("user")
    for session in live.filter(Q(user__is_active=False) | Q(user__is_system=True)).defer("session_data"):
        yield f"I10 user {session.user_id} ({session.user}): a session of somebody who may not sign in"
