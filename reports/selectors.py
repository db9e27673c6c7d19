"""What the pages of reports show: definitions with their next run, runs on the way, the report of a run."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils import timezone

from brics_tracker.core.choices import JobState
from brics_tracker.core.models import Job

from .models import Report, ReportDefinition
from .periods import Span, period_containing

JOB = "reports.make"
LISTED_RUNS = 20
FAILURES_SHOWN_FOR = dt.timedelta(days=14)


@dataclass(frozen=True, slots=True)
class DefinitionRow:
    """A definition, the period that runs now and when its report is made; none while it is switched off."""

    definition: ReportDefinition
    span: Span
    next_run: dt.datetime | None


def definitions_for_page(now: dt.datetime | None = None) -> list[DefinitionRow]:
    """Every definition, active ones first; one query."""
    now = now or timezone.now()
    return [_definition_row(each, now) for each in ReportDefinition.objects.order_by("-active", "title")]


def _definition_row(definition: ReportDefinition, now: dt.datetime) -> DefinitionRow:
    """The next report is that of the first period whose hour has not come yet."""
    wait = dt.timedelta(hours=definition.hour)
    span = period_containing(definition.period, max(definition.starts_on, (now - wait).astimezone(dt.UTC).date()))
    if span.start < definition.starts_on:
        span = span.next
    return DefinitionRow(definition, span, span.cut_off + wait if definition.active else None)


def runs_for_page() -> list[Job]:
    """Runs that wait, are at work, or failed lately; newest first."""
    failed = Q(state=JobState.FAILED, finished_at__gte=timezone.now() - FAILURES_SHOWN_FOR)
    runs = Job.objects.filter(Q(state__in=[JobState.WAITING, JobState.RUNNING]) | failed, kind=JOB)
    return list(runs.select_related("owner").order_by("-created_at", "-pk")[:LISTED_RUNS])


def report_of_run(run: Job) -> Report | None:
    """The report that a run made or found: its own, or the one that its period already had."""
    own = Report.objects.filter(job=run).first()
    if own is not None or "cut_off" in run.arguments:
        return own
    same = Report.objects.filter(definition__key=run.arguments.get("definition"), is_extra=False)
    return same.filter(period_start=run.arguments.get("day")).first()


def neighbours_of(report: Report) -> tuple[str, str]:
    """Numbers of the reports of the same definition before and after this one; "" where there is none."""
    same: QuerySet[Report] = Report.objects.filter(definition=report.definition_id)
    earlier = same.filter(cut_off__lt=report.cut_off).order_by("-cut_off", "-pk")
    later = same.filter(cut_off__gt=report.cut_off).order_by("cut_off", "pk")
    return (
        earlier.values_list("number", flat=True).first() or "",
        later.values_list("number", flat=True).first() or "",
    )
