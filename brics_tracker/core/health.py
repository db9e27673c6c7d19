"""/healthz: this process is alive. /readyz: database, broker, storage and migrations are as they should be."""

from __future__ import annotations

import logging
import os
import secrets
from collections.abc import Callable
from functools import cache

from celery import current_app
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

log = logging.getLogger(__name__)


@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """Alive: answers without touching anything else, so that a slow database restarts no web process."""
    return JsonResponse({"status": "ok", "version": settings.VERSION})


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Ready for requests, or 503 with the parts that are not; tells nobody more than their names."""
    parts = {name: _state_of(name, check) for name, check in CHECKS.items()}
    ready = all(state == "ok" for state in parts.values())
    return JsonResponse({"status": "ok" if ready else "failed", "parts": parts}, status=200 if ready else 503)


def _state_of(name: str, check: Callable[[], None]) -> str:
    try:
        check()
    except Exception as problem:  # noqa: BLE001 - whatever a part raises, it is not ready
        log.warning("not ready: %s: %s", name, problem)
        return "failed"
    return "ok"


def database_answers() -> None:
    """One round trip."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def broker_answers() -> None:
    """A connection to the broker, tried once."""
    with current_app.connection_for_write() as broker:
        broker.ensure_connection(max_retries=1, interval_start=0, interval_step=0, timeout=5)


def storage_takes_files() -> None:
    """A byte written into the folder of files, synced and removed."""
    folder = settings.MEDIA_ROOT
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    probe = folder / f".probe-{secrets.token_hex(8)}"
    try:
        with probe.open("xb") as out:
            out.write(b"1")
            out.flush()
            os.fsync(out.fileno())
    finally:
        probe.unlink(missing_ok=True)


def migrations_are_applied() -> None:
    """The schema is the one that this code was written for; asked until it is so, then remembered."""
    _schema_is_current()


@cache
def _schema_is_current() -> bool:
    executor = MigrationExecutor(connection)
    unapplied = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if unapplied:
        raise RuntimeError(f"{len(unapplied)} migrations are not applied to {DEFAULT_DB_ALIAS}")
    return True


CHECKS: dict[str, Callable[[], None]] = {
    "database": database_answers,
    "broker": broker_answers,
    "storage": storage_takes_files,
    "migrations": migrations_are_applied,
}
