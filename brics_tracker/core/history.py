"""Who changed a row: names the author of the history entry, and keeps one entry per change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

REASON_LENGTH = 100


def name_author(row: models.Model, by: AbstractBaseUser | None, reason: str = "") -> None:
    """The next history entry of this row bears this author and reason. None: the installation itself."""
    row._history_user = by  # type: ignore[attr-defined]
    row._change_reason = reason[:REASON_LENGTH] or None  # type: ignore[attr-defined]


def save_with_links(
    row: models.Model,
    *,
    by: AbstractBaseUser | None,
    links: Mapping[str, Iterable[models.Model]],
    reason: str = "",
) -> None:
    """Save a row and its many-to-many values as one change with one history entry.

    Left to itself each `set()` would write an entry of its own, and the first one would lack the links.
    """
    created = row._state.adding
    row.skip_history_when_saving = True  # type: ignore[attr-defined]
    try:
        row.save()
        for name, value in links.items():
            getattr(row, name).set(value)
    finally:
        del row.skip_history_when_saving  # type: ignore[attr-defined]
    record(row, by=by, reason=reason, created=created)


def record(row: Any, *, by: AbstractBaseUser | None, reason: str = "", created: bool = False) -> None:
    """Write the entry that `skip_history_when_saving` held back, once the links are there."""
    name_author(row, by, reason)
    row.save()
    if created:
        row.history.update(history_type="+")
