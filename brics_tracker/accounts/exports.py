"""Large lists as files: asked for by a person, made in the background with that person's rights, kept for a week."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import tempfile
import uuid
from collections.abc import Generator, Iterable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.core.files import File
from django.core.files.storage import default_storage
from django.http import Http404
from django.urls import resolve
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from brics_tracker.core.children import ChildStopped
from brics_tracker.core.choices import JobState
from brics_tracker.core.export import ExportResponse, ListRequest
from brics_tracker.core.jobs import Progress, enqueue
from brics_tracker.core.middleware import CleanInputMiddleware
from brics_tracker.core.models import ExportFile, Job
from brics_tracker.core.tables import Chunk
from brics_tracker.core.views import FilteredListView

from . import access

if TYPE_CHECKING:
    from .models import User

JOB = "accounts.make_export"
KEPT_FOR = dt.timedelta(days=7)
MAX_OPEN = 5
OPEN = (JobState.WAITING, JobState.RUNNING)


def list_for(user: User, address: str, format: str) -> ExportResponse:
    """The list at an address as this person sees it now; none of its rows is read yet.

    Raises ValidationError where there is no such list, its filter cannot be read, or it is not for this person.
    """
    request = ListRequest(address, format, user)
    try:
        found = resolve(request.path_info if address.startswith("/") else "")
        if not issubclass(getattr(found.func, "view_class", object), FilteredListView):
            raise Http404
        response = CleanInputMiddleware(lambda asked: found.func(asked, *found.args, **found.kwargs))(request)
    except (BadRequest, Http404, PermissionDenied):
        response = None
    if not isinstance(response, ExportResponse) or not user.is_active:
        raise ValidationError(_("This list cannot be exported: its address does not lead to rows that you may see."))
    return response


def request_export(address: str, format: str, *, by: User, form_key: uuid.UUID) -> Job:
    """Have a list made into a file; the same form sent twice asks once.

    Raises what `list_for` raises, and ValidationError for somebody who has MAX_OPEN on their way already.
    """
    key = f"{by.pk}:{form_key}"
    own = Job.objects.filter(kind=JOB, owner=by)
    if not own.filter(key=key).exists() and own.filter(state__in=OPEN).count() >= MAX_OPEN:
        raise ValidationError(_("You have %(n)d exports on their way. Wait for one, or cancel one.") % {"n": MAX_OPEN})
    found = list_for(by, address, format)
    about = found.table.about
    arguments = {
        "address": found.address, "format": format, "language": translation.get_language(), "title": about.title,
        "filter": about.filter_in_words, "filters": found.filters,
    }  # fmt: skip
    return enqueue(JOB, key=key, owner=by, arguments=arguments)


# --- making ---------------------------------------------------------------------------------------


def make_export(row: Job, progress: Progress) -> ExportFile:
    """Write the list that a job names and keep the file; rights are asked anew, as they are now."""
    owner, wanted = row.owner, row.arguments
    if owner is None:
        raise ValidationError(_("Nobody asked for this export."))
    progress.step(2, _("Counting the rows"))
    with translation.override(wanted["language"]), tempfile.TemporaryDirectory(prefix="tracker-export-") as folder:
        found, path = list_for(owner, wanted["address"], wanted["format"]), Path(folder, "file")
        rights = access.digest_of_rights(owner)
        try:
            count = _write(found, path, progress)
        except ChildStopped:
            # Says why: someone cancelled, or another worker has the job.
            progress.step(2)
            raise
        progress.step(95, _("Keeping the file"))
        return keep_file(row, progress, path, name=found.filename, count=count, rights=rights)


def _write(found: ExportResponse, path: Path, progress: Progress) -> int:
    """The whole file at `path`; returns how many rows it holds."""
    limit = found.writer.max_rows
    # Closed before anything is written: SQLite lets nobody write who still reads an older state.
    with found.in_its_time(), closing(found.table.chunks):
        total = found.count()
        if limit is not None and total > limit:
            raise ValidationError(
                _("A workbook holds %(limit)s rows, this list has %(total)s. Filter it, or take CSV.")
                % {"limit": limit, "total": total}
            )
        counted = _Counted(found.table.chunks, total, progress)
        found.writer.make(dataclasses.replace(found.table, chunks=counted.chunks()), path, progress.should_stop)
    return counted.read


class _Counted:
    """Chunks on their way to a writer: says how far they are, stops when nobody waits for them any more."""

    def __init__(self, source: Iterable[Chunk], total: int, progress: Progress) -> None:
        self.source, self.total, self.progress, self.read = source, total, progress, 0

    def chunks(self) -> Generator[Chunk, None, None]:
        for chunk in self.source:
            if self.progress.should_stop():
                raise ChildStopped
            self.read += len(chunk[0])
            # Only noted: a write in the midst of a reading would collide with other writers on SQLite.
            self.progress.note(
                5 + min(80, 80 * self.read // max(1, self.total)),
                _("%(read)s of %(total)s rows") % {"read": self.read, "total": max(self.read, self.total)},
            )
            yield chunk


def keep_file(row: Job, progress: Progress, path: Path, *, name: str, count: int, rights: str) -> ExportFile:
    """Put a made file on the disk, then its row, with which the job is done."""
    _clear(str(row.pk))
    with path.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
        content.seek(0)
        stored = default_storage.save(f"{ExportFile.FOLDER}/{row.pk}/file", File(content))
    try:
        with progress.completing():
            return ExportFile.objects.create(
                job=row, file=stored, name=name, size=path.stat().st_size, sha256=digest, count=count,
                rights=rights, expires_at=timezone.now() + KEPT_FOR,
            )  # fmt: skip
    except BaseException:
        _clear(str(row.pk))
        raise


# --- the end of their time --------------------------------------------------------------------------


def expire_exports(now: dt.datetime | None = None) -> int:
    """Delete files whose time is over, and what jobs that came to nothing left behind; returns how many files."""
    deleted: int = ExportFile.objects.filter(expires_at__lte=now or timezone.now()).delete()[0]
    # In this order: a job that ends meanwhile is found among the open ones or has its row.
    folders = _folders()
    at_work = set(Job.objects.filter(kind=JOB, state__in=OPEN).values_list("pk", flat=True))
    kept = set(ExportFile.objects.values_list("job_id", flat=True))
    for folder in folders:
        if int(folder) not in at_work | kept:
            _clear(folder)
    return deleted


def _folders() -> list[str]:
    """The folders of exports on the disk, each named after its job."""
    if not default_storage.exists(ExportFile.FOLDER):
        return []
    return [name for name in default_storage.listdir(ExportFile.FOLDER)[0] if name.isdigit()]


def _clear(folder: str) -> None:
    """Delete a job's folder with what is in it."""
    path = f"{ExportFile.FOLDER}/{folder}"
    if default_storage.exists(path):
        for name in default_storage.listdir(path)[1]:
            default_storage.delete(f"{path}/{name}")
        default_storage.delete(path)
