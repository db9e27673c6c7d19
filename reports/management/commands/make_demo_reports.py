"""Reports on the invented past, for `make demo`."""

from __future__ import annotations

import datetime as dt
import tempfile
from io import StringIO
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from reports.models import ReportDefinition
from reports.periods import ended_periods

PERIODS = 4


class Command(BaseCommand):
    help = f"Freeze the reports of the last {PERIODS} periods, oldest first. Only with DEMO=on."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("Reports on an invented past belong in a demonstration: set DEMO=on (make demo does).")
        with tempfile.TemporaryDirectory() as folder:
            for definition in ReportDefinition.objects.filter(active=True):
                for span in ended_periods(definition.period, timezone.now(), starts_on=dt.date.min, at_most=PERIODS):
                    made = {"cut_off": span.end.isoformat(), "format": "pdf", "out": folder, "stdout": StringIO()}
                    call_command("progress_report", definition.key, **made)
