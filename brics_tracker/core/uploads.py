"""What a file is, by its content: only kinds on the list are kept, and only under a name that says so."""

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from .text import clean_text

MAX_MEMBERS, MAX_UNPACKED, MAX_RATIO = 5000, 400 * 1024 * 1024, 200


@dataclass(frozen=True, slots=True)
class Kind:
    """One accepted kind of file: its media type and a test of its content (head, file)."""

    media_type: str
    matches: Callable[[bytes, UploadedFile[Any]], bool]


def _starts(*signatures: bytes) -> Callable[[bytes, UploadedFile[Any]], bool]:
    return lambda head, file: head.startswith(signatures)


def _is_webp(head: bytes, file: UploadedFile[Any]) -> bool:
    return head[:4] == b"RIFF" and head[8:12] == b"WEBP"


def _is_text(head: bytes, file: UploadedFile[Any]) -> bool:
    """Text in UTF-8 without control characters; markup that a browser would run is no plain text."""
    file.seek(0)
    try:
        text = file.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    if any(ord(char) < 32 and char not in "\t\r\n\f" for char in text):
        return False
    return not text.lstrip().lower().startswith(("<!doctype", "<html", "<script", "<svg", "<?xml", "#!", "<?php"))


def _office(folder: str) -> Callable[[bytes, UploadedFile[Any]], bool]:
    def matches(head: bytes, file: UploadedFile[Any]) -> bool:
        names = _members(head, file)
        return (
            "[Content_Types].xml" in names and any(name.startswith(folder) for name in names) and not _has_macros(names)
        )

    return matches


def _open_document(media_type: str) -> Callable[[bytes, UploadedFile[Any]], bool]:
    def matches(head: bytes, file: UploadedFile[Any]) -> bool:
        names = _members(head, file)
        if "mimetype" not in names:
            return False
        file.seek(0)
        with zipfile.ZipFile(io.BytesIO(file.read())) as archive:
            return (
                archive.getinfo("mimetype").file_size < 200
                and archive.read("mimetype").decode("ascii", "ignore") == media_type
            )

    return matches


def _has_macros(names: set[str]) -> bool:
    return any(name.lower().endswith("vbaproject.bin") for name in names)


def _members(head: bytes, file: UploadedFile[Any]) -> set[str]:
    """Names in a zip file; raises ValidationError for one that would unpack to far too much."""
    if not head.startswith(b"PK\x03\x04"):
        return set()
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError):
        return set()
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries) or 1
    if len(entries) > MAX_MEMBERS or unpacked > MAX_UNPACKED or unpacked / packed > MAX_RATIO:
        raise ValidationError({"files": _("%(name)s would unpack to far too much.") % {"name": file.name}})
    return {entry.filename for entry in entries}


_OPEN = "application/vnd.oasis.opendocument."
_OFFICE = "application/vnd.openxmlformats-officedocument."
KINDS: dict[str, Kind] = {
    "pdf": Kind("application/pdf", _starts(b"%PDF-")),
    "png": Kind("image/png", _starts(b"\x89PNG\r\n\x1a\n")),
    "jpg": Kind("image/jpeg", _starts(b"\xff\xd8\xff")),
    "jpeg": Kind("image/jpeg", _starts(b"\xff\xd8\xff")),
    "gif": Kind("image/gif", _starts(b"GIF87a", b"GIF89a")),
    "webp": Kind("image/webp", _is_webp),
    "docx": Kind(_OFFICE + "wordprocessingml.document", _office("word/")),
    "xlsx": Kind(_OFFICE + "spreadsheetml.sheet", _office("xl/")),
    "pptx": Kind(_OFFICE + "presentationml.presentation", _office("ppt/")),
    "odt": Kind(_OPEN + "text", _open_document(_OPEN + "text")),
    "ods": Kind(_OPEN + "spreadsheet", _open_document(_OPEN + "spreadsheet")),
    "txt": Kind("text/plain", _is_text),
    "csv": Kind("text/csv", _is_text),
    "md": Kind("text/markdown", _is_text),
}


def check_upload(file: UploadedFile[Any]) -> str:
    """The media type of an accepted file. Raises ValidationError at `files`: too large, empty, kind or name wrong."""
    name = file.name or ""
    try:
        clean_text(name)
    except ValidationError as problem:
        refusal = _("The name of a file holds characters that cannot be seen or read; give it another name.")
        raise ValidationError({"files": refusal}) from problem
    if not file.size:
        raise ValidationError({"files": _("%(name)s is empty.") % {"name": name}})
    if file.size > settings.UPLOAD_MAX_BYTES:
        words = {"name": name, "size": filesizeformat(file.size), "most": filesizeformat(settings.UPLOAD_MAX_BYTES)}
        raise ValidationError({"files": _("%(name)s has %(size)s; the most is %(most)s.") % words})
    kind = KINDS.get(PurePosixPath(name).suffix.lstrip(".").lower())
    if kind is None:
        words = {"name": name, "kinds": ", ".join(KINDS)}
        raise ValidationError({"files": _("%(name)s is not of a kind that is kept here: %(kinds)s.") % words})
    file.seek(0)
    head = file.read(16)
    matches = kind.matches(head, file)
    file.seek(0)
    if not matches:
        raise ValidationError({"files": _("The content of %(name)s is not what its name says.") % {"name": name}})
    return kind.media_type
