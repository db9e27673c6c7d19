"""What hangs on an item, and what becomes of it when the item is merged into another: each model says so itself.

    class Comment(models.Model):
        item = models.ForeignKey(TrackedItem, ...)
        when_merged = (moves("item"),)

`tests/architecture/test_hanging.py` is red while a model names an item, or the detail of one, and does not say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.apps import apps

if TYPE_CHECKING:
    from django.db import models


class Way(StrEnum):
    """What becomes of a row."""

    MOVES = "moves"  # it hangs on the item that stays
    KEPT = "kept"  # it stays with the merged item, as its record
    CHOSEN = "chosen"  # as the person who merges says
    RECOMPUTED = "recomputed"  # it goes; what it summarised is summed up anew


class Double(StrEnum):
    """What becomes of a row that would stand twice on the item that stays."""

    STAYS = "stays"  # with the merged item
    GOES = "goes"  # is removed, on record where the model has a history


@dataclass(frozen=True, slots=True)
class Hanging:
    """One field by which rows hang on an item, and what becomes of them.

    once_with: other fields of which no two rows of one item have the same values; double: what then becomes of
    the second. other_end: the field that names another item; a row that would tie an item to itself is removed.
    only: a condition, beyond which rows are kept. counted: whether the move counts in the row's version, as an edit.
    """

    name: str
    way: Way
    once_with: tuple[str, ...] = ()
    double: Double = Double.STAYS
    other_end: str = ""
    only: Mapping[str, Any] = field(default_factory=dict)
    counted: bool = True


def moves(
    name: str,
    *,
    once_with: tuple[str, ...] = (),
    double: Double = Double.STAYS,
    other_end: str = "",
    only: Mapping[str, Any] | None = None,
    counted: bool = True,
) -> Hanging:
    return Hanging(name, Way.MOVES, once_with, double, other_end, only or {}, counted)


def kept(name: str) -> Hanging:
    return Hanging(name, Way.KEPT)


def chosen(name: str) -> Hanging:
    return Hanging(name, Way.CHOSEN)


def recomputed(name: str) -> Hanging:
    return Hanging(name, Way.RECOMPUTED)


def declared() -> Iterator[tuple[type[models.Model], Hanging]]:
    """Every declaration there is, in the order in which apps and models are known."""
    for model in apps.get_models():
        for hanging in getattr(model, "when_merged", ()):
            yield model, hanging
