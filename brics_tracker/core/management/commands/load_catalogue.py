"""Loads or refreshes fixtures/; never overwrites what people edited."""

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils.module_loading import import_string

from brics_tracker.core.catalogue import Catalogue


class Command(BaseCommand):
    help = "Load or refresh the catalogue (idempotent). With --check only compare: exit status 1 where they differ."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="compare only, write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        folder = settings.BASE_DIR / "fixtures"
        with transaction.atomic():
            run = Catalogue(folder=folder, system=get_user_model().objects.system(), check=options["check"])
            for name in settings.CATALOGUE_LOADERS:
                import_string(name)(run)
        for line in run.kept:
            self.stdout.write(line)
        counts = ", ".join(f"{run.counts[word]} {word}" for word in ("made", "refreshed", "unchanged"))
        if options["check"] and (run.counts["made"] or run.counts["refreshed"]):
            raise CommandError(f"The register differs from the catalogue: {counts}, {len(run.kept)} left as edited.")
        self.stdout.write(f"Catalogue: {counts}, {len(run.kept)} left as edited.")
