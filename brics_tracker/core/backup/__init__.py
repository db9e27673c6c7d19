"""One archive of everything: rows in a form that no database owns, files, and the proof that both are whole."""

from .archive import DamagedArchive
from .restoring import NotEmpty, restore_backup
from .saving import MissingFiles, save_backup

__all__ = ["DamagedArchive", "MissingFiles", "NotEmpty", "restore_backup", "save_backup"]
