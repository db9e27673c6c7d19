"""Models keep to the layers, carry words for people, and match their migrations."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import models

# Numbers and keys that the code keeps for itself; no page and no form shows them.
MACHINERY = {"ReferenceCounter", "ReportCounter", "IdempotencyKey", "NoticeMark"}
# Fields that a package gave a model of ours, under its own names.
GIVEN = {"accounts.ApiToken": {"token_key", "user", "expiry", "digest", "created"}}
# From the floor up; apps on one floor do not know each other.
FLOORS = {"core": 0, "accounts": 1, "tracking": 2, "proposals": 3, "mechanisms": 3, "reports": 4}


def own_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model._meta.app_label in FLOORS]


def relations() -> Iterator[tuple[type[models.Model], str, type[models.Model]]]:
    """Every foreign key and link of ours, with both ends; tables that packages make beside ours count as ours."""
    for model in own_models():
        for field in (*model._meta.fields, *model._meta.many_to_many):
            if isinstance(field.related_model, type) and field.related_model._meta.app_label in FLOORS:
                yield model, field.name, field.related_model


def points_down(model: type[models.Model], target: type[models.Model]) -> bool:
    if target._meta.label == settings.AUTH_USER_MODEL:
        return True  # the one name that the floor may use: the author of a change, the owner of a job
    here, there = model._meta.app_label, target._meta.app_label
    return here == there or FLOORS[there] < FLOORS[here]


def test_relations_point_down_the_layers() -> None:
    assert [f"{m._meta.label}.{name} -> {t._meta.label}" for m, name, t in relations() if not points_down(m, t)] == []


def test_a_relation_that_points_up_would_be_found() -> None:
    found = {model._meta.label: model for model in own_models()}
    assert not points_down(found["tracking.TrackedItem"], found["proposals.Proposal"])
    assert not points_down(found["proposals.Proposal"], found["mechanisms.Mechanism"])


def test_every_field_that_people_see_has_words() -> None:
    """A name given by hand, so that it can be translated; Django would make one from the code's word."""
    silent = [
        f"{model._meta.label}.{field.name}"
        for model in own_models()
        if is_seen(model)
        for field in model._meta.fields
        if field.name not in GIVEN.get(model._meta.label, ())
        and field.editable
        and not field.auto_created
        and not field.primary_key
        and isinstance(field.verbose_name, str)
    ]
    assert silent == []


def test_every_model_that_people_see_has_words() -> None:
    silent = [model for model in own_models() if is_seen(model) and isinstance(model._meta.verbose_name, str)]
    assert [model._meta.label for model in silent] == []


def is_seen(model: type[models.Model]) -> bool:
    """Not a table of history or of links, and no machinery."""
    return not (hasattr(model, "instance_type") or model._meta.auto_created or model.__name__ in MACHINERY)


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
