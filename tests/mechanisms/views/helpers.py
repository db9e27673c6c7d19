"""Meetings for tests."""

import itertools

from brics_tracker.core.models import Member
from mechanisms.models import Mechanism, Meeting, MeetingDate

_numbers = itertools.count(1)


def make_meeting(
    key: str = "",
    *,
    started: str = "2020-01-01",
    mechanism: Mechanism | None = None,
    chair: Member | None = None,
    claims: int = 1,
    **fields: object,
) -> Meeting:
    """A meeting with one date claim, or more that each name another day."""
    key = key or f"meeting-{next(_numbers)}"
    values = {"title": f"Meeting {key}", "kind": "ministerial", "track": "economy_finance", **fields}
    meeting = Meeting.objects.create(key=key, started=started, mechanism=mechanism, chair=chair, **values)
    for n in range(claims):
        source = f"https://example.org/{key}/{n}"
        date = started if n == 0 else f"{started[:4]}-0{n}-1{n}"
        MeetingDate.objects.create(meeting=meeting, started=date, source=source, preferred=n == 0)
    return meeting
