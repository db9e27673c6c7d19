"""Changes of mechanisms: the shared part goes through tracking's services, the rest is ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.db import transaction

from brics_tracker.tracking.choices import ItemKind
from brics_tracker.tracking.models import TrackedItem
from brics_tracker.tracking.services import items
from brics_tracker.tracking.services.changes import lock_item, record

from .models import Mechanism, Meeting

if TYPE_CHECKING:
    from brics_tracker.accounts.models import User

FIELDS = frozenset({"kind", "track", "acronym", "founded", "founding_event", "body", "sources", "note"})


@transaction.atomic
def create_mechanism(
    *, by: User, fields: Mapping[str, Any], own: Mapping[str, Any], entered: bool = False
) -> Mechanism:
    """A draft mechanism. `fields`: shared ones (tracking.services.items.FIELDS); `own`: FIELDS of this module.

    `entered`: public at once, by the system actor only.
    """
    item = items.add_item(ItemKind.MECHANISM, by=by, fields=fields, entered=entered)
    mechanism = Mechanism(item=item, **_known(own))
    mechanism.clean_fields(exclude=["item"])
    record(mechanism, by=by)
    mechanism.save(force_insert=True)
    return mechanism


@transaction.atomic
def edit_mechanism(
    mechanism: Mechanism, *, by: User, version: int | None, changes: Mapping[str, Any], own: Mapping[str, Any]
) -> TrackedItem:
    """Change a mechanism and its shared fields; raises what tracking.services.items.edit_item raises."""
    item = lock_item(mechanism.pk)
    item = items.edit_item(item, by=by, version=version, changes=changes)
    differing = {name: value for name, value in _known(own).items() if getattr(mechanism, name) != value}
    if differing:
        for name, value in differing.items():
            setattr(mechanism, name, value)
        mechanism.clean_fields(exclude=["item"])
        record(mechanism, by=by)
        mechanism.save(update_fields=list(differing))
    return item


def _known(own: Mapping[str, Any]) -> dict[str, Any]:
    unknown = set(own) - FIELDS
    if unknown:
        raise TypeError(f"not a field of a mechanism: {sorted(unknown)}")
    return dict(own)


@transaction.atomic
def take_preferred_dates(meeting: Meeting, *, by: User) -> Meeting:
    """A meeting bears the dates of its preferred claim; without one, those it has."""
    claim = meeting.dates.filter(preferred=True).first()
    if claim is not None and (claim.started, claim.ended) != (meeting.started, meeting.ended):
        meeting.started, meeting.ended = claim.started, claim.ended
        record(meeting, by=by)
        meeting.save(update_fields=["started", "ended"])
    return meeting
