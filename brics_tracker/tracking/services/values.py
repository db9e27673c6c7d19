"""Values of an item that can be taken from another: of every item, and of its kind, each with its words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from brics_tracker.core.recorded import EMPTY, in_words
from brics_tracker.tracking.models import TrackedItem

# What stands together is taken together: an owner with whether it is confirmed and why it is suggested.
PLAIN: Mapping[str, tuple[str, ...]] = {
    **{name: (name,) for name in ("title", "summary", "lead_theme")},
    "owner": ("owner", "owner_confirmed", "owner_reason"),
    **{name: (name,) for name in ("phase", "priority", "start_date", "target_date", "rhythm_days")},
}
# Of these, both items' can be kept.
SEVERAL = ("themes", "supporters", "members", "assignees")


def own_names(item: TrackedItem) -> tuple[str, ...]:
    """The columns of the item's kind; this floor does not know the kinds."""
    fields = getattr(item, item.item_kind)._meta.concrete_fields
    return tuple(field.name for field in fields if not field.primary_key)


@dataclass(frozen=True, slots=True)
class Value:
    """One value of an item: the columns that hold it, and how people read it."""

    label: str
    words: str
    fields: Mapping[str, Any]

    def same(self, other: Value) -> bool:
        return _plain(self.fields) == _plain(other.fields)

    def joined(self, other: Value) -> Value:
        """What both hold together; of values that are several."""
        fields = {}
        for name, mine in self.fields.items():
            theirs = other.fields[name]
            fields[name] = mine or theirs if isinstance(mine, bool) else [*mine, *(x for x in theirs if x not in mine)]
        if fields.get("all_members"):
            fields["members"] = []
        return Value(self.label, _words_of_several(fields), fields)


def value_of(item: TrackedItem, name: str) -> Value:
    """A value by its name in PLAIN, SEVERAL or own_names."""
    if name in SEVERAL:
        fields: dict[str, Any] = {name: list(getattr(item, name).order_by("pk"))}
        if name == "members":
            fields["all_members"] = item.all_members
        return Value(_label(item, name), _words_of_several(fields), fields)
    if name in PLAIN:
        fields = {each: getattr(item, each) for each in PLAIN[name]}
        words = _words(item, name)
        if name == "owner" and item.owner and not item.owner_confirmed:
            words = _("%(owner)s (to confirm)") % {"owner": words}
        return Value(_label(item, name), words, fields)
    detail = getattr(item, item.item_kind)
    return Value(_label(detail, name), _words(detail, name), {name: getattr(detail, name)})


def values_of(item: TrackedItem) -> dict[str, Value]:
    """All of them, in the order in which pages show them."""
    return {name: value_of(item, name) for name in (*PLAIN, *SEVERAL, *own_names(item))}


def _label(row: models.Model, name: str) -> str:
    return str(capfirst(row._meta.get_field(name).verbose_name))  # type: ignore[union-attr]


def _words(row: models.Model, name: str) -> str:
    field: Any = row._meta.get_field(name)
    value = getattr(row, name)
    return str(value) if field.is_relation and value is not None else in_words(field, value)


def _words_of_several(fields: Mapping[str, Any]) -> str:
    if fields.get("all_members"):
        return _("all members")
    named: Sequence[Any] = next(value for value in fields.values() if isinstance(value, list))
    return ", ".join(sorted(str(each) for each in named)) or EMPTY


def _plain(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: frozenset(each.pk for each in value) if isinstance(value, list) and _are_rows(value) else value
        for name, value in fields.items()
    }


def _are_rows(values: list[Any]) -> bool:
    return all(isinstance(each, models.Model) for each in values)
