"""How far a table is settled: up to which key no row can appear any more, for whoever may be writing now."""

from __future__ import annotations

import time
from collections.abc import Mapping

from django.db import connection
from django.db.models import Max

from .tables import Model

WAIT_FOR_WRITERS = 3.0  # seconds; the product's own transactions take milliseconds
LOOK_AGAIN_AFTER = 0.05
Writers = set[tuple[str, str]]


def settled_ends(tables: Mapping[str, Model]) -> dict[str, int]:
    """The last key of each table below which nobody is still writing; empty tables are left out.

    SQLite has one writer at a time, and keys grow in the order of commits. On PostgreSQL a key is given out
    before its row is committed, so a lower one may appear after a higher one. But whoever was given a key
    holds a lock on the table from before until the end of the transaction: once everyone who held one after the highest
    key was read is gone, all keys up to it are there or never will be. A table with someone who stays is left
    out this time; nobody is ever made to wait for this.
    """
    ends = {table: end for table, model in tables.items() if (end := _last_key(model)) is not None}
    if connection.vendor != "postgresql":
        return ends
    writing = _writers(ends)
    give_up = time.monotonic() + WAIT_FOR_WRITERS
    while writing and time.monotonic() < give_up:
        time.sleep(LOOK_AGAIN_AFTER)
        writing &= _writers(ends)
    busy = {table for table, _writer in writing}
    return {table: end for table, end in ends.items() if table not in busy}


def _last_key(model: Model) -> int | None:
    last: int | None = model._base_manager.order_by().aggregate(last=Max("pk"))["last"]
    return last


def _writers(tables: Mapping[str, object]) -> Writers:
    """Table and transaction of everyone who may be adding rows now, but for this connection."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT relation.relname, lock.virtualtransaction
            FROM pg_locks AS lock JOIN pg_class AS relation ON relation.oid = lock.relation
            WHERE lock.locktype = 'relation' AND lock.granted AND lock.mode = 'RowExclusiveLock'
              AND lock.pid IS DISTINCT FROM pg_backend_pid() AND relation.relname = ANY(%s)
              AND lock.database = (SELECT oid FROM pg_database WHERE datname = current_database())
            """,
            [list(tables)],
        )
        return set(cursor.fetchall())
