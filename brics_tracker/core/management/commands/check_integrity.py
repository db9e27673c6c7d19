"""The register's invariants, for operators and for every fault test."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.module_loading import import_string

from brics_tracker.core.integrity import migrations


class Command(BaseCommand):
    help = "Check the invariants of docs/reference/integrity.md; prints each violation, exit status 1 if there is one."

    def handle(self, *args: Any, **options: Any) -> None:
        unapplied = list(migrations())
        if unapplied:
            # The other checks read the tables as the code knows them, so they wait until the two agree.
            raise CommandError("\n".join([*unapplied, "Apply the migrations first."]))
        found = 0
        for name in settings.INTEGRITY_CHECKS:
            for line in import_string(name)():
                self.stdout.write(line)
                found += 1
        if found:
            raise CommandError(f"{found} violations.")
        self.stdout.write(f"{len(settings.INTEGRITY_CHECKS)} checks, no violation.")
