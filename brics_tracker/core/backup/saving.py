"""Writing a backup: all rows of one moment, and the files that they name."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection, models, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from django.utils.translation import gettext as _

from . import rows
from .archive import Writer, writing


class MissingFiles(Exception):
    """Rows name files that are not on the disk; `names` lists them."""

    def __init__(self, names: list[str]) -> None:
        self.names = names
        super().__init__(_("These files are missing on the disk: %(names)s") % {"names": ", ".join(names[:5])})


def save_backup(path: Path, *, allow_missing: bool = False) -> dict[str, Any]:
    """Write everything into one archive and read it back; returns its manifest.

    The rows are those of one moment, while people go on working. Files are never changed once written,
    so copying them afterwards gives the same moment.
    """
    manifest: dict[str, Any] = {
        "made_at": timezone.now().isoformat(),
        "version": settings.VERSION,
        "database": connection.vendor,
        "migrations": sorted(f"{app}.{name}" for app, name in _applied_migrations()),
        "tables": {},
    }
    with writing(path) as archive, tempfile.TemporaryDirectory(dir=path.parent, prefix=".backup-") as folder:
        with one_moment():
            for table, model in rows.tables(apps).items():
                manifest["tables"][table] = _add_table(archive, Path(folder, "rows.jsonl"), table, model)
            names = sorted(_named_files())
        manifest["missing"] = _add_files(archive, names)
        if manifest["missing"] and not allow_missing:
            raise MissingFiles(manifest["missing"])
        manifest["files"] = len(names) - len(manifest["missing"])
        archive.finish(manifest)
    return manifest


def _applied_migrations() -> set[tuple[str, str]]:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise RuntimeError(_("The database is not of this version: run `manage.py migrate` first."))
    return set(executor.loader.applied_migrations) & set(executor.loader.graph.nodes)


@contextmanager
def one_moment() -> Iterator[None]:
    """All reads inside see the database as it stood at the first, and hold up no writer."""
    if connection.in_atomic_block:
        yield  # the caller's moment
    elif connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            # The limits of the web are not meant for a backup.
            cursor.execute("SET LOCAL statement_timeout = 0")
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            yield
    else:
        # atomic() would begin IMMEDIATE and hold up writers; a plain BEGIN reads one state of the log.
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")
        try:
            yield
        finally:
            with connection.cursor() as cursor:
                cursor.execute("ROLLBACK")


def _add_table(archive: Writer, scratch: Path, table: str, model: rows.Model) -> dict[str, Any]:
    total = rows.Tally()
    with scratch.open("w", encoding="utf-8", newline="\n") as out:
        for line in rows.lines(model):
            total.add(line)
            out.write(line + "\n")
    archive.add(f"rows/{table}.jsonl", scratch)
    return total.as_dict()


def _named_files() -> set[str]:
    """Names in every file column of every table; a history may name files that are gone, and is not asked."""
    found: set[str] = set()
    for model in rows.tables(apps).values():
        for field in rows.columns(model):
            if isinstance(field, models.FileField):
                names = model._base_manager.exclude(**{field.attname: ""}).values_list(field.attname, flat=True)
                found.update(name for name in names.iterator(chunk_size=rows.BATCH) if name)
    return found


def _add_files(archive: Writer, names: list[str]) -> list[str]:
    missing = []
    for name in names:
        path = Path(default_storage.path(name))
        try:
            archive.add(f"files/{name}", path)
        except FileNotFoundError:
            missing.append(name)
    return missing
