"""Changes of mechanisms, by the rules that tracking has for the items of every kind; the dates of meetings."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import TYPE_CHECKING, Any, Unpack

from django.db import transaction
from django.utils.text import slugify

from brics_tracker.core.history import name_author
from brics_tracker.tracking.services.details import Beginning, Edit, create_detail, edit_detail

from .models import Mechanism, Meeting

if TYPE_CHECKING:
    from brics_tracker.accounts.models import User
    from brics_tracker.tracking.models import TrackedItem


def create_mechanism(
    *, by: User, fields: Mapping[str, Any], own: Mapping[str, Any], **more: Unpack[Beginning]
) -> Mechanism:
    """A draft mechanism; see create_detail. `own`: kind, track and whatever else Mechanism has."""
    return create_detail(Mechanism, by=by, fields=fields, own=own, **more)


def edit_mechanism(mechanism: Mechanism, *, by: User, **edit: Unpack[Edit]) -> TrackedItem:
    """Change a mechanism and the fields that it shares with every item; see edit_detail."""
    return edit_detail(mechanism, by=by, **edit)


def free_key(title: str) -> str:
    """A key for a new meeting of this title: its words, with a number behind them where they are taken."""
    words = slugify(title)[:100] or "meeting"
    taken = set(Meeting.objects.filter(key__startswith=words).values_list("key", flat=True))
    return next(key for n in count(1) if (key := words if n == 1 else f"{words}-{n}") not in taken)


@transaction.atomic
def take_preferred_dates(meeting: Meeting, *, by: User) -> Meeting:
    """A meeting bears the dates of its preferred claim, which an only claim is; without one, those it has."""
    claims = list(meeting.dates.all())
    if len(claims) == 1 and not claims[0].preferred:
        claims[0].preferred = True
        name_author(claims[0], by)
        claims[0].save(update_fields=["preferred"])
    claim = next((claim for claim in claims if claim.preferred), None)
    if claim is not None and (claim.started, claim.ended) != (meeting.started, meeting.ended):
        meeting.started, meeting.ended = claim.started, claim.ended
        name_author(meeting, by)
        meeting.save(update_fields=["started", "ended"])
    return meeting
