"""Files of a form that was not saved: kept for whoever chose them, given back with the form, let go with its draft."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from brics_tracker.accounts.models import KeptFile, User
from brics_tracker.core.uploads import check_upload

from .services import is_form_path

if TYPE_CHECKING:
    from django.core.files.base import File

MOST = 40  # files of one person
MOST_BYTES = 200 * 1024 * 1024
DAYS = 7


@transaction.atomic
def keep_file(*, by: User, address: str, field: str, file: UploadedFile[Any]) -> KeptFile:
    """Keep a file that was chosen in the form at this address; the same file there again is the one there is.

    field: the part of the form that it belongs to, as "source-0". Raises ValidationError at `files` for what would be
    refused anyway, or where the person keeps too much already.
    """
    if not is_form_path(address):
        raise ValidationError({"address": _("This is no form of this site.")})
    media_type = check_upload(file)
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    User.objects.select_for_update(no_key=True).get(pk=by.pk)  # one after the other, so that the limits hold
    same = {"name": (file.name or "")[:200], "sha256": digest.hexdigest()}
    found = kept_files(by, address).filter(**same).first()
    if found is not None:
        found.field = field[:40]
        found.save(update_fields=["field"])
        return found
    mine = KeptFile.objects.filter(user=by)
    held = mine.aggregate(bytes=Sum("size"))["bytes"] or 0
    if mine.count() >= MOST or held + (file.size or 0) > MOST_BYTES:
        raise ValidationError({"files": _("You keep too many unsent files already; choose %(name)s again.") % same})
    row = KeptFile(
        user=by, address=address, field=field[:40], size=file.size or 0, media_type=media_type, **same,
    )  # fmt: skip
    row.file.save("upload", file, save=False)
    stored = str(row.file.name)
    try:
        row.save(force_insert=True)
    except BaseException:
        row.file.storage.delete(stored)
        raise
    return row


def kept_files(user: User, address: str) -> QuerySet[KeptFile]:
    """What is kept of a form and was not saved with it, in the order of choosing."""
    return KeptFile.objects.filter(user=user, address=address, used_at__isnull=True).order_by("pk")


def files_to_send(user: User, address: str, numbers: Collection[int]) -> list[KeptFile]:
    """The kept files that a form names; those that were saved with it too, for the form that is sent twice."""
    return list(KeptFile.objects.filter(user=user, address=address, pk__in=numbers).order_by("pk"))


def settle_files(user: User, address: str) -> None:
    """The form was saved: what was kept of it is not offered again. The bytes go a day later (expire_files)."""
    kept_files(user, address).update(used_at=timezone.now())


def let_go(user: User, address: str, numbers: Collection[int] | None = None) -> None:
    """Delete what is kept of a form (of it, those with these numbers): its author threw it away."""
    rows = kept_files(user, address)
    _delete(rows if numbers is None else rows.filter(pk__in=numbers))


def expire_files(now: dt.datetime | None = None) -> int:
    """Delete what nobody came back for within DAYS, and a day after it was saved with its form; how many."""
    now = now or timezone.now()
    old = KeptFile.objects.filter(created_at__lt=now - dt.timedelta(days=DAYS))
    used = KeptFile.objects.filter(used_at__lt=now - dt.timedelta(days=1))
    return _delete(old) + _delete(used)


@transaction.atomic
def _delete(rows: Iterable[KeptFile]) -> int:
    """First the rows, then, once that is certain, the bytes."""
    gone = list(rows)
    for row in gone:
        storage, name = row.file.storage, str(row.file.name)
        row.delete()
        transaction.on_commit(lambda storage=storage, name=name: storage.delete(name))  # type: ignore[misc]
    return len(gone)


def as_upload(row: KeptFile) -> UploadedFile[Any]:
    """The file as if it had just come with the form."""
    content: File[Any] = row.file.open("rb")
    return UploadedFile(file=content, name=row.name, content_type=row.media_type, size=row.size)
