"""The index tables: made and filled by `manage.py migrate`, kept by triggers of the database, compared by check_integrity.

No code of ours has to remember the index: a service, a bulk insert, a restore and a line of SQL all go through the
triggers. A migration of SQLite makes a changed table anew and so loses its triggers: they are taken away before any
migration and set again after it, with the index filled afresh.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from django.db.models import Max

from .dialect import dialect
from .sources import Source, sources

STEP = 20_000  # rows compared at a time


def loosen_index(plan: Iterable[Any] = (), **kwargs: Any) -> None:
    """Before migrations: nothing may stand in the way of a change of tables."""
    if plan:
        for source in sources().values():
            _run(dialect().drop_triggers(source))


def ensure_index(**kwargs: Any) -> None:
    """After migrations: make and fill each index that isn't as its source describes it."""
    dialect().prepare()
    tables = set(connection.introspection.table_names())
    for source in sources().values():
        whole = tables.issuperset(part.table for part in source.parts)  # else not all apps were migrated
        if whole and not dialect().is_current(source):
            _make(source)


def rebuild_index() -> int:
    """Make every index anew; returns how many there are."""
    dialect().prepare()
    for source in sources().values():
        _make(source)
    return len(sources())


def _make(source: Source) -> None:
    with transaction.atomic():
        _run(dialect().make(source))


def _run(statements: Iterable[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def differences() -> Iterator[str]:
    """I12: what the search index holds of each row equals what the row says; one line for each that differs."""
    for source in sources().values():
        if not dialect().is_current(source):
            yield f"I12 search index {source.name}: not as it is described; run manage.py rebuild_search"
            continue
        for first in range(0, _last_key(source) + 1, STEP):
            span = [first, first + STEP - 1]
            with connection.cursor() as cursor:
                cursor.execute(dialect().differences(source), span * 2)
                for (pk,) in cursor.fetchall():
                    yield f"I12 search index {source.name} {pk}: not what its row says; run manage.py rebuild_search"


def _last_key(source: Source) -> int:
    """The highest key of the rows and of their index."""
    last = apps.get_model(source.columns.model)._base_manager.aggregate(last=Max("pk"))["last"] or 0
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT max({dialect().KEY}) FROM {source.index}")  # noqa: S608 - our own names
        return max(last, cursor.fetchone()[0] or 0)
