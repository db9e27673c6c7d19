"""manage.py load_definitions: the reports that ship with the product."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from reports import services


class Command(BaseCommand):
    help = "Adds the report definitions of fixtures/reports/ that are not there yet; never changes one that is."

    def handle(self, *args: Any, **options: Any) -> None:
        entries = json.loads(Path(settings.BASE_DIR, "fixtures", "reports", "definitions.json").read_text())
        added = services.ensure_definitions(entries)
        if options["verbosity"]:
            self.stdout.write(f"report definitions: {len(added)} added, {len(entries) - len(added)} left as they are")
