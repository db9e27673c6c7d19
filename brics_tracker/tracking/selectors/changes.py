"""The record of changes of an item and of what hangs on it: who, when, what it was, what it became."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils import formats
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from brics_tracker.accounts.access import OVERSEERS
from brics_tracker.core.partial_dates import PartialDateField, show
from brics_tracker.tracking.access import in_scope
from brics_tracker.tracking.models import Citation, Milestone, Passage, Relation, TrackedItem

if TYPE_CHECKING:
    from brics_tracker.accounts.access import Actor

EMPTY = "—"
# Bookkeeping that no reader asks for: keys, counters, moments that the entry itself shows.
UNTOLD = frozenset({
    "id", "item", "item_kind", "reference", "reference_prefix", "reference_number", "author", "created_at", "updated_at",
    "version", "submitted_at", "published_at", "published_by", "completed_by", "from_template", "position", "checksum",
    "source",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """One field: what it was, what it became."""

    label: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One act on record."""

    at: dt.datetime
    by: str
    what: str  # what was changed: "" the item itself, else the milestone, relation or citation
    act: str  # added, changed or removed, in words
    reason: str
    changes: Sequence[Change]
    is_new: bool = False


def history_of(item: TrackedItem, user: Actor) -> list[Entry]:
    """Every recorded change, newest first.

    What was done before publication is seen by those who could see it then: the author and overseers in
    scope. Ties to items that the person may not see are left out. A fixed number of queries.
    """
    names = Names(user)
    own = getattr(item, item.item_kind)  # the kind's own row, by name: this floor does not know the kinds
    tables: list[tuple[str, models.QuerySet[Any], tuple[str, ...]]] = [
        ("", TrackedItem.history.filter(id=item.pk), ("themes", "supporters", "members", "assignees")),
        ("", type(own).history.filter(item=item.pk), ()),
        (_("Milestone"), Milestone.history.filter(item=item.pk), ()),
        (_("Relation"), Relation.history.filter(source=item.pk), ()),
        (_("Source"), Citation.history.filter(item=item.pk), ()),
    ]
    records = [(noun, _read(rows, links)) for noun, rows, links in tables]
    names.learn(record for _noun, rows in records for record in rows)
    entries = [entry for noun, rows in records for entry in _entries(noun, rows, names)]
    if not (in_scope(user, item, OVERSEERS) or item.author_id == user.pk):
        entries = [entry for entry in entries if item.published_at and entry.at >= item.published_at]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)


def _read(rows: models.QuerySet[Any], links: Sequence[str]) -> list[Any]:
    """The records in their order, each with the keys of its many-to-many values; one query per field."""
    records = list(rows.select_related("history_user").order_by("history_date", "history_id"))
    for name in links if records else ():
        field = records[0].instance_type._meta.get_field(name)
        found: dict[Any, set[Any]] = defaultdict(set)
        held = getattr(type(records[0]), name).filter(history__in=[record.history_id for record in records])
        for record_id, key in held.values_list("history_id", f"{field.m2m_reverse_field_name()}_id"):
            found[record_id].add(key)
        for record in records:
            vars(record)[f"linked_{name}"] = frozenset(found[record.history_id])
    return records


class Names:
    """Words for the keys that records hold: read for a whole history at once, one query per table."""

    def __init__(self, user: Actor) -> None:
        self.user = user
        self.known: dict[type[models.Model], dict[Any, str]] = {}

    def learn(self, records: Iterable[Any]) -> None:
        wanted: dict[type[models.Model], set[Any]] = {}
        for record in records:
            for field in told_fields(record):
                if field.is_relation and field.related_model is not None:
                    wanted.setdefault(_table(field), set()).update(_keys(record, field))
        for table, keys in wanted.items():
            keys.discard(None)
            self.known[table] = {row.pk: str(row) for row in self._rows(table).filter(pk__in=keys)} if keys else {}

    def _rows(self, table: type[models.Model]) -> models.QuerySet[Any]:
        if table is TrackedItem:
            return TrackedItem.objects.visible_to(self.user)
        rows = table._default_manager.all()
        return rows.select_related("document") if table is Passage else rows

    def knows(self, field: Any, record: Any) -> bool:
        return getattr(record, field.attname) in self.known.get(_table(field), {})

    def say(self, field: Any, record: Any) -> str:
        """The field's value in words."""
        if field.is_relation:
            known = self.known.get(_table(field), {})
            return ", ".join(sorted(known.get(key, EMPTY) for key in _keys(record, field) if key is not None)) or EMPTY
        return _plain(field, getattr(record, field.attname))


