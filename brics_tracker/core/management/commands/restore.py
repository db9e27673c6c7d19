"""manage.py restore FILE: a backup onto an empty database and folder."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from brics_tracker.core.backup import DamagedArchive, NotEmpty, restore_backup


class Command(BaseCommand):
    help = "Bring back a backup onto an empty database and folder. A damaged archive is refused before anything is touched."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            manifest = restore_backup(options["file"].absolute())
        except (DamagedArchive, NotEmpty, OSError) as problem:
            raise CommandError(str(problem)) from problem
        rows = sum(table["rows"] for table in manifest["tables"].values())
        self.stdout.write(f"Restored {rows} rows and all files as of {manifest['made_at']}, each compared.")
