"""Rows as lines of JSON that no database owns: written from one, loaded into the other, compared by hash."""

from __future__ import annotations

import base64
import datetime as dt
import decimal
import hashlib
import json
import uuid
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.apps.registry import Apps
from django.db import models
from django.db.migrations.state import StateApps

BATCH = 1000
Model = type[models.Model]
# What can be made again at any time, and is deleted under a backup's hands.
LEFT_OUT = frozenset({"core_exportfile"})


def tables(registry: Apps | StateApps) -> dict[str, Model]:
    """Every table that holds rows of ours to be kept, link tables and histories included."""
    found = registry.get_models(include_auto_created=True)
    return {
        model._meta.db_table: model
        for model in found
        if model._meta.managed
        and not model._meta.proxy
        and not model._meta.swapped
        and model._meta.db_table not in LEFT_OUT
    }


def columns(model: Model) -> list[models.Field[Any, Any]]:
    """The stored columns; what the database computes itself is left out."""
    return [field for field in model._meta.local_concrete_fields if not getattr(field, "generated", False)]


def lines(model: Model) -> Iterator[str]:
    """One line per row, by primary key."""
    stored = columns(model)
    # As stored: a file's name, an id instead of an object, nothing converted by a descriptor.
    query = model._base_manager.order_by("pk").values_list(*[field.attname for field in stored])
    for values in query.iterator(chunk_size=BATCH):
        row = {field.attname: encode(field, value) for field, value in zip(stored, values, strict=True)}
        yield json.dumps(row, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


ENCODERS: dict[type, Callable[[Any], Any]] = {
    dt.datetime: lambda value: value.astimezone(dt.UTC).isoformat() if value.tzinfo else value.isoformat(),
    dt.date: dt.date.isoformat,
    dt.time: dt.time.isoformat,
    dt.timedelta: lambda value: value // dt.timedelta(microseconds=1),
    decimal.Decimal: str,
    uuid.UUID: str,
    bytes: lambda value: base64.b64encode(value).decode(),
    memoryview: lambda value: base64.b64encode(value).decode(),
}


def encode(field: models.Field[Any, Any], value: Any) -> Any:
    """A value as JSON can carry it."""
    if value is None or isinstance(value, bool | int | float) or isinstance(field, models.JSONField):
        return value
    if isinstance(value, str):
        return str(value)
    encoder = ENCODERS.get(type(value))
    return encoder(value) if encoder else field.get_prep_value(value)


def decode(field: models.Field[Any, Any], value: Any) -> Any:
    """The value that encode() was given."""
    if value is None or isinstance(field, models.JSONField | models.ForeignKey):
        return value
    if isinstance(field, models.DurationField):
        return dt.timedelta(microseconds=value)
    if isinstance(field, models.BinaryField):
        return base64.b64decode(value)
    return field.to_python(value)


def load(model: Model, source: Iterable[bytes]) -> int:
    """Insert rows from their lines, with their keys and moments as they were; returns how many."""
    stored = columns(model)
    for field in stored:
        # A model of a migration's state is ours alone: moments of the past stay what they were.
        if isinstance(field, models.DateField):
            field.auto_now = field.auto_now_add = False
    batch: list[models.Model] = []
    count = 0
    for line in source:
        values = json.loads(line)
        batch.append(model(**{field.attname: decode(field, values[field.attname]) for field in stored}))
        count += 1
        if len(batch) >= BATCH:
            model._base_manager.bulk_create(batch)
            batch.clear()
    model._base_manager.bulk_create(batch)
    return count


class Tally:
    """Count and hash of a table's rows; the order of rows, which databases sort differently, doesn't matter."""

    def __init__(self) -> None:
        self.count = 0
        self._sum = 0

    def add(self, line: str) -> None:
        self.count += 1
        self._sum = (self._sum + int.from_bytes(hashlib.sha256(line.encode()).digest())) % 2**256

    def as_dict(self) -> dict[str, Any]:
        return {"rows": self.count, "sum": f"{self._sum:064x}"}


def tally(model: Model) -> dict[str, Any]:
    """The tally of what a table holds now."""
    total = Tally()
    for line in lines(model):
        total.add(line)
    return total.as_dict()
