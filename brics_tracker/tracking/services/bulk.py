"""Edit many: a change to each of many items, each by its own service; shown first, undone as a whole."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from brics_tracker.tracking import access
from brics_tracker.tracking.choices import Outcome
from brics_tracker.tracking.models import BulkEdit, BulkEditRow, Milestone, TrackedItem

from . import items, milestones
from .bulk_values import EDITED, LINKS, changed_steps, differences, label_of, objects_of, values_of
from .changes import StaleVersion, check_version, lock_item, once

if TYPE_CHECKING:
    from brics_tracker.accounts.models import User

MOST = 200  # items in one edit


@dataclass(frozen=True, slots=True)
class StepsWanted:
    """What is to be done to the dates of open steps; of all that have a date, or of those with these titles.

    due: the date to set. shift: days to move by, below 0 earlier. dated: dates of single steps, (version that was
    shown, date) by the step's key. reason: kept with each move of a confirmed date, which needs one.
    """

    titles: frozenset[str] = frozenset()
    due: dt.date | None = None
    shift: int = 0
    dated: Mapping[int, tuple[int, dt.date | None]] = field(default_factory=dict)
    reason: str = ""

    @property
    def is_empty(self) -> bool:
        return not (self.due or self.shift or self.dated)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be done to an item; what is empty is left alone.

    values: fields of services.items.FIELDS to set. add, drop: links by field. archive: the reason, to archive.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    add: Mapping[str, Sequence[models.Model]] = field(default_factory=dict)
    drop: Mapping[str, Sequence[models.Model]] = field(default_factory=dict)
    steps: StepsWanted = field(default_factory=StepsWanted)
    confirm_owner: bool = False
    confirm_plan: bool = False
    archive: str = ""

    @property
    def is_empty(self) -> bool:
        asked = (self.values, any(self.add.values()), any(self.drop.values()), not self.steps.is_empty, self.archive)
        return not any(asked) and not self.confirm_owner and not self.confirm_plan


@dataclass(frozen=True, slots=True)
class Row:
    """What became, or would become, of one item."""

    item: TrackedItem
    outcome: Outcome
    changes: list[tuple[str, str, str]] = field(default_factory=list)
    refusal: str = ""
    note: str = ""  # what was asked and has no effect here, and why
    before: Mapping[str, Any] = field(default_factory=dict)

    @property
    def told(self) -> str:
        """The outcome in words."""
        return str(self.outcome.label)


# The same for every chosen item, or for each its own.
AllWanted = Wanted | Mapping[int, Wanted]


def preview_edit(chosen: Mapping[int, int | None], wanted: AllWanted, *, by: User) -> list[Row]:
    """What the edit would do to each item, refusals and conflicts included: done, read and taken back."""
    with transaction.atomic():
        rows = _perform(chosen, wanted, by=by)
        transaction.set_rollback(True)
    return rows


@transaction.atomic
def edit_many(
    chosen: Mapping[int, int | None],
    wanted: AllWanted,
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
    if all(_of(wanted, key).is_empty for key in chosen):
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
    _record(undoing, [_attempt(row.item, partial(_set_back, row=row, by=by)) for row in rows])
    return undoing


def _of(wanted: AllWanted, key: int) -> Wanted:
    return wanted if isinstance(wanted, Wanted) else wanted.get(key, Wanted())


def _perform(chosen: Mapping[int, int | None], wanted: AllWanted, *, by: User) -> list[Row]:
    visible = TrackedItem.objects.visible_to(by).filter(pk__in=chosen)
    found = visible.order_by("reference_prefix", "reference_number")
    return [_attempt(item, lambda one: _apply(one, _of(wanted, one.pk), chosen[one.pk], by=by)) for item in found]


def _attempt(item: TrackedItem, act: Callable[[TrackedItem], str]) -> Row:
    """Act on one item in a transaction of its own; a refusal leaves it as it was. The act returns the row's note."""
    try:
        with transaction.atomic():
            # What it was is read once nobody else can change it: an undo brings back that, and nothing older.
            before = values_of(lock_item(item.pk))
            note = act(item)
            after = values_of(TrackedItem.objects.get(pk=item.pk))
    except StaleVersion as stale:
        return Row(item, Outcome.CONFLICT, refusal=", ".join(label_of(name) for name in stale.fields))
    except ValidationError as refusal:
        return Row(item, Outcome.REFUSED, refusal=" ".join(refusal.messages))
    except PermissionDenied as refusal:
        return Row(item, Outcome.REFUSED, refusal=str(refusal))
    names = [name for name in before if before[name] != after[name]]
    if not names:
        return Row(item, Outcome.SAME, refusal=note)
    kept = {name: before[name] for name in names if name != "steps"}
    if "steps" in names:
        kept["steps"] = changed_steps(before["steps"], after["steps"])
    return Row(item, Outcome.CHANGED, differences(before, after), note=note, before=kept)


