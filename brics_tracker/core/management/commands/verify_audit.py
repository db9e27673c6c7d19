"""manage.py verify_audit: is everything on record as it was when it was sealed?"""

from __future__ import annotations

from argparse import ArgumentParser
from itertools import chain
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from brics_tracker.core.audit.verifying import Verification, unsealed
from brics_tracker.core.models import AuditSeal


class Command(BaseCommand):
    help = (
        "Compare every row of the audit trail with its seals; names what was removed, altered or added, exit status 1."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--known",
            metavar="NUMBER:VALUE",
            default="",
            help="A seal as it was noted elsewhere: shows that the end of the trail was not cut off together with its seals.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        run = Verification()
        found = 0
        for line in chain(self._known(options["known"]), run.findings()):
            self.stdout.write(line)
            found += 1
        for note in dict.fromkeys(run.notes):
            self.stdout.write(f"note: {note}")
        if run.last is not None:
            self.stdout.write(f"last seal {run.last}\n(of {run.last.made_at:%Y-%m-%d %H:%M} UTC; note it elsewhere)")
        summary = f"{run.seals} seals, {run.rows} rows; {unsealed()} rows wait for the next seal."
        if found:
            raise CommandError(f"{found} findings. {summary}")
        self.stdout.write(f"The audit trail is whole: {summary}")

    def _known(self, noted: str) -> list[str]:
        number, _colon, value = noted.partition(":")
        if not noted:
            return []
        if not (number.isdecimal() and len(value) == 64):
            raise CommandError("--known takes a seal as this command prints it: NUMBER:VALUE.")
        seal = AuditSeal.objects.filter(number=number).first()
        return (
            [] if seal is not None and seal.value == value else [f"seal {number}: not the one that was noted elsewhere"]
        )
