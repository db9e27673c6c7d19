"""The invariants that hold on this floor; each check yields one line for each violation.

`manage.py check_integrity` runs every check that settings.INTEGRITY_CHECKS names.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection, models
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ProjectState
from django.utils import timezone

from .choices import JobState
from .models import ExportFile, Job

HEARTBEAT = dt.timedelta(seconds=60)
UNSENT = dt.timedelta(minutes=5)
TICK = dt.timedelta(hours=1)


def files_and_rows() -> Iterator[str]:
    """I2: every row that names a file has it, whole; every file has its row."""
    named: set[str] = set()
    for model in apps.get_models():
        fields = [field.name for field in model._meta.fields if isinstance(field, models.FileField)]
        if (
            not fields
            or model._meta.app_label not in {"accounts", "core", "tracking", "reports"}
            or hasattr(model, "history_object")
        ):
            continue
        for row in model._default_manager.iterator(chunk_size=500):
            for name in fields:
                file = getattr(row, name)
                if file:
                    named.add(file.name)
                    yield from _check_file(row, file.name)
    root = Path(settings.MEDIA_ROOT)
    for path in root.rglob("*") if root.exists() else ():
        if path.is_file() and not path.name.startswith(".") and str(path.relative_to(root)) not in named:
            yield f"I2 {path.relative_to(root)}: a file without a row"


def _check_file(row: models.Model, name: str) -> Iterator[str]:
    label = f"I2 {row._meta.label} {row.pk}"
    if not default_storage.exists(name):
        yield f"{label}: its file {name} is missing"
        return
    digest, size = hashlib.sha256(), 0
    with default_storage.open(name) as stored:
        for chunk in stored.chunks():
            digest.update(chunk)
            size += len(chunk)
    if size != getattr(row, "size", size):
        yield f"{label}: its file has {size} bytes, the row says {row.size}"  # type: ignore[attr-defined]
    if digest.hexdigest() != getattr(row, "sha256", digest.hexdigest()):
        yield f"{label}: its file is not the one that was stored"


def temporary_files() -> Iterator[str]:
    """I10: nothing half written is left for more than an hour."""
    root, limit = Path(settings.MEDIA_ROOT), timezone.now().timestamp() - 3600
    for path in root.rglob(".*.part") if root.exists() else ():
        if path.stat().st_mtime < limit:
            yield f"I10 {path.relative_to(root)}: a temporary file older than an hour"


def expired_exports() -> Iterator[str]:
    """I10: no export outlives its time (that the file of each one is there is asked with all other files, I2)."""
    for file in ExportFile.objects.filter(expires_at__lt=timezone.now() - TICK):
        yield f"I10 export {file.pk} ({file}): its time was over at {file.expires_at.isoformat()}"


def jobs() -> Iterator[str]:
    """I5: no job runs without a heartbeat, none waits unsent without a reason."""
    now = timezone.now()
    for job in Job.objects.filter(state=JobState.RUNNING).exclude(heartbeat_at__gte=now - HEARTBEAT):
        yield f"I5 job {job.pk} ({job}): running without a heartbeat for over {HEARTBEAT.seconds} s"
    waiting = Job.objects.filter(state=JobState.WAITING, reason="", created_at__lt=now - UNSENT)
    for job in waiting.exclude(sent_at__gte=now - UNSENT):
        yield f"I5 job {job.pk} ({job}): waiting unsent for over five minutes"


def constraints() -> Iterator[str]:
    """I7: foreign keys hold (on PostgreSQL the database itself sees to them at every commit)."""
    try:
        connection.check_constraints()
    except DatabaseError as problem:
        yield f"I7 {problem}"


def migrations() -> Iterator[str]:
    """I11: every migration is applied and the models have no change without one."""
    executor = MigrationExecutor(connection)
    for migration, _backwards in executor.migration_plan(executor.loader.graph.leaf_nodes()):
        yield f"I11 {migration}: not applied"
    detector = MigrationAutodetector(executor.loader.project_state(), ProjectState.from_apps(apps))
    for label in detector.changes(graph=executor.loader.graph):
        yield f"I11 {label}: its models differ from its migrations"
