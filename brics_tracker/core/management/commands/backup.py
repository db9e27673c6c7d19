"""manage.py backup FILE: every row and file in one archive, checked on reading back."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from brics_tracker.core.backup import DamagedArchive, MissingFiles, save_backup


class Command(BaseCommand):
    help = "Write every row and file into one archive, and read it back. People can go on working meanwhile."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--allow-missing", action="store_true", help="Make the backup although rows name files that are gone."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"].absolute()
        if path.exists():
            raise CommandError(f"{path} exists already; a backup overwrites nothing.")
        try:
            manifest = save_backup(path, allow_missing=options["allow_missing"])
        except (MissingFiles, DamagedArchive, RuntimeError, OSError) as problem:
            raise CommandError(str(problem)) from problem
        rows = sum(table["rows"] for table in manifest["tables"].values())
        for name in manifest["missing"]:
            self.stderr.write(f"missing on the disk, so not in the backup: {name}")
        self.stdout.write(
            f"{path}: {rows} rows, {manifest['files']} files, {path.stat().st_size:,} bytes, read back and whole."
        )
