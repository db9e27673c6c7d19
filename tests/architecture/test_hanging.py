"""Every model that hangs on an item says what becomes of it when the item is merged into another."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import models

from brics_tracker.tracking.hanging import Hanging, declared
from brics_tracker.tracking.models import TrackedItem
from brics_tracker.tracking.services.values import PLAIN, SEVERAL

from .test_models import own_models


def carriers() -> set[type[models.Model]]:
    """The item, and the details that are one with it."""
    return {
        TrackedItem,
        *(tie.related_model for tie in TrackedItem._meta.related_objects if tie.one_to_one and tie.field.primary_key),
    }


def hanging_fields() -> Iterator[tuple[type[models.Model], str]]:
    """Each field by which a row of ours names an item or its detail; histories and links of items to others apart."""
    for model in own_models():
        if hasattr(model, "instance_type") or model._meta.auto_created:
            continue
        for field in (*model._meta.fields, *model._meta.many_to_many):
            if field.related_model in carriers():
                yield model, field.name


def undeclared(known: set[tuple[type[models.Model], str]]) -> list[str]:
    return sorted(f"{model._meta.label}.{name}" for model, name in hanging_fields() if (model, name) not in known)


def test_every_model_that_names_an_item_says_what_becomes_of_it() -> None:
    known = {(model, hanging.name) for model, hanging in declared()}
    assert undeclared(known) == [], (
        "say it on the model: when_merged = (moves(...),); see brics_tracker/tracking/hanging.py"
    )


def test_a_model_that_says_nothing_would_be_found() -> None:
    known = {(model, hanging.name) for model, hanging in declared() if model._meta.label != "tracking.Update"}
    assert undeclared(known) == ["tracking.Update.item"]


def test_every_declaration_names_fields_that_there_are() -> None:
    for model, hanging in declared():
        for name in (hanging.name, *hanging.once_with, *([hanging.other_end] if hanging.other_end else [])):
            model._meta.get_field(name)


def test_no_unique_constraint_stands_in_the_way_of_a_move() -> None:
    """What may stand once per item declares what becomes of the second."""
    silent = []
    for model, hanging in declared():
        for constraint in model._meta.constraints:
            if isinstance(constraint, models.UniqueConstraint) and hanging.name in constraint.fields:
                silent += [constraint.name] if not _is_told(hanging, constraint) else []
    assert silent == []


def _is_told(hanging: Hanging, constraint: models.UniqueConstraint) -> bool:
    return hanging.way != "moves" or set(hanging.once_with) == set(constraint.fields) - {hanging.name}


def test_links_and_fields_of_an_item_are_each_chosen_by_name() -> None:
    """A new column that people write is offered when two items are merged."""
    taken = {field for fields in PLAIN.values() for field in fields} | {*SEVERAL, "all_members"}
    written = {field.name for field in TrackedItem._meta.fields if field.editable and not field.auto_created}
    written |= {field.name for field in TrackedItem._meta.many_to_many}
    assert written - taken == set()
