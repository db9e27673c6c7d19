"""What the pages of reports show: definitions with their next run, runs on the way, the report of a run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from brics_tracker.core.choices import JobState
from brics_tracker.core.models import Job, Theme

from .builders.since import Since, count_since
from .models import Report, ReportDefinition, Snapshot
from .periods import Span, period_containing

if TYPE_CHECKING:
    from brics_tracker.accounts.access import Actor

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


def titles_of_runs(runs: Sequence[Job]) -> list[tuple[Job, str]]:
    """Each run with the title of the report that it makes; its key where the definition is gone. One query."""
    keys = {run.arguments.get("definition", "") for run in runs}
    titles = dict(ReportDefinition.objects.filter(key__in=keys).values_list("key", "title")) if keys else {}
    return [(run, titles.get(key := run.arguments.get("definition", ""), key)) for run in runs]


def report_of_run(run: Job) -> Report | None:
    """The report that a run made or found: its own, or the one that its period already had."""
    own = Report.objects.filter(job=run).first()
    if own is not None or "cut_off" in run.arguments:
        return own
    same = Report.objects.filter(definition__key=run.arguments.get("definition"), is_extra=False)
    return same.filter(period_start=run.arguments.get("day")).first()


def latest_report(user: Actor) -> Report | None:
    """The report that reaches farthest, of those this person may see; its definition and files at hand."""
    reports = Report.objects.visible_to(user).select_related("definition").prefetch_related("files")
    return reports.order_by("-cut_off", "-pk").first()


@dataclass(frozen=True, slots=True)
class Gist:
    """What a report says of itself (head and totals of its tables), and what was recorded after its cut-off."""

    head: dict[str, Any]
    totals: dict[str, Any]
    since: Since


def gist_of(report: Report) -> Gist:
    """Reads the snapshot's head alone, not its lists. Four queries, one more where the report has themes."""
    head, totals = Snapshot.objects.values_list("tables__head", "tables__totals").get(report=report)
    themes = Theme.objects.filter(code__in=head["themes"]).values_list("pk", flat=True) if head["themes"] else ()
    theme_ids = Theme.objects.with_subtree_ids(themes) if head["themes"] else None
    return Gist(head, totals, count_since(report.cut_off, timezone.now(), theme_ids))


def neighbours_of(report: Report) -> tuple[str, str]:
    """Numbers of the reports of the same definition before and after this one; "" where there is none."""
    same: QuerySet[Report] = Report.objects.filter(definition=report.definition_id)
    earlier = same.filter(cut_off__lt=report.cut_off).order_by("-cut_off", "-pk")
    later = same.filter(cut_off__gt=report.cut_off).order_by("cut_off", "pk")
    return (
        earlier.values_list("number", flat=True).first() or "",
        later.values_list("number", flat=True).first() or "",
    )
