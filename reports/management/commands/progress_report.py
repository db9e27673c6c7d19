"""manage.py progress_report KEY: makes the report of a definition, or fetches it where it is frozen already."""

from __future__ import annotations

import argparse
import datetime as dt
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from reports import services
from reports.models import Report, ReportDefinition
from reports.periods import DAY, last_ended_period, midnight, period_containing
from reports.renderers import data, html, pdf

FORMATS = ("pdf", "html", "json", "csv")
LATER = ("docx", "xlsx")


class Command(BaseCommand):
    help = "Makes the report of a definition (or fetches it, if already frozen) and writes it as files."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("key", help="the definition, as: weekly")
        parser.add_argument(
            "--cut-off",
            metavar="DATE",
            help="the last day (UTC) that it covers; where this is the last day of a period it is that period's report, "
            "else an extra one of the period so far. Without it: the last period that has ended",
        )
        parser.add_argument(
            "--format", default="", help=f"any of {','.join(FORMATS)}; without it only the number is said"
        )
        parser.add_argument("--out", metavar="DIR", default=".", help="where to write the files (default: here)")

    def handle(self, *args: Any, **options: Any) -> None:
        formats = self._formats(options["format"])
        definition = ReportDefinition.objects.filter(key=options["key"]).first()
        if definition is None:
            known = ", ".join(ReportDefinition.objects.values_list("key", flat=True)) or "none; run load_definitions"
            raise CommandError(f"there is no report definition {options['key']!r} (there are: {known})")
        try:
            report = self._report(definition, options["cut_off"])
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from refusal
        self.stdout.write(report.number)
        folder = Path(options["out"])
        for format in formats:
            self._write(report, format, folder)

    def _formats(self, given: str) -> list[str]:
        formats = [each.strip().lower() for each in given.split(",") if each.strip()]
        for each in formats:
            if each in LATER:
                raise CommandError(f"{each} does not exist yet; choose any of {', '.join(FORMATS)}")
            if each not in FORMATS:
                raise CommandError(f"{each!r} is no format; choose any of {', '.join(FORMATS)}")
        return formats

    def _report(self, definition: ReportDefinition, cut_off: str | None) -> Report:
        now = timezone.now()
        if not cut_off:
            return services.freeze_report(definition, last_ended_period(definition.period, now))
        try:
            day = dt.date.fromisoformat(cut_off)
        except ValueError as problem:
            raise CommandError(f"--cut-off: {cut_off!r} is no date such as 2026-11-22") from problem
        span = period_containing(definition.period, day)
        if day == span.end and span.cut_off <= now:
            return services.freeze_report(definition, span)
        today = now.astimezone(dt.UTC).date()
        if day > today:
            raise CommandError(f"--cut-off: {cut_off} lies in the future")
        moment = now if day == today else midnight(day + DAY)
        return services.freeze_report(definition, span, extra=True, cut_off=moment)

    def _write(self, report: Report, format: str, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{report.number}.{format}"
        path.write_bytes(self._content(report, format))
        self.stdout.write(str(path))

    def _content(self, report: Report, format: str) -> bytes:
        tables = report.snapshot.tables
        if format == "json":
            return data.canonical(tables)
        if format == "csv":
            return b"".join(data.csv(tables))
        if format == "html":
            return html.page(tables)
        kept = report.files.filter(format="pdf").first()
        if kept is None:
            drawing = pdf.draw(tables)
            kept = services.keep_file(report, "pdf", drawing.content, note=drawing.note)
        if kept.note:
            self.stderr.write(kept.note)
        with kept.file.open("rb") as stored:
            content: bytes = stored.read()
        return content
