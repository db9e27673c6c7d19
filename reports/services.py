"""Freezing reports, deciding which are due, and keeping their files."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from brics_tracker.core.jobs import enqueue
from brics_tracker.core.models import Job, Theme

from . import access
from .builders import progress
from .builders.changes import State, States
from .builders.tables import Head, Order, Tables
from .models import Report, ReportCounter, ReportDefinition, ReportFile, Snapshot
from .periods import Span, ended_periods, period_containing
from .renderers.data import checksum
from .selectors import JOB

if TYPE_CHECKING:
    from brics_tracker.accounts.models import User

# Older periods that nobody made a report of stay without one: a long pause must not flood the list.
CATCH_UP = 8


# --- what is due ----------------------------------------------------------------------------------


def enqueue_due(now: dt.datetime | None = None) -> list[Job]:
    """Ask for every report that is due and neither made nor asked for; returns the jobs asked for now.

    Decided from the database alone and keyed by definition and period, so that any number of
    schedulers, at any time, ask for each report once.
    """
    now = now or timezone.now()
    wanted = [
        (definition, span)
        for definition in ReportDefinition.objects.filter(active=True)
        for span in due_periods(definition, now)
    ]
    made = set(Report.objects.filter(is_extra=False).values_list("definition_id", "period_start"))
    asked = set(Job.objects.filter(kind=JOB, key__in=[job_key(*each) for each in wanted]).values_list("key", flat=True))
    return [
        enqueue(JOB, key=job_key(definition, span), arguments=_arguments(definition, span))
        for definition, span in wanted
        if (definition.pk, span.start) not in made and job_key(definition, span) not in asked
    ]


def due_periods(definition: ReportDefinition, now: dt.datetime) -> list[Span]:
    """Ended periods whose report may be made by now, oldest first, at most CATCH_UP of them."""
    wait = dt.timedelta(hours=definition.hour)
    return ended_periods(definition.period, now - wait, starts_on=definition.starts_on, at_most=CATCH_UP)


def job_key(definition: ReportDefinition, span: Span) -> str:
    return f"{definition.key}:{span.start.isoformat()}"


def _arguments(definition: ReportDefinition, span: Span, cut_off: dt.datetime | None = None) -> dict[str, Any]:
    arguments: dict[str, Any] = {"definition": definition.key, "day": span.start.isoformat()}
    return arguments if cut_off is None else {**arguments, "cut_off": cut_off.isoformat()}


def run_now(definition: ReportDefinition, *, by: User, form_key: uuid.UUID) -> Job:
    """Ask for an extra report of the period so far; the same form sent twice asks once.

    Raises PermissionDenied for whoever is neither administrator nor reviewer of everything.
    """
    if not access.may_run(by):
        raise PermissionDenied(_("Only administrators and reviewers of everything run reports."))
    now = timezone.now()
    span = period_containing(definition.period, now.astimezone(dt.UTC).date())
    key = f"{definition.key}:extra:{by.pk}:{form_key}"
    return enqueue(JOB, key=key, owner=by, arguments=_arguments(definition, span, now))


@transaction.atomic
def ensure_definitions(entries: Sequence[Mapping[str, Any]]) -> list[ReportDefinition]:
    """Add the definitions whose key is not there yet; one that is there stays as people made it.

    A new one starts with the period that runs now, unless it says otherwise. Returns what was added.
    """
    known = set(ReportDefinition.objects.values_list("key", flat=True))
    added = []
    for entry in entries:
        if entry["key"] in known:
            continue
        today = timezone.now().astimezone(dt.UTC).date()
        first = period_containing(entry["period"], today).start
        definition = ReportDefinition(
            key=entry["key"], title=entry["title"], period=entry["period"], hour=entry["hour"],
            starts_on=entry.get("starts_on") or first,
        )  # fmt: skip
        definition.full_clean()
        definition.save(force_insert=True)
        definition.themes.set(Theme.objects.filter(code__in=entry["themes"]))
        added.append(definition)
    return added


# --- freezing -------------------------------------------------------------------------------------


def freeze_report(
    definition: ReportDefinition,
    span: Span,
    *,
    job: Job | None = None,
    by: User | None = None,
    extra: bool = False,
    cut_off: dt.datetime | None = None,
) -> Report:
    """The report of a period, made if there is none yet: numbered, with its tables, never changed again.

    An extra one uses up no period: it is known by its job, or by its cut-off where there is no job. Two
    that freeze the same at once get the same report. Raises ValidationError before the cut-off is over.
    """
    cut_off = cut_off if extra and cut_off is not None else span.cut_off
    if cut_off > timezone.now():
        raise ValidationError(_("This period is not over yet."), code="not_over")
    found = find_report(definition, span, job=job, extra=extra, cut_off=cut_off)
    if found is not None:
        return found
    tables, states = _build(definition, span, cut_off=cut_off, extra=extra)
    report = Report(
        definition=definition, period_start=span.start, period_end=span.end, cut_off=cut_off, is_extra=extra,
        job=job, made_by=by,
    )  # fmt: skip
    try:
        return _freeze(report, span, tables, states)
    except IntegrityError:
        # Someone else froze it between our look and our write; the constraint let one through.
        found = find_report(definition, span, job=job, extra=extra, cut_off=cut_off)
        if found is None:
            raise
        return found


def find_report(
    definition: ReportDefinition, span: Span, *, job: Job | None, extra: bool, cut_off: dt.datetime
) -> Report | None:
    """The report that is frozen already, if it is."""
    reports = Report.objects.filter(definition=definition, is_extra=extra)
    if not extra:
        return reports.filter(period_start=span.start).first()
    return reports.filter(job=job).first() if job else reports.filter(job=None, cut_off=cut_off).first()


@transaction.atomic
def _freeze(report: Report, span: Span, tables: Tables, states: States) -> Report:
    counter = _locked_counter(span.label)
    found = find_report(report.definition, span, job=report.job, extra=report.is_extra, cut_off=report.cut_off)
    if found is not None:
        return found
    counter.last += 1
    counter.save(update_fields=["last"])
    report.number = f"{span.label}-{counter.last:02d}"
    report.frozen_at = timezone.now()
    report.save(force_insert=True)
    content = tables.as_json()
    content["head"]["number"] = report.number
    Snapshot.objects.create(report=report, tables=content, sha256=checksum(content), states=states)
    return report


def _locked_counter(label: str) -> ReportCounter:
    ReportCounter.objects.get_or_create(label=label)
    return ReportCounter.objects.select_for_update().get(label=label)


def _build(definition: ReportDefinition, span: Span, *, cut_off: dt.datetime, extra: bool) -> tuple[Tables, States]:
    themes = list(definition.themes.all())
    theme_ids = frozenset(Theme.objects.with_subtree_ids(theme.pk for theme in themes)) if themes else None
    head = Head(
        definition=definition.key, title=definition.title, period=definition.period, label=span.label,
        start=span.start.isoformat(), end=span.end.isoformat(), cut_off=_moment(cut_off), extra=extra,
        themes=sorted(theme.code for theme in themes), demo=settings.DEMO,
    )  # fmt: skip
    with _one_moment():
        previous = _previous(definition, cut_off)
        return progress.build(Order(head, span.began_at, cut_off, theme_ids), previous)


def _previous(definition: ReportDefinition, cut_off: dt.datetime) -> tuple[str, Mapping[str, State]] | None:
    """Number and states of the regular report before this one."""
    earlier = Report.objects.filter(definition=definition, is_extra=False, cut_off__lt=cut_off)
    return earlier.order_by("-cut_off").values_list("number", "snapshot__states").first()


@contextmanager
def _one_moment() -> Iterator[None]:
    """All that is read inside is read from one moment of the database, without holding up whoever writes."""
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
    else:
        # Not atomic(): it begins IMMEDIATE, which on SQLite would keep every writer waiting.
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")


def _moment(value: dt.datetime) -> str:
    return value.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


# --- files ----------------------------------------------------------------------------------------


@transaction.atomic
def keep_file(report: Report, format: str, content: bytes, *, note: str = "") -> ReportFile:
    """Put a file on the disk and then its row, once per format; the first one stands.

    Each report has a folder of its own: what a worker that was killed in between left there is cleared.
    """
    Report.objects.select_for_update().get(pk=report.pk)
    found = report.files.filter(format=format).first()
    if found is not None:
        return found
    _clear_strays(report)
    digest = hashlib.sha256(content).hexdigest()
    row = ReportFile(report=report, format=format, size=len(content), sha256=digest, note=note)
    row.file.save(f"{report.number}/{format}", ContentFile(content), save=False)
    try:
        row.save(force_insert=True)
    except BaseException:
        row.file.delete(save=False)
        raise
    return row


def _clear_strays(report: Report) -> None:
    """Remove files of this report that no row names. Call it with the report's row locked."""
    folder = f"{ReportFile.FOLDER}/{report.number}"
    if not default_storage.exists(folder):
        return
    named = set(report.files.values_list("file", flat=True))
    for name in default_storage.listdir(folder)[1]:
        if f"{folder}/{name}" not in named:
            default_storage.delete(f"{folder}/{name}")