def told_fields(record: Any) -> list[Any]:
    """Fields of the recorded model that a reader is told about."""
    meta = record.instance_type._meta
    links = [field for field in meta.many_to_many if f"linked_{field.name}" in vars(record)]
    return [field for field in (*meta.concrete_fields, *links) if field.name not in UNTOLD]


def _table(field: Any) -> type[models.Model]:
    return field.related_model  # type: ignore[no-any-return]


def _keys(record: Any, field: Any) -> frozenset[Any]:
    if field.many_to_many:
        return vars(record)[f"linked_{field.name}"]  # type: ignore[no-any-return]
    return frozenset([getattr(record, field.attname)])


def _plain(field: Any, value: Any) -> str:
    if value is None or value == "" or value == []:
        return EMPTY
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, bool):
        return pgettext("a switch", "yes") if value else pgettext("a switch", "no")
    if isinstance(field, PartialDateField):
        return show(value)
    if isinstance(value, dt.datetime):
        return formats.date_format(value, "j M Y")
    if isinstance(value, dt.date):
        return formats.date_format(value, "j M Y")
    if isinstance(value, Decimal):
        return formats.localize(value.normalize() if value % 1 else int(value))
    if isinstance(value, list):
        return "; ".join(str(part) for part in value)
    return str(value)


def _entries(noun: str, rows: Sequence[Any], names: Names) -> Iterator[Entry]:
    """One entry per record that differs from the one before it of the same row."""
    last: dict[Any, Any] = {}
    key = rows[0].instance_type._meta.pk.attname if rows else ""
    for record in rows:
        before = last.get(getattr(record, key))
        last[getattr(record, key)] = record
        entry = _entry(noun, record, before, names)
        if entry is not None:
            yield entry


def _entry(noun: str, record: Any, before: Any, names: Names) -> Entry | None:
    what = _subject(noun, record, names)
    if what is None:
        return None
    changes = [] if record.history_type == "-" else _differences(record, before, names)
    if record.history_type == "~" and not changes:
        return None
    acts = {"+": _("added"), "~": _("changed"), "-": _("removed")}
    return Entry(
        at=record.history_date,
        by=str(record.history_user) if record.history_user else str(_("the installation")),
        what=what,
        act=acts[record.history_type],
        reason=record.history_change_reason or "",
        changes=changes,
        is_new=record.history_type == "+",
    )


def _differences(record: Any, before: Any, names: Names) -> list[Change]:
    changes = []
    for field in told_fields(record):
        new = names.say(field, record)
        old = names.say(field, before) if before is not None else EMPTY
        if new != old:
            changes.append(Change(str(capfirst(field.verbose_name)), old, new))
    return changes


def _subject(noun: str, record: Any, names: Names) -> str | None:
    """What a record is about; None where it concerns an item that this person may not see."""
    if isinstance(record, Milestone.history.model):
        return f"{noun}: {record.title}"
    if isinstance(record, Relation.history.model):
        target = Relation._meta.get_field("target")
        return f"{noun}: {names.say(target, record)}" if names.knows(target, record) else None
    if isinstance(record, Citation.history.model):
        return f"{noun}: {names.say(Citation._meta.get_field('passage'), record)}"
    return noun
