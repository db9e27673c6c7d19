"""What an edit of many may change of an item, as plain values that JSON keeps, and how people read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from brics_tracker.tracking.models import DueDateChange, Milestone, TrackedItem

LINKS = ("themes", "assignees")
# What an undo can set back with the service of editing; the rest has services of its own.
EDITED = (
    "owner", "owner_confirmed", "lead_theme", *LINKS, "phase", "priority", "start_date", "target_date", "rhythm_days",
)  # fmt: skip


def values_of(item: TrackedItem) -> dict[str, Any]:
    """By field; links as ids. `archived`: a truth. `steps`: by key, as _steps_of gives them."""
    values: dict[str, Any] = {}
    for name in EDITED:
        if name in LINKS:
            values[name] = sorted(getattr(item, name).values_list("pk", flat=True))
        else:
            values[name] = getattr(item, TrackedItem._meta.get_field(name).attname)  # type: ignore[union-attr]
    return {**values, "steps": _steps_of(item), "archived": item.archived_at is not None}


def _steps_of(item: TrackedItem) -> dict[int, dict[str, Any]]:
    """Each step that stands: due, confirmed, the keys of its moves that stand; its title and version."""
    steps: dict[int, dict[str, Any]] = {}
    for step in item.milestones.filter(dropped_at=None).order_by("position", "pk"):
        told = {"due": step.due, "confirmed": step.confirmed, "title": step.title, "version": step.version}
        steps[step.pk] = {**told, "moves": []}
    moves = DueDateChange.objects.filter(milestone__in=list(steps), undone_at=None).order_by("pk")
    for move, step_key in moves.values_list("pk", "milestone_id"):
        steps[step_key]["moves"].append(move)
    return steps


def changed_steps(before: Mapping[int, Any], after: Mapping[int, Any]) -> list[dict[str, Any]]:
    """What it takes to set steps back: what each was, its version now, and the moves that were made of it."""
    return [
        {
            "pk": pk,
            "due": was["due"].isoformat() if was["due"] else None,
            "confirmed": was["confirmed"],
            "version": after[pk]["version"],
            "moves": [move for move in after[pk]["moves"] if move not in was["moves"]],
        }
        for pk, was in before.items()
        if was != after[pk]
    ]


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Field, before, after in words, of all that differs."""
    told = []
    for name in before:
        if before[name] == after[name]:
            continue
        if name == "steps":
            told += _step_differences(before[name], after[name])
        else:
            told.append((label_of(name), in_words(name, before[name]), in_words(name, after[name])))
    return told


def _step_differences(before: Mapping[int, Any], after: Mapping[int, Any]) -> list[tuple[str, str, str]]:
    waiting = [sum(not step["confirmed"] for step in each.values()) for each in (before, after)]
    told = [(_("steps to confirm"), str(waiting[0]), str(waiting[1]))] if waiting[0] != waiting[1] else []
    for pk, was in before.items():
        if was["due"] != after[pk]["due"]:
            told.append((was["title"], _day(was["due"]), _day(after[pk]["due"])))
    return told


def _day(day: Any) -> str:
    return date_format(day, "j M Y") if day else "—"


def objects_of(name: str, value: Any) -> Any:
    """A value that was kept as ids as the service takes it. Raises ValidationError for a row that is gone."""
    column = TrackedItem._meta.get_field(name)
    if not column.is_relation or value is None:
        return value
    rows = column.related_model._default_manager  # type: ignore[union-attr]
    keys = value if isinstance(value, list) else [value]
    found = list(rows.filter(pk__in=keys))
    if len(found) != len(keys):
        raise ValidationError(_("%(field)s: what stood there is gone by now.") % {"field": label_of(name)})
    return found if isinstance(value, list) else found[0]


def label_of(name: str) -> str:
    """The name of a field of an item or of its steps, in words."""
    own = {"steps": _("steps"), "archived": _("archived"), "archived_at": _("archived")}
    if name in own:
        return own[name]
    model = Milestone if name in {"due", "confirmed"} else TrackedItem
    return str(model._meta.get_field(name).verbose_name)  # type: ignore[union-attr]


def in_words(name: str, value: Any) -> str:
    """A kept value as people read it."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if value in (None, "", []):
        return "—"
    if TrackedItem._meta.get_field(name).is_relation:
        found = objects_of(name, value)
        return "; ".join(sorted(str(each) for each in (found if isinstance(found, list) else [found])))
    column = TrackedItem._meta.get_field(name)
    return str(dict(getattr(column, "flatchoices", ())).get(value, value))
