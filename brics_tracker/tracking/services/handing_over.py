"""Rows that hang on one item handed over to another, each on record, as its model declares (tracking.hanging)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.db import models

from brics_tracker.core.history import name_author
from brics_tracker.core.models import Versioned
from brics_tracker.tracking.hanging import Double, Hanging, Way, declared
from brics_tracker.tracking.models import TrackedItem

from .changes import remove, write

if TYPE_CHECKING:
    from brics_tracker.accounts.models import User


def hand_over(old: TrackedItem, new: TrackedItem, *, by: User, because: str) -> dict[str, list[int]]:
    """Everything that moves with a merge goes from one locked item to another; keys of the rows by model.

    What would stand twice stays, or is removed, as declared.
    """
    moved: dict[str, list[int]] = {}
    for model, hanging in declared():
        if hanging.way is Way.MOVES:
            held = moved.setdefault(model._meta.label, [])
            held += _hand_over_rows(model, hanging, old, new, by=by, because=because)
    return moved


def forget_sums(items: Iterable[TrackedItem]) -> None:
    """Remove what only summed up these items as they were."""
    keys = [item.pk for item in items]
    for model, hanging in declared():
        if hanging.way is Way.RECOMPUTED:
            model._default_manager.filter(**{f"{hanging.name}__in": keys}).delete()


def _hand_over_rows(
    model: type[models.Model], hanging: Hanging, old: TrackedItem, new: TrackedItem, *, by: User, because: str
) -> list[int]:
    found = model._default_manager.filter(**{hanging.name: old.pk}, **hanging.only).order_by("pk")
    moved = []
    for row in found:
        tied_to_itself = hanging.other_end and getattr(row, f"{hanging.other_end}_id") == new.pk
        if tied_to_itself or _stands_already(model, hanging, row, new):
            if tied_to_itself or hanging.double is Double.GOES:
                remove(row, by=by)
            continue
        hang_on(row, hanging, new, by=by, because=because)
        moved.append(row.pk)
    return moved


def _stands_already(model: type[models.Model], hanging: Hanging, row: models.Model, new: TrackedItem) -> bool:
    if not hanging.once_with:
        return False
    same = {name: getattr(row, model._meta.get_field(name).attname) for name in hanging.once_with}  # type: ignore[union-attr]
    return model._default_manager.filter(**{hanging.name: new.pk}, **same).exists()


def hang_on(row: Any, hanging: Hanging, new: TrackedItem, *, by: User, because: str) -> None:
    """Let a row hang on another item, or on its detail: whichever its field names."""
    target = row._meta.get_field(hanging.name).related_model
    place = new if target is TrackedItem else target._default_manager.get(pk=new.pk)
    if isinstance(row, Versioned) and hanging.counted:
        write(row, by=by, because=because, **{hanging.name: place})
        return
    setattr(row, hanging.name, place)
    name_author(row, by, because)
    touched = ["updated_at"] if hasattr(row, "updated_at") else []
    row.save(update_fields=[hanging.name, *touched])
