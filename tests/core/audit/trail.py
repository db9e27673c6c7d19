"""A trail with a row in every table, and the ways in which someone with the database in hand may touch it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import connection, models

from brics_tracker.core.audit.tables import recorded_tables
from brics_tracker.core.audit.verifying import Verification
from tests.architecture.world import World, build_world

SAMPLES: dict[type[models.Field[Any, Any]], Any] = {
    models.BooleanField: False, models.IntegerField: 1, models.CharField: "x", models.TextField: "x",
    models.DateTimeField: dt.datetime(2026, 1, 5, tzinfo=dt.UTC), models.DateField: dt.date(2026, 1, 5),
    models.DecimalField: 1, models.JSONField: {}, models.ForeignKey: 1, models.UUIDField: "0" * 32,
}  # fmt: skip


def fill_trail() -> World:
    """A small register, made through the services, and one row more where it leaves a table of the trail empty."""
    world = build_world()
    for model in recorded_tables().values():
        if not model._base_manager.exists():
            model._base_manager.create(**sample_of(model))
    return world


def sample_of(model: type[models.Model]) -> dict[str, Any]:
    return {
        field.attname: next(value for kind, value in SAMPLES.items() if isinstance(field, kind))
        for field in model._meta.concrete_fields
        if not field.primary_key and not field.null
    }


def run(statement: str, *values: str | int) -> None:
    """Straight into the database, past everything of ours."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def alter(model: type[models.Model], pk: int) -> None:
    """Write something else into one column of a row."""
    text = (models.CharField, models.TextField)
    names = [field.column for field in model._meta.concrete_fields if isinstance(field, text) and not field.choices]
    table = model._meta.db_table
    if names:
        run(f'UPDATE "{table}" SET "{names[-1]}" = %s WHERE "{model._meta.pk.column}" = %s', "another word", pk)  # noqa: S608
    else:  # a table of links
        keys = [field.column for field in model._meta.concrete_fields if not field.primary_key]
        run(f'UPDATE "{table}" SET "{keys[-1]}" = 4711 WHERE "{model._meta.pk.column}" = %s', pk)  # noqa: S608


def remove(model: type[models.Model], pk: int) -> None:
    run(f'DELETE FROM "{model._meta.db_table}" WHERE "{model._meta.pk.column}" = %s', pk)  # noqa: S608


def copy(model: type[models.Model], pk: int, new_pk: int) -> None:
    """Put a copy of a row at a place of one's own choice."""
    columns = [f'"{field.column}"' for field in model._meta.concrete_fields if not field.primary_key]
    table, key = model._meta.db_table, model._meta.pk.column
    names = ", ".join(columns)
    run(f'INSERT INTO "{table}" ("{key}", {names}) SELECT %s, {names} FROM "{table}" WHERE "{key}" = %s', new_pk, pk)  # noqa: S608


def found() -> list[str]:
    """What a verification of the whole trail says."""
    return list(Verification().findings())
