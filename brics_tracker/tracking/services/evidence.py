"""Evidence: sources by address and by file, joined to updates; files checked before they are kept."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from brics_tracker.core.uploads import check_upload
from brics_tracker.tracking import access
from brics_tracker.tracking.models import Evidence, EvidenceFile, TrackedItem, Update, today

from .changes import add, check_version, lock_item, once, write

if TYPE_CHECKING:
    from brics_tracker.accounts.models import User

FIELDS = frozenset({
    "url", "title", "publisher", "source_date", "accessed", "quote", "language", "reliability", "confidential",
})  # fmt: skip


@transaction.atomic
def add_evidence(
    item: TrackedItem,
    *,
    by: User,
    fields: Mapping[str, Any],
    files: Sequence[UploadedFile[Any]] = (),
    update: Update | None = None,
    form_key: uuid.UUID | None = None,
) -> Evidence:
    """A source of the item, with files, joined to an update of one's own that is still being written.

    The files are on the disk, whole, before their rows are committed. Raises ValidationError at `url`,
    `files` or the field concerned; nothing is kept of a refused set.
    """
    item = lock_item(item.pk)
    access.require_of(access.may_log, by, item)
    if update is not None:
        _require_own(update, item, by)

    def make() -> Evidence:
        evidence = Evidence(item=item, author=by, **_prepared(fields, files))
        add(evidence, by=by)
        _attach(evidence, files)
        if update is not None:
            evidence.updates.add(update)
            write(Update.objects.get(pk=update.pk), by=by)  # what it rests on is part of what it says
        return evidence

    return once(by, form_key, make)


@transaction.atomic
def edit_evidence(evidence: Evidence, *, by: User, version: int | None, changes: Mapping[str, Any]) -> Evidence:
    """Change a source. Once a public update rests on it, only whether it is confidential: what was checked stays.

    By its author, or by reviewers and administrators in scope (access.may_edit_evidence). Raises StaleVersion,
    ValidationError by field, PermissionDenied.
    """
    item = lock_item(evidence.item_id)
    evidence = Evidence.objects.select_for_update(no_key=True).get(pk=evidence.pk)
    access.require_of(access.may_edit_evidence, by, item, evidence)
    wanted = check_version(evidence, version, _known(changes))
    if evidence.is_public_proof and (settled := sorted(wanted.keys() - {"confidential"})):
        raise ValidationError({
            name: _("A public update rests on this source: it stays as it was checked. Add another one instead.")
            for name in settled
        })  # fmt: skip
    if not wanted:
        return evidence
    if not wanted.get("url", evidence.url) and not evidence.files.exists():
        raise ValidationError({"url": _("Give an address or add a file.")})
    return write(evidence, by=by, **wanted)


@transaction.atomic
def add_files(evidence: Evidence, files: Sequence[UploadedFile[Any]], *, by: User) -> Evidence:
    """Add files to a source on which no public update rests yet; an edit of it. Raises what add_evidence raises."""
    item = lock_item(evidence.item_id)
    evidence = Evidence.objects.select_for_update(no_key=True).get(pk=evidence.pk)
    access.require_of(access.may_edit_evidence, by, item, evidence)
    if evidence.is_public_proof:
        raise ValidationError({"files": _("A public update rests on this source: add a new one instead.")})
    if not files:
        raise ValidationError({"files": _("Send at least one file.")})
    _attach(evidence, files)
    return write(evidence, by=by)


@transaction.atomic
def use_evidence(update: Update, evidence: Evidence, *, by: User) -> None:
    """Let another update of the same item rest on a source that the person may see."""
    item = lock_item(update.item_id)
    update = _require_own(update, item, by)
    join_evidence(update, [evidence], by=by)
    write(update, by=by)


def join_evidence(update: Update, chosen: Collection[Evidence], *, by: User) -> None:
    """Tie sources on record to an update that the caller has found to be `by`'s own to write; an edit of each source.

    Raises ValidationError at `evidence` for what is not of its item, or not to be seen by this person.
    """
    if not chosen:
        return
    usable = Evidence.objects.visible_to(by).filter(item=update.item_id, pk__in=[each.pk for each in chosen])
    if usable.count() != len(chosen):
        raise ValidationError({"evidence": _("Choose evidence of this item.")})
    update.evidence.add(*chosen)
    for evidence in usable:
        write(evidence, by=by)


def leave_evidence(update: Update, chosen: Iterable[Evidence], *, by: User) -> None:
    """Take sources off an update that the caller has found to be `by`'s own to write; an edit of each source."""
    for evidence in list(chosen):
        update.evidence.remove(evidence)
        write(evidence, by=by)


@transaction.atomic
def remove_evidence(update: Update, evidence: Evidence, *, by: User) -> None:
    """Take a source off one's own unpublished update; the source itself stays with the item."""
    item = lock_item(update.item_id)
    update = _require_own(update, item, by)
    leave_evidence(update, [evidence], by=by)
    write(update, by=by)


def _require_own(update: Update, item: TrackedItem, by: User) -> Update:
    """The person's own update as it stands, still being written."""
    access.require(update.item_id == item.pk and update.author_id == by.pk)
    update = Update.objects.get(pk=update.pk)
    if not update.is_editable:
        raise ValidationError(_("This update was handed in; withdraw it to change its evidence."), code="wrong_state")
    return update


def _known(fields: Mapping[str, Any]) -> dict[str, Any]:
    unknown = set(fields) - FIELDS
    if unknown:
        raise TypeError(f"not a field of evidence that people write: {sorted(unknown)}")
    return dict(fields)


def _prepared(fields: Mapping[str, Any], files: Sequence[UploadedFile[Any]]) -> dict[str, Any]:
    prepared = {"accessed": today(), **_known(fields)}
    if not prepared.get("url") and not files:
        raise ValidationError({"url": _("Give an address or add a file.")})
    if not prepared.get("title"):
        prepared["title"] = (prepared.get("url") or (files[0].name if files else "") or "")[:300]
    return prepared


def _kept_name(name: str) -> str:
    """At most 200 characters, its ending among them: by that alone a reader's computer knows what it is."""
    ending = PurePosixPath(name).suffix
    return name if len(name) <= 200 else name[: 200 - len(ending)] + ending


def _attach(evidence: Evidence, files: Sequence[UploadedFile[Any]]) -> None:
    if evidence.files.count() + len(files) > settings.UPLOAD_MAX_FILES:
        message = ngettext("At most %(n)d file.", "At most %(n)d files.", settings.UPLOAD_MAX_FILES)
        raise ValidationError({"files": message % {"n": settings.UPLOAD_MAX_FILES}})
    checked = [(file, check_upload(file)) for file in files]
    for file, media_type in checked:
        digest = hashlib.sha256()
        for chunk in file.chunks():
            digest.update(chunk)
        row = EvidenceFile(
            evidence=evidence,
            name=_kept_name(file.name or ""),
            size=file.size or 0,
            media_type=media_type,
            sha256=digest.hexdigest(),
        )
        file.seek(0)
        row.file.save("upload", file, save=False)
        stored = str(row.file.name)
        try:
            row.save(force_insert=True)
        except BaseException:
            row.file.storage.delete(stored)
            raise
