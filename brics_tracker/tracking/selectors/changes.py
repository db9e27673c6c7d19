"""The record of changes of an item and of what hangs on it: who, when, what it was, what it became."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _

from brics_tracker.accounts.access import OVERSEERS
from brics_tracker.core.recorded import Change, Names, read_records
from brics_tracker.tracking.access import in_scope
from brics_tracker.tracking.models import Citation, ItemMerge, Milestone, Relation, TrackedItem

if TYPE_CHECKING:
    from brics_tracker.accounts.access import Actor

# Bookkeeping that no reader asks for: keys, counters, moments that the entry itself shows.
UNTOLD = frozenset({
    "id", "item", "item_kind", "reference", "reference_prefix", "reference_number", "author", "created_at", "updated_at",
    "version", "submitted_at", "published_at", "published_by", "completed_by", "from_template", "position", "checksum",
    "source",
})  # fmt: skip


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
    names = VisibleNames(user)
    own = getattr(item, item.item_kind)  # the kind's own row, by name: this floor does not know the kinds
    tables: list[tuple[str, models.QuerySet[Any]]] = [
        ("", TrackedItem.history.filter(id=item.pk)),
        ("", type(own).history.filter(item=item.pk)),
        (_("Milestone"), Milestone.history.filter(item=item.pk)),
        (_("Relation"), Relation.history.filter(source=item.pk)),
        (_("Source"), Citation.history.filter(item=item.pk)),
    ]
    records = [(noun, read_records(rows)) for noun, rows in tables]
    names.learn(record for _noun, rows in records for record in rows)
    entries = [entry for noun, rows in records for entry in _entries(noun, rows, names)]
    entries += [*_merges(item), *_splits(item)]
    if not (in_scope(user, item, OVERSEERS) or item.author_id == user.pk):
        entries = [entry for entry in entries if item.published_at and entry.at >= item.published_at]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)


def _merges(item: TrackedItem) -> Iterator[Entry]:
    """What was merged into the item, and what it was merged into; one query."""
    merges = ItemMerge.objects.filter(Q(into=item) | Q(merged=item)).select_related("into", "merged", "by")
    for merge in merges:
        took = merge.into_id == item.pk
        act = _("taken in") if took else _("merged into %(reference)s") % {"reference": merge.into.reference}
        told = [Change(label, old, new) for label, old, new in merge.words] if took else []
        yield Entry(merge.at, str(merge.by), str(merge.merged), act, merge.reason, told)


def _splits(item: TrackedItem) -> Iterator[Entry]:
    """How the item was split; one query."""
    for split in item.splits.select_related("by"):
        parts = ", ".join(part["reference"] for part in split.parts)
        act = _("split into %(references)s") % {"references": parts}
        yield Entry(split.at, str(split.by), str(item), act, split.reason, [])


class VisibleNames(Names):
    """Words for what this person may see."""

    untold = UNTOLD

    def __init__(self, user: Actor) -> None:
        super().__init__()
        self.user = user

    def rows(self, table: type[models.Model]) -> models.QuerySet[Any]:
        return TrackedItem.objects.visible_to(self.user) if table is TrackedItem else super().rows(table)


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
    changes = [] if record.history_type == "-" else names.differences(record, before)
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
