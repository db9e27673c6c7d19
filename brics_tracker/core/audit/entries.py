"""Entries of the trail ready to be shown, from whichever table they are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _

from brics_tracker.core.models import AuditEvent
from brics_tracker.core.recorded import EMPTY, Change, read_records

from . import things
from .tables import Model, instance_of


@dataclass(frozen=True, slots=True)
class TrailEntry:
    """One act on record, ready to be shown."""

    at: dt.datetime
    who: str
    mail: str
    act: str
    kind: str
    thing: str
    address: str
    changes: Sequence[Change]
    reason: str
    request: str
    record: str  # table and key, as verify_audit names them


def entries_of_events(keys: Sequence[int]) -> Iterator[tuple[int, TrailEntry]]:
    """Key and entry of each of these events."""
    for event in AuditEvent.objects.filter(pk__in=keys).select_related("actor"):
        yield (
            event.pk,
            TrailEntry(
                at=event.at,
                who=str(event.actor or _("nobody")),
                mail=event.actor.email if event.actor else "",
                act=event.get_act_display(),
                kind="",
                thing=" ".join(part for part in (event.reference, event.words) if part),
                address="",
                changes=_details(event.detail),
                reason="",
                request=event.request_id,
                record=f"{AuditEvent._meta.db_table} {event.pk}",
            ),
        )


def _details(detail: Mapping[str, Any]) -> list[Change]:
    flat = {name: value for name, value in detail.items() if not isinstance(value, dict)}
    for value in detail.values():
        flat |= value if isinstance(value, dict) else {}
    return [Change(name, "", str(value)) for name, value in flat.items()]


def entries_of_changes(model: Model, keys: Sequence[int]) -> Iterator[tuple[int, TrailEntry]]:
    """Key and entry of each of these records of a history, beside the one before it of the same row."""
    own, entries = instance_of(model), model._base_manager
    row = own._meta.pk.attname
    earlier = entries.filter(**{row: OuterRef(row)}, history_id__lt=OuterRef("history_id")).order_by("-history_id")
    records = read_records(entries.filter(pk__in=keys).annotate(before=Subquery(earlier.values("pk")[:1])))
    bases = {base.pk: base for base in read_records(entries.filter(pk__in={record.before for record in records}))}
    names = things.TrailNames()
    names.learn([*records, *bases.values()])
    acts = {"+": _("added"), "~": _("changed"), "-": _("removed")}
    for record in records:
        user = record.history_user
        yield (
            record.pk,
            TrailEntry(
                at=record.history_date,
                who=str(user or _("the installation")),
                mail=user.email if user else "",
                act=acts[record.history_type],
                kind=str(own._meta.verbose_name),
                thing=things.in_words(record, names),
                address=things.address_of(own, getattr(record, row)),
                changes=_changes(record, bases.get(record.before), names),
                reason=record.history_change_reason or "",
                request="",
                record=f"{model._meta.db_table} {record.pk}",
            ),
        )


def _changes(record: Any, base: Any, names: things.TrailNames) -> Sequence[Change]:
    if record.history_type == "-":  # written when its links were gone: what it was stands in the record before
        return [Change(was.label, was.new, EMPTY) for was in names.differences(base or record, None)]
    if record.history_type == "+":
        return [Change(now.label, "", now.new) for now in names.differences(record, None)]
    return names.differences(record, base)
