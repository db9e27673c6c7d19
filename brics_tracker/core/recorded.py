"""Entries of histories in words: what a field was, what it became. Whoever shows entries stands on this."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils import formats, timezone
from django.utils.text import capfirst
from django.utils.translation import pgettext

from .partial_dates import PartialDateField, show

EMPTY = "—"


@dataclass(frozen=True, slots=True)
class Change:
    """One field: what it was (EMPTY for nothing; "" where that is not asked), what it became."""

    label: str
    old: str
    new: str


def read_records(rows: models.QuerySet[Any]) -> list[Any]:
    """The records in their order, each with the keys of its many-to-many values; one query per field of that sort."""
    records = list(rows.select_related("history_user").order_by("history_date", "history_id"))
    for field in rows.model._history_m2m_fields if records else ():
        found: dict[Any, set[Any]] = defaultdict(set)
        held = getattr(rows.model, field.name).filter(history__in=[record.history_id for record in records])
        for record_id, key in held.values_list("history_id", f"{field.m2m_reverse_field_name()}_id"):
            found[record_id].add(key)
        for record in records:
            vars(record)[f"linked_{field.name}"] = frozenset(found[record.history_id])
    return records


class Names:
    """Words for what records hold. The keys in them are looked up for many records at once, one query per table."""

    untold: frozenset[str] = frozenset()  # fields that the reader is spared
    moments = "j M Y"

    def __init__(self) -> None:
        self.known: dict[type[models.Model], dict[Any, str]] = {}

    def learn(self, records: Iterable[Any]) -> None:
        wanted: dict[type[models.Model], set[Any]] = {}
        for record in records:
            for field in self.told_fields(record):
                if field.is_relation and field.related_model is not None:
                    wanted.setdefault(field.related_model, set()).update(_keys(record, field))
        for table, keys in wanted.items():
            keys.discard(None)
            self.known[table] = {row.pk: str(row) for row in self.rows(table).filter(pk__in=keys)} if keys else {}

    def rows(self, table: type[models.Model]) -> models.QuerySet[Any]:
        """Where names are looked up; a row that is not in there stays nameless."""
        return table._default_manager.select_related()  # a name may be made of what its row is tied to

    def told_fields(self, record: Any) -> list[Any]:
        """Fields of the recorded model that a reader is told about."""
        fields = (*record.tracked_fields, *record._history_m2m_fields)
        return [field for field in fields if field.name not in self.untold]

    def knows(self, field: Any, record: Any) -> bool:
        return getattr(record, field.attname) in self.known.get(field.related_model, {})

    def say(self, field: Any, record: Any) -> str:
        """The field's value in words."""
        if field.is_relation:
            known = self.known.get(field.related_model, {})
            return ", ".join(sorted(known.get(key, EMPTY) for key in _keys(record, field) if key is not None)) or EMPTY
        return in_words(field, getattr(record, field.attname), self.moments)

    def differences(self, record: Any, before: Any) -> Sequence[Change]:
        """What differs from the record before it of the same row; without one, all that is there."""
        changes = []
        for field in self.told_fields(record):
            new = self.say(field, record)
            old = self.say(field, before) if before is not None else EMPTY
            if new != old:
                changes.append(Change(str(capfirst(field.verbose_name)), old, new))
        return changes


def _keys(record: Any, field: Any) -> frozenset[Any]:
    if field.many_to_many:
        return vars(record)[f"linked_{field.name}"]  # type: ignore[no-any-return]
    return frozenset([getattr(record, field.attname)])


def in_words(field: Any, value: Any, moments: str = "j M Y") -> str:
    """A column's value as people read it; EMPTY for none."""
    if value is None or value == "" or value == []:
        return EMPTY
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, bool):
        return pgettext("a switch", "yes") if value else pgettext("a switch", "no")
    if isinstance(field, PartialDateField):
        return show(value)
    if isinstance(value, dt.datetime):
        return formats.date_format(timezone.localtime(value), moments)
    if isinstance(value, dt.date):
        return formats.date_format(value, "j M Y")
    if isinstance(value, Decimal):
        return formats.localize(value.normalize() if value % 1 else int(value))
    if isinstance(value, list):
        return "; ".join(str(part) for part in value)
    return str(value)
