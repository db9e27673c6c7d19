"""manage.py prepare: everything between the code and the first request; harmless to run again."""

from __future__ import annotations

import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import polib
from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Check the settings, compile translations, migrate, collect static files, load the catalogue, make the first people."
    # Asked below, with the database, once there is one to ask.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-people", action="store_true", help="Make no first people.")
        parser.add_argument("--no-static", action="store_true", help="Static files and translations are ready.")

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("check", databases=["default"])
        with nullcontext() if options["no_static"] else static_files_beside():
            self.prepare_database(people=not options["no_people"])

    def prepare_database(self, *, people: bool) -> None:
        """The schema and what every register begins with."""
        call_command("migrate", interactive=False, verbosity=0)
        if settings.WEB_DATABASE_URL:
            call_command("secure_audit")
        # Commands of higher floors are named, not imported.
        call_command("load_catalogue")
        call_command("load_definitions")
        if people:
            call_command("make_first_people", verbosity=0)
        if settings.DEMO and "make_demo" in get_commands():
            call_command("make_demo")
            call_command("make_demo_reports")


@contextmanager
def static_files_beside() -> Iterator[None]:
    """Compile translations and collect static files in a process beside what is done in here.

    Raises CommandError where they could not be collected.
    """
    compile_translations(settings.LOCALE_PATHS)
    command = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0"]
    with subprocess.Popen(command, cwd=settings.BASE_DIR) as collecting:  # noqa: S603 - our own command
        yield
    if collecting.returncode != 0:
        raise CommandError("The static files could not be collected; the reason stands above.")


def compile_translations(folders: list[Path]) -> int:
    """Write a .mo beside each .po that is newer; Django's own command needs gettext's programs, this needs none."""
    compiled = 0
    for folder in folders:
        for source in sorted(Path(folder).glob("*/LC_MESSAGES/*.po")):
            target = source.with_suffix(".mo")
            if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
                polib.pofile(str(source)).save_as_mofile(str(target))
                compiled += 1
    return compiled
