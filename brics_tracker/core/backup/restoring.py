"""Restoring a backup: onto an empty database and folder, after everything in it was checked."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import StateApps
from django.utils.translation import gettext as _

from brics_tracker.core.search.sources import PREFIX as SEARCH_PREFIX

from . import rows
from .archive import DamagedArchive, members, verify

# What `migrate` itself puts into an empty database.
MADE_BY_MIGRATE = frozenset({"django_migrations", "django_content_type", "auth_permission"})


class NotEmpty(Exception):
    """There is something already; `str()` says what."""


def restore_backup(path: Path) -> dict[str, Any]:
    """Bring back every row and file; returns the manifest. Nothing is touched before all checks passed."""
    manifest = verify(path)
    state = _state_of(manifest)
    _check_empty()
    files = Path(settings.MEDIA_ROOT)
    waiting = files.with_name(f"{files.name}.restoring")
    shutil.rmtree(waiting, ignore_errors=True)
    waiting.mkdir(parents=True, mode=0o700)
    try:
        _restore(path, manifest, state, waiting, files)
    finally:
        shutil.rmtree(waiting, ignore_errors=True)
    call_command("migrate", interactive=False, verbosity=0)  # from the backup's version to this one's
    return manifest


def _restore(path: Path, manifest: dict[str, Any], state: StateApps, waiting: Path, files: Path) -> None:
    MigrationExecutor(connection).migrate(_leaves_of(manifest))
    tables = rows.tables(state)
    with transaction.atomic():
        _allow_long_statements()
        for model in reversed(tables.values()):
            model._base_manager.all()._raw_delete(connection.alias)
        for name, source in members(path):
            kind, _slash, rest = name.partition("/")
            if kind == "rows":
                rows.load(tables[rest.removesuffix(".jsonl")], source)
            elif kind == "files":
                _write_durably(waiting / rest, source)
        connection.check_constraints()
        for statement in connection.ops.sequence_reset_sql(no_style(), list(tables.values())):
            with connection.cursor() as cursor:
                cursor.execute(statement)
        _compare(tables, manifest)
        if files.exists():
            files.rmdir()
        waiting.replace(files)


def _state_of(manifest: dict[str, Any]) -> StateApps:
    """The models as they were when the backup was made; refuses one that is newer than this program."""
    loader = MigrationExecutor(connection).loader
    known = {f"{app}.{name}" for app, name in loader.graph.nodes}
    unknown = sorted(set(manifest["migrations"]) - known)
    if unknown:
        newer = _("The backup was made by version %(version)s, which this program is older than (it lacks %(names)s).")
        raise DamagedArchive(newer % {"version": manifest["version"], "names": ", ".join(unknown[:3])})
    state: StateApps = loader.project_state(_leaves_of(manifest)).apps
    if set(rows.tables(state)) != set(manifest["tables"]):
        wrong = sorted(set(rows.tables(state)) ^ set(manifest["tables"]))
        raise DamagedArchive(
            _("The backup's tables are not those of its version: %(names)s") % {"names": ", ".join(wrong[:5])}
        )
    return state


def _leaves_of(manifest: dict[str, Any]) -> list[tuple[str, str]]:
    """The last migrations of each app among those that the backup's database had."""
    applied = {(app, name) for app, _dot, name in (entry.partition(".") for entry in manifest["migrations"])}
    graph = MigrationExecutor(connection).loader.graph
    return sorted(
        node
        for node in applied
        if not any(child in applied and child[0] == node[0] for child in graph.node_map[node].children)
    )


def _check_empty() -> None:
    Path(settings.DATA_DIR).mkdir(parents=True, exist_ok=True, mode=0o700)
    for table in connection.introspection.table_names():
        # An index of SQLite holds rows of its own from the first; what it tells of is asked in its own table.
        if table in MADE_BY_MIGRATE or table.startswith(("sqlite_", SEARCH_PREFIX)):
            continue
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT 1 FROM {connection.ops.quote_name(table)} LIMIT 1")  # noqa: S608 - a table's own name
            if cursor.fetchone():
                raise NotEmpty(_("The database is not empty: there are rows in %(table)s.") % {"table": table})
    files = Path(settings.MEDIA_ROOT)
    if files.exists() and any(files.iterdir()):
        raise NotEmpty(_("The folder %(folder)s is not empty.") % {"folder": files})


def _allow_long_statements() -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0")
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")


def _write_durably(target: Path, source: Any) -> None:
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with target.open("xb") as out:
        os.fchmod(out.fileno(), 0o600)
        shutil.copyfileobj(source, out)
        out.flush()
        os.fsync(out.fileno())


def _compare(tables: dict[str, rows.Model], manifest: dict[str, Any]) -> None:
    """Read every row back: what the database now holds is what the backup says."""
    for table, model in tables.items():
        if rows.tally(model) != manifest["tables"][table]:
            raise DamagedArchive(_("The rows of %(table)s were not restored as they were.") % {"table": table})
