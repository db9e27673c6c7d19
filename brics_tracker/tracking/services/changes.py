"""How every change is written: locked, versioned, recorded with its author. Other services call these."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from brics_tracker.core.history import name_author, save_with_links, set_links
from brics_tracker.core.models import Versioned
from brics_tracker.core.once import UsedKey as UsedKey
from brics_tracker.core.once import made_before as made_before
from brics_tracker.core.once import once as once
from brics_tracker.core.text import clean_text
from brics_tracker.tracking.models import TrackedItem

if TYPE_CHECKING:
    from brics_tracker.accounts.models import User

VersionedRow = TypeVar("VersionedRow", bound=Versioned)
Made = TypeVar("Made", bound=models.Model)


class StaleVersion(ValidationError):
    """Someone saved meanwhile: `current` is the row as it is now, `attempted` what was to be written,
    `fields` the names that both changed, `mine` all that the caller changed.

    The caller shows both, field by field; nothing typed is lost and nothing is overwritten.
    """

    def __init__(
        self, current: Versioned, attempted: Mapping[str, Any], fields: list[str], mine: list[str] | None = None
    ) -> None:
        said = _("This was saved meanwhile, by someone else or in another window of yours. Compare the two versions.")
        super().__init__(said, code="stale")
        self.current = current
        self.attempted = dict(attempted)
        self.fields = fields
        self.mine = fields if mine is None else mine


class MergedAway(ValidationError):
    """The item was merged into another: what was to be done is done there."""

    def __init__(self, item: TrackedItem) -> None:
        super().__init__(_("%(old)s was merged into %(new)s: do it there."), code="merged", params=merged_words(item))


def merged_words(item: TrackedItem) -> dict[str, str]:
    """Both references of a merged item, for a sentence."""
    assert item.merged_into is not None  # noqa: S101 - asked of merged items alone
    return {"old": item.reference, "new": item.merged_into.reference}


def lock_item(pk: int, *, merged_too: bool = False) -> TrackedItem:
    """The item's row, locked until the transaction ends: every change of an item or of what hangs on it waits here.

    Raises MergedAway for one that was merged into another, which no one changes any more, unless `merged_too`.
    """
    item = TrackedItem.objects.select_for_update(no_key=True).get(pk=pk)
    if item.merged_into_id is not None and not merged_too:
        raise MergedAway(item)
    return item


def check_version(row: Versioned, version: int | None, attempted: Mapping[str, Any]) -> dict[str, Any]:
    """The part of `attempted` that is really a change, or StaleVersion where it overlaps someone else's.

    `version` is the number that the person's form was drawn from; None means that the caller holds no
    form. What others changed meanwhile in other fields stands; only a field that both changed, to
    different values, is a conflict.
    """
    now = _values(row, attempted)
    wanted = {name: _plain(value) for name, value in attempted.items()}
    if version is None or version == row.version:
        return {name: attempted[name] for name in attempted if wanted[name] != now[name]}
    base_row = row.history.filter(version=version).order_by("history_id").last()  # type: ignore[attr-defined]
    if base_row is None:
        raise StaleVersion(row, attempted, list(attempted))
    base = _values(base_row, attempted)
    mine = [name for name in attempted if wanted[name] != base[name]]
    overlap = [name for name in mine if now[name] != base[name] and now[name] != wanted[name]]
    if overlap:
        raise StaleVersion(row, attempted, overlap, mine)
    return {name: attempted[name] for name in mine if now[name] != wanted[name]}


def _values(row: models.Model, names: Iterable[str]) -> dict[str, Any]:
    """Comparable values of a row or of its history entry; many-to-many as the set of the other side's ids."""
    values: dict[str, Any] = {}
    for name in names:
        value = getattr(row, name)
        if isinstance(value, models.Manager):
            values[name] = _linked_ids(row, name)
        else:
            values[name] = _plain(value)
    return values


def _linked_ids(row: models.Model, name: str) -> frozenset[Any]:
    manager = getattr(row, name)
    if not hasattr(row, "history_id"):
        return frozenset(manager.values_list("pk", flat=True))
    other = row.instance_type._meta.get_field(name).m2m_reverse_field_name()  # type: ignore[attr-defined]
    return frozenset(manager.values_list(f"{other}_id", flat=True))


def _plain(value: Any) -> Any:
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, (list, tuple, set, frozenset, models.QuerySet)):
        return frozenset(getattr(entry, "pk", entry) for entry in value)
    return value


def write(row: VersionedRow, *, by: User, because: str = "", **changes: Any) -> VersionedRow:
    """Set the given fields, count the edit and record it once, many-to-many values included.

    Values for many-to-many fields are iterables of objects. Validates first and raises ValidationError
    with the fields' names; `because` is kept with the record.
    """
    links = {name: list(value) for name, value in changes.items() if row._meta.get_field(name).many_to_many}
    plain = {name: value for name, value in changes.items() if name not in links}
    for name, value in plain.items():
        setattr(row, name, value)
    _check_fields(row, plain)
    row.version += 1
    set_links(row, links)
    updated = ["updated_at"] if hasattr(row, "updated_at") else []
    name_author(row, by, because)
    row.save(update_fields=[*plain, *updated, "version"])
    return row


def add(row: Made, *, by: User, **links: Iterable[models.Model]) -> Made:
    """Insert a validated row and record it once, with its many-to-many values."""
    _check_fields(row, [field.name for field in row._meta.fields])
    if links:
        save_with_links(row, by=by, links=links)
    else:
        name_author(row, by)
        row.save(force_insert=True)
    return row


def remove(row: models.Model, *, by: User) -> None:
    """Delete a row; what it was stays in the history, with who deleted it."""
    name_author(row, by)
    row.delete()


def _check_fields(row: models.Model, names: Iterable[str]) -> None:
    """Raise ValidationError by field. Related rows were read a moment ago and constraints are the database's:
    asking for either again would cost a query each.
    """
    asked = set(names)
    row.clean_fields(exclude=[field.name for field in row._meta.fields if field.is_relation or field.name not in asked])
    refusals = {}
    for field in row._meta.fields:
        value = getattr(row, field.attname)
        # A form said so at its field already; this is for every other way in.
        if field.name in asked and field.editable and isinstance(value, str):
            try:
                clean_text(value)
            except ValidationError as refusal:
                refusals[field.name] = refusal
    if refusals:
        raise ValidationError(refusals)