def _apply(item: TrackedItem, wanted: Wanted, version: int | None, *, by: User) -> str:
    """Returns why no date moves, where dates were to move."""
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
    # Dates before the plan is confirmed: what did not count yet did not slip.
    note = _date_steps(item, wanted.steps, by=by)
    if wanted.confirm_plan:
        milestones.confirm_plan(item, by=by)
    if wanted.archive:
        items.archive_item(item, by=by, reason=wanted.archive)
    return note


def _date_steps(item: TrackedItem, wanted: StepsWanted, *, by: User) -> str:
    """Returns why no date moves; "" where one does, or none was to."""
    if wanted.is_empty:
        return ""
    steps = list(Milestone.objects.filter(item=item, dropped_at=None, completed_on="").order_by("position", "pk"))
    moved = False
    for step in steps:
        version, due = None, step.due
        if step.pk in wanted.dated:
            version, due = wanted.dated[step.pk]
        elif wanted.titles and step.title not in wanted.titles:
            continue
        elif wanted.due and (wanted.titles or step.due):
            due = wanted.due
        elif wanted.shift and step.due:
            due = _shifted(step.due, wanted.shift)
        if due != step.due:
            milestones.edit_milestone(step, by=by, version=version, changes={"due": due}, reason=wanted.reason)
            moved = True
    return "" if moved or wanted.dated else _why_none_moves(wanted, steps)


def _why_none_moves(wanted: StepsWanted, steps: Sequence[Milestone]) -> str:
    meant = [step for step in steps if not wanted.titles or step.title in wanted.titles]
    if not meant:
        why = _("its plan has no open step of the chosen names") if wanted.titles else _("its plan has no open step")
    elif not any(step.due for step in meant):
        why = _("no date stands at: %(steps)s") % {"steps": "; ".join(dict.fromkeys(step.title for step in meant))}
    else:
        why = _("that date stands there already")
    return _("No date moves: %(why)s.") % {"why": why}


def _shifted(day: dt.date, days: int) -> dt.date:
    try:
        return day + dt.timedelta(days=days)
    except OverflowError:
        raise ValidationError(_("This year lies too far away.")) from None


def _set_back(item: TrackedItem, row: BulkEditRow, *, by: User) -> str:
    before = row.before
    item = lock_item(item.pk)
    if "archived" in before:
        # Restored by someone and archived again since: that is theirs.
        check_version(item, row.version, {"archived_at": None})
        item = items.restore_item(item, by=by)
    elif item.archived_at is not None:
        raise ValidationError(_("It was archived since; restore it first, then set it back by hand."))
    changes = {name: objects_of(name, before[name]) for name in EDITED if name in before}
    if changes:
        items.edit_item(item, by=by, version=row.version, changes=changes, as_before=True)
    for told in before.get("steps", ()):
        step = Milestone.objects.filter(pk=told["pk"], item=item).first()
        if step is None:  # merged into another item since, with its plan
            raise ValidationError(_("A step that was changed belongs to another item by now."))
        due = dt.date.fromisoformat(told["due"]) if told["due"] else None
        milestones.set_back_milestone(
            step, by=by, version=told["version"], due=due, confirmed=told["confirmed"], moves=told["moves"]
        )
    return ""


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
