"""Edit many: the same change to each of many items, each by its own service; shown first, undone as a whole."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from brics_tracker.tracking import access
from brics_tracker.tracking.choices import Outcome
from brics_tracker.tracking.models import BulkEdit, BulkEditRow, Milestone, TrackedItem

from . import items, milestones
from .changes import StaleVersion, once

if TYPE_CHECKING:
    from brics_tracker.accounts.models import User

MOST = 200  # items in one edit
LINKS = ("themes", "assignees")
# What an undo can set back with the service of editing; the rest has services of its own.
EDITED = (
    "owner",
    "owner_confirmed",
    "lead_theme",
    *LINKS,
    "phase",
    "priority",
    "start_date",
    "target_date",
    "rhythm_days",
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be done to every item; what is empty is left alone.

    values: fields of services.items.FIELDS to set. add, drop: links by field. archive: the reason, to archive.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    add: Mapping[str, Sequence[models.Model]] = field(default_factory=dict)
    drop: Mapping[str, Sequence[models.Model]] = field(default_factory=dict)
    confirm_owner: bool = False
    confirm_plan: bool = False
    archive: str = ""

    @property
    def is_empty(self) -> bool:
        asked = (self.values, any(self.add.values()), any(self.drop.values()), self.archive)
        return not any(asked) and not self.confirm_owner and not self.confirm_plan


@dataclass(frozen=True, slots=True)
class Row:
    """What became, or would become, of one item."""

    item: TrackedItem
    outcome: Outcome
    changes: list[tuple[str, str, str]] = field(default_factory=list)
    refusal: str = ""
    before: Mapping[str, Any] = field(default_factory=dict)

    @property
    def told(self) -> str:
        """The outcome in words."""
        return str(self.outcome.label)


def preview_edit(chosen: Mapping[int, int | None], wanted: Wanted, *, by: User) -> list[Row]:
    """What the edit would do to each item, refusals and conflicts included: done, read and taken back."""
    with transaction.atomic():
        rows = _perform(chosen, wanted, by=by)
        transaction.set_rollback(True)
    return rows


@transaction.atomic
def edit_many(
    chosen: Mapping[int, int | None],
    wanted: Wanted,
    *,
    by: User,
    words: Sequence[str],
    form_key: uuid.UUID | None = None,
) -> BulkEdit:
    """Do it, item by item: one that refuses is left alone and says why; the others are changed.

    chosen: the version that was shown of each item, by its key; None: whatever it is. The same `form_key`
    again changes nothing and returns the same edit. Raises ValidationError for no items, too many, or no change.
    """
    if not chosen or len(chosen) > MOST:
        raise ValidationError(_("Choose between 1 and %(most)s items.") % {"most": MOST})
    if wanted.is_empty:
        raise ValidationError(_("Say what to change."))

    def make() -> BulkEdit:
        edit = BulkEdit.objects.create(by=by, words=list(words))
        _record(edit, _perform(chosen, wanted, by=by))
        return edit

    return once(by, form_key, make)


@transaction.atomic
def undo_edit(edit: BulkEdit, *, by: User) -> BulkEdit:
    """Set back everything that an edit of many changed; what someone changed since stays, and is said.

    By whoever made it. A second call returns the first one's undoing.
    """
    edit = BulkEdit.objects.select_for_update(no_key=True).get(pk=edit.pk)
    access.require(edit.by_id == by.pk)
    done = BulkEdit.objects.filter(undoes=edit).first()
    if done is not None:
        return done
    if edit.undoes_id:
        raise ValidationError(_("This edit undid another; make the change again instead."))
    undoing = BulkEdit.objects.create(by=by, words=[_("Undo")], undoes=edit)
    rows = edit.rows.filter(outcome=Outcome.CHANGED).select_related("item").order_by("pk")
    _record(undoing, [_attempt(row.item, lambda item, row=row: _set_back(item, row, by=by)) for row in rows])
    return undoing


def _perform(chosen: Mapping[int, int | None], wanted: Wanted, *, by: User) -> list[Row]:
    visible = TrackedItem.objects.visible_to(by).filter(pk__in=chosen)
    found = visible.order_by("reference_prefix", "reference_number")
    return [_attempt(item, lambda one: _apply(one, wanted, chosen[one.pk], by=by)) for item in found]


def _attempt(item: TrackedItem, act: Any) -> Row:
    """Act on one item in a transaction of its own; a refusal leaves it as it was."""
    before = _values(item)
    try:
        with transaction.atomic():
            act(item)
    except StaleVersion as stale:
        return Row(item, Outcome.CONFLICT, refusal=", ".join(_label(name) for name in stale.fields))
    except ValidationError as refusal:
        return Row(item, Outcome.REFUSED, refusal=" ".join(refusal.messages))
    except PermissionDenied as refusal:
        return Row(item, Outcome.REFUSED, refusal=str(refusal))
    after = _values(TrackedItem.objects.get(pk=item.pk))
    names = [name for name in before if before[name] != after[name]]
    if not names:
        return Row(item, Outcome.SAME)
    changes = [(_label(name), _words(name, before[name]), _words(name, after[name])) for name in names]
    return Row(item, Outcome.CHANGED, changes, before={name: before[name] for name in names})


def _apply(item: TrackedItem, wanted: Wanted, version: int | None, *, by: User) -> None:
    changes = dict(wanted.values)
    for name in LINKS:
        add, drop = wanted.add.get(name, ()), wanted.drop.get(name, ())
        if add or drop:
            kept = [each for each in getattr(item, name).all() if each not in drop]
            changes[name] = [*kept, *(each for each in add if each not in kept)]
    if changes:
        items.edit_item(item, by=by, version=version, changes=changes)
    if wanted.confirm_owner:
        items.confirm_owner(item, by=by)
    if wanted.confirm_plan:
        milestones.confirm_plan(item, by=by)
    if wanted.archive:
        items.archive_item(item, by=by, reason=wanted.archive)


def _set_back(item: TrackedItem, row: BulkEditRow, *, by: User) -> None:
    before = row.before
    if "archived" in before:
        items.restore_item(item, by=by)
    version = row.version + 1 if "archived" in before else row.version
    changes = {name: _objects(name, before[name]) for name in EDITED if name in before}
    if not access.may_confirm(by, item):
        changes.pop("owner_confirmed", None)  # whoever may not confirm an owner leaves the one set back to confirm
    if changes:
        items.edit_item(item, by=by, version=version, changes=changes)
    for step in Milestone.objects.filter(item=item, pk__in=before.get("unconfirmed_steps", []), confirmed=True):
        milestones.edit_milestone(step, by=by, version=None, changes={"confirmed": False})


def _record(edit: BulkEdit, rows: Iterable[Row]) -> None:
    rows = list(rows)
    now = TrackedItem.objects.filter(pk__in=[row.item.pk for row in rows])
    versions = dict(now.values_list("pk", "version"))
    BulkEditRow.objects.bulk_create(
        BulkEditRow(
            edit=edit, item=row.item, outcome=row.outcome, words=row.changes or ([row.refusal] if row.refusal else []),
            before=row.before, version=versions[row.item.pk],
        )
        for row in rows
    )  # fmt: skip


def _values(item: TrackedItem) -> dict[str, Any]:
    """What an edit of many may change, as plain values that JSON keeps; links and rows as ids."""
    values: dict[str, Any] = {}
    for name in EDITED:
        if name in LINKS:
            values[name] = sorted(getattr(item, name).values_list("pk", flat=True))
        else:
            values[name] = getattr(item, TrackedItem._meta.get_field(name).attname)  # type: ignore[union-attr]
    open_steps = item.milestones.filter(dropped_at=None, confirmed=False)
    values["unconfirmed_steps"] = sorted(open_steps.values_list("pk", flat=True))
    values["archived"] = item.archived_at is not None
    return values


def _objects(name: str, value: Any) -> Any:
    """A value that was kept as ids as the service takes it."""
    column = TrackedItem._meta.get_field(name)
    if name in LINKS:
        return list(column.related_model._default_manager.filter(pk__in=value))  # type: ignore[union-attr]
    if column.is_relation and value is not None:
        return column.related_model._default_manager.get(pk=value)  # type: ignore[union-attr]
    return value


def _label(name: str) -> str:
    labels = {"unconfirmed_steps": _("steps to confirm"), "archived": _("archived")}
    return labels.get(name) or str(TrackedItem._meta.get_field(name).verbose_name)  # type: ignore[union-attr]


def _words(name: str, value: Any) -> str:
    """A kept value as people read it."""
    if name == "unconfirmed_steps":
        return str(len(value))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if value in (None, "", []):
        return "—"
    if name in LINKS or TrackedItem._meta.get_field(name).is_relation:
        found = _objects(name, value)
        return "; ".join(sorted(str(each) for each in (found if isinstance(found, list) else [found])))
    column = TrackedItem._meta.get_field(name)
    return str(dict(getattr(column, "flatchoices", ())).get(value, value))
