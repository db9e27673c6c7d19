"""The container: a plain tar whose last member is the manifest, followed by a line with the hash of it all.

Any tar program can open it. A byte that was changed, lost or added anywhere changes the last line's
hash; a truncated archive has no such line.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any

from django.utils.translation import gettext as _

FORMAT = 1
MANIFEST = "manifest.json"
TRAILER = b"sha256 "
TRAILER_LENGTH = len(TRAILER) + 64 + 1
CHUNK = 1024 * 1024


class DamagedArchive(Exception):
    """The archive is not what was written; `str()` says in which way."""


class Writer:
    """Adds members to an archive and remembers size and hash of each."""

    def __init__(self, out: IO[bytes]) -> None:
        self._tar = tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT)  # noqa: SIM115 - closed by finish()
        self.members: dict[str, dict[str, Any]] = {}

    def add(self, name: str, path: Path) -> None:
        """Add a file of the disk under a name."""
        with path.open("rb") as source:
            measured = _Measured(source)
            self._put(name, os.fstat(source.fileno()).st_size, measured)
            self.members[name] = {"bytes": measured.size, "sha256": measured.digest.hexdigest()}

    def finish(self, manifest: dict[str, Any]) -> None:
        """Close the archive with its manifest."""
        text = json.dumps(manifest | {"format": FORMAT, "members": self.members}, indent=1, sort_keys=True).encode()
        self._put(MANIFEST, len(text), io.BytesIO(text))
        self._tar.close()

    def _put(self, name: str, size: int, source: IO[bytes] | _Measured) -> None:
        info = tarfile.TarInfo(name)
        info.size = size
        info.mode = 0o600
        self._tar.addfile(info, source)


class _Measured:
    """Hashes what is read through it."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self.digest = hashlib.sha256()
        self.size = 0

    def read(self, size: int = -1) -> bytes:
        block = self._source.read(size)
        self.digest.update(block)
        self.size += len(block)
        return block


@contextmanager
def writing(path: Path) -> Iterator[Writer]:
    """Write an archive beside its final place, sync it, read it back, and only then give it its name."""
    temporary = path.with_name(f".{path.name}.part")
    try:
        with temporary.open("xb") as out:
            os.fchmod(out.fileno(), 0o600)
            yield Writer(out)
        _seal(temporary)
        verify(temporary)
        temporary.replace(path)
        _sync_folder(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def _seal(path: Path) -> None:
    with path.open("r+b") as archive:
        digest = hashlib.file_digest(archive, "sha256").hexdigest()
        archive.seek(0, os.SEEK_END)
        archive.write(TRAILER + digest.encode() + b"\n")
        archive.flush()
        os.fsync(archive.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def verify(path: Path) -> dict[str, Any]:
    """Read the whole archive and compare every member with the manifest; returns the manifest."""
    _check_seal(path)
    try:
        manifest, found = _read_members(path)
    except (tarfile.TarError, ValueError, KeyError) as problem:
        raise DamagedArchive(_("The archive cannot be read: %(problem)s") % {"problem": problem}) from problem
    if manifest.get("format") != FORMAT:
        raise DamagedArchive(_("This version does not know the archive's format."))
    if found != manifest["members"]:
        wrong = sorted(
            name for name in found.keys() | manifest["members"] if found.get(name) != manifest["members"].get(name)
        )
        raise DamagedArchive(_("These parts are not what was written: %(names)s") % {"names": ", ".join(wrong[:5])})
    return manifest


def _check_seal(path: Path) -> None:
    size = path.stat().st_size
    with path.open("rb") as archive:
        archive.seek(max(0, size - TRAILER_LENGTH))
        trailer = archive.read()
        if not trailer.startswith(TRAILER) or len(trailer) != TRAILER_LENGTH:
            raise DamagedArchive(_("The archive's end is missing: it is truncated, or no backup of this program."))
        archive.seek(0)
        digest, left = hashlib.sha256(), size - TRAILER_LENGTH
        while left:
            block = archive.read(min(CHUNK, left))
            digest.update(block)
            left -= len(block)
    if trailer != TRAILER + digest.hexdigest().encode() + b"\n":
        raise DamagedArchive(_("The archive was altered or damaged: its hash is not the one it was sealed with."))


def _read_members(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    manifest: dict[str, Any] = {}
    found: dict[str, Any] = {}
    for name, source in members(path):
        if name == MANIFEST:
            manifest = json.loads(source.read())
            continue
        measured = _Measured(source)
        while measured.read(CHUNK):
            pass
        found[name] = {"bytes": measured.size, "sha256": measured.digest.hexdigest()}
    if not manifest:
        raise DamagedArchive(_("The archive has no manifest."))
    return manifest, found


def members(path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """Name and content of each member; refuses names that lead elsewhere, and anything but plain files."""
    with tarfile.open(path, mode="r:") as archive:
        for info in archive:
            parts = PurePosixPath(info.name).parts
            content = archive.extractfile(info) if info.isreg() else None
            if content is None or info.name.startswith("/") or ".." in parts:
                raise DamagedArchive(
                    _("The archive holds something other than plain files: %(name)s") % {"name": info.name}
                )
            yield info.name, content
