"""Who may add and change meetings, and where that is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse

from brics_tracker.accounts.access import is_administrator
from brics_tracker.core.clock import shown_day

if TYPE_CHECKING:
    from brics_tracker.accounts.access import Actor


def meetings_kept_at(user: Actor) -> str:
    """The administration's list of meetings, for those who may enter it; "" for others, and while a past day is shown."""
    may_keep = shown_day() is None and is_administrator(user)
    return reverse("admin:mechanisms_meeting_changelist") if may_keep else ""
