"""What each kind of item holds of its own, its detail: made and changed with the item, under the same rules."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NotRequired, TypedDict, TypeVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from brics_tracker.core.history import name_author
from brics_tracker.tracking import access
from brics_tracker.tracking.choices import ItemKind
from brics_tracker.tracking.models import Passage, TrackedItem
from brics_tracker.tracking.plans import PLANS

from . import items, milestones
from .changes import StaleVersion, add, check_version, lock_item, once, write

if TYPE_CHECKING:
    from brics_tracker.accounts.models import User

Detail = TypeVar("Detail", bound=models.Model)
UNKNOWN = object()  # equals no value


class Beginning(TypedDict, total=False):
    """What a new item may start with beside its fields; see create_detail."""

    plan: str
    passages: Sequence[Passage]
    submit: bool
    form_key: uuid.UUID | None
    entered: bool


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a form was drawn from, of what carries no version: the detail's last record, the passages cited."""

    record: int
    passages: frozenset[int]


class Edit(TypedDict):
    """A change of an item and its detail; see edit_detail."""

    version: int | None
    changes: Mapping[str, Any]
    own: Mapping[str, Any]
    passages: NotRequired[Sequence[Passage] | None]
    drawn: NotRequired[Drawn | None]


@transaction.atomic
def create_detail(
    model: type[Detail],
    *,
    by: User,
    fields: Mapping[str, Any],
    own: Mapping[str, Any],
    plan: str = "",
    passages: Sequence[Passage] = (),
    submit: bool = False,
    form_key: uuid.UUID | None = None,
    entered: bool = False,
) -> Detail:
    """A draft item with its detail, its citations and the undated plan of a template ("" for none).

    `fields`: what every item has (items.FIELDS); `own`: what this kind has. `submit`: handed in at once, or
    not made at all. The same `form_key` again returns the one already made. `entered`: public at once, by
    the system actor only. Raises ValidationError by field.
    """
    if plan and plan not in PLANS:
        raise ValidationError({"plan": _("Choose one of the plans.")})

    def make() -> Detail:
        item = items.add_item(ItemKind(str(model._meta.model_name)), by=by, fields=fields, entered=entered)
        detail = add(model(item=item, **own), by=by)
        if passages:
            items.cite(item, passages, by=by)
        if plan:
            milestones.add_plan(item, plan, by=by)
        if submit:
            items.submit_item(item, by=by)
        return detail

    return once(by, form_key, make)


@transaction.atomic
def edit_detail(
    detail: models.Model,
    *,
    by: User,
    version: int | None,
    changes: Mapping[str, Any],
    own: Mapping[str, Any],
    passages: Sequence[Passage] | None = None,
    drawn: Drawn | None = None,
) -> TrackedItem:
    """Change an item, its detail and its citations as one edit, counted once; raises what items.edit_item raises.

    `drawn` lets what others changed meanwhile stand: a field of the detail that both changed, to different
    values, is a StaleVersion as one of the item is; of the citations only what this form added or took away
    is applied.
    """
    item = lock_item(detail.pk)
    access.require_of(access.may_edit, by, item)
    detail = type(detail)._default_manager.get(pk=detail.pk)
    before = item.version
    mine, overlap = _compare(detail, own, drawn)
    try:
        if overlap:
            raise StaleVersion(item, changes, [], list(check_version(item, version, changes)))
        item = items.edit_item(item, by=by, version=version, changes=changes)
    except StaleVersion as stale:
        found, typed = [*stale.fields, *overlap], [*stale.mine, *mine]
        raise StaleVersion(stale.current, {**changes, **own}, found, typed) from stale
    _write(detail, {name: own[name] for name in mine}, by=by)
    cited = passages is not None and items.cite(item, _merged(item, passages, drawn), by=by)
    if (mine or cited) and item.version == before:
        write(item, by=by)
    return item


def last_record(detail: models.Model) -> Any:
    """The newest history entry of a detail, which holds its values as they are: what a form is drawn from."""
    return detail.history.order_by("-history_id").first()  # type: ignore[attr-defined]


def own_values(row: models.Model, names: Iterable[str]) -> dict[str, Any]:
    """Values of a detail, or of a record of it, that can be compared; other rows by their key."""
    return {name: getattr(row, row._meta.get_field(name).attname) for name in names}  # type: ignore[union-attr]


def _compare(detail: models.Model, own: Mapping[str, Any], drawn: Drawn | None) -> tuple[list[str], list[str]]:
    """Names of what the caller changed, and of those what someone else changed too, to another value."""
    now, wanted = own_values(detail, own), {name: getattr(value, "pk", value) for name, value in own.items()}
    base = now
    if drawn is not None:
        record = detail.history.filter(history_id=drawn.record).first()  # type: ignore[attr-defined]
        base = own_values(record, own) if record else dict.fromkeys(own, UNKNOWN)
    mine = [name for name in own if wanted[name] not in (base[name], now[name])]
    return mine, [name for name in mine if now[name] != base[name]]


def write_own(item: TrackedItem, changes: Mapping[str, Any], *, by: User) -> None:
    """Change what a locked item's kind has of its own; the caller counts it as an edit of the item."""
    if changes:
        _write(type(getattr(item, item.item_kind))._default_manager.get(pk=item.pk), changes, by=by)


def _write(detail: models.Model, changes: Mapping[str, Any], *, by: User) -> None:
    if not changes:
        return
    for name, value in changes.items():
        setattr(detail, name, value)
    detail.clean_fields(exclude=[f.name for f in detail._meta.fields if f.is_relation or f.name not in changes])
    name_author(detail, by)
    detail.save(update_fields=list(changes))


def _merged(item: TrackedItem, passages: Sequence[Passage], drawn: Drawn | None) -> Sequence[Passage]:
    """The citations as they are, with what the form added and without what it took away."""
    if drawn is None:
        return passages
    removed = drawn.passages - {passage.pk for passage in passages}
    kept = [passage for passage in Passage.objects.filter(citations__item=item) if passage.pk not in removed]
    return [*kept, *(passage for passage in passages if passage.pk not in drawn.passages)]
