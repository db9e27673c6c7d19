"""Who changed a row: names the author of the history entry, and keeps one entry per change, never rewritten."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import CharField, Value
from simple_history.models import HistoricalRecords

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

REASON_LENGTH = 100


class Records(HistoricalRecords):  # type: ignore[misc]
    """The history of a model, which can also be told to write an entry when the links of a row are there."""

    def contribute_to_class(self, cls: type[models.Model], name: str) -> None:
        super().contribute_to_class(cls, name)
        cls._records = self  # type: ignore[attr-defined]

    def create_historical_record_m2ms(self, history_instance: Any, instance: models.Model) -> None:
        """The links of all fields as they stand, read by one query; the library asks one for each field.

        A table of links has a key and the keys of the two rows that it ties (no link model of ours holds more).
        """
        fields = {field.name: field for field in history_instance._history_m2m_fields}
        if not fields:
            return
        queries = [
            field.remote_field.through._base_manager.filter(**{field.m2m_field_name(): instance.pk})
            .order_by()
            .values_list(Value(name, CharField()), "pk", f"{field.m2m_reverse_field_name()}_id")
            for name, field in fields.items()
        ]
        entries: dict[str, list[models.Model]] = {}
        for name, pk, other in queries[0].union(*queries[1:], all=True):
            field = fields[name]
            ends = {f"{field.m2m_field_name()}_id": instance.pk, f"{field.m2m_reverse_field_name()}_id": other}
            entries.setdefault(name, []).append(self.m2m_models[field](history=history_instance, id=pk, **ends))
        for name, rows in entries.items():
            self.m2m_models[fields[name]]._base_manager.bulk_create(rows)


def name_author(row: models.Model, by: AbstractBaseUser | None, reason: str = "") -> None:
    """The next history entry of this row bears this author and reason. None: the installation itself."""
    row._history_user = by  # type: ignore[attr-defined]
    row._change_reason = reason[:REASON_LENGTH] or None  # type: ignore[attr-defined]


@contextmanager
def without_entry(row: models.Model) -> Iterator[None]:
    """What is saved of the row in here writes no history entry: the caller writes one for all of it."""
    row.skip_history_when_saving = True  # type: ignore[attr-defined]
    try:
        yield
    finally:
        del row.skip_history_when_saving  # type: ignore[attr-defined]


def set_links(row: models.Model, links: Mapping[str, Iterable[models.Model]]) -> None:
    """Set many-to-many values. Left to itself each `set()` would write an entry of its own."""
    with without_entry(row):
        for name, value in links.items():
            getattr(row, name).set(value)


def save_with_links(
    row: models.Model,
    *,
    by: AbstractBaseUser | None,
    links: Mapping[str, Iterable[models.Model]],
    reason: str = "",
) -> None:
    """Save a row and its many-to-many values as one change with one history entry."""
    created = row._state.adding
    with without_entry(row):
        row.save()
    set_links(row, links)
    record(row, by=by, reason=reason, created=created)


def record(row: Any, *, by: AbstractBaseUser | None, reason: str = "", created: bool = False) -> None:
    """Write the entry that `without_entry` held back, once the links are there."""
    name_author(row, by, reason)
    row._records.create_historical_record(row, "+" if created else "~")
