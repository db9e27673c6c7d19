"""Files that are on the disk, whole, before a row says so."""

import os
import secrets
from pathlib import Path
from typing import Any

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage
from django.utils.deconstruct import deconstructible


@deconstructible
class DurableStorage(FileSystemStorage):
    """Writes under a temporary name, syncs file and folder, renames: a power cut leaves all or nothing.

    Django's own storage does not sync: at a simulated power cut its rows survived and their files did
    not. Names on the disk are random; what the person called the file is kept in its row.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(base_url=None, **kwargs)

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """A random name in the same folder; the given name is never used."""
        return str(Path(name).parent / secrets.token_hex(16))

    def _save(self, name: str, content: File[Any]) -> str:
        target = Path(self.path(name))
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary = target.with_name(f".{target.name}.part")
        try:
            with temporary.open("xb") as out:
                os.fchmod(out.fileno(), self.file_permissions_mode or 0o600)
                for chunk in content.chunks():
                    out.write(chunk)
                out.flush()
                os.fsync(out.fileno())
            temporary.replace(target)
            _sync_folder(target.parent)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        return name


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
