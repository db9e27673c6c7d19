"""Background work of reports: looking for what is due, and making one."""

import datetime as dt

from celery import shared_task
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from brics_tracker.core.children import ChildStopped
from brics_tracker.core.jobs import Progress, job
from brics_tracker.core.models import Job

from . import access, services
from .models import Report, ReportDefinition
from .periods import period_containing
from .renderers import pdf
from .selectors import JOB


@shared_task(name="reports.enqueue_due", expires=60)
def enqueue_due() -> int:
    """Ask for every report that is due."""
    return len(services.enqueue_due())


@job(JOB)
def make_report(row: Job, progress: Progress) -> None:
    """Freeze the report that the job names, draw its PDF and keep it; run again, it goes on where it was."""
    if row.owner is not None and not access.may_run(row.owner):
        raise ValidationError(_("Whoever started this may not run reports any more."))
    definition = ReportDefinition.objects.filter(key=row.arguments["definition"]).first()
    if definition is None:
        raise ValidationError(_("The definition of this report is gone."))
    progress.step(5, _("Reading the register"))
    moment = row.arguments.get("cut_off")
    report = services.freeze_report(
        definition,
        period_containing(definition.period, dt.date.fromisoformat(row.arguments["day"])),
        job=row,
        by=row.owner,
        extra=moment is not None,
        cut_off=dt.datetime.fromisoformat(moment) if moment else None,
    )
    progress.step(60, _("Report %(number)s is frozen; drawing its PDF") % {"number": report.number})
    drawing = None if report.files.filter(format="pdf").exists() else _draw(report, progress)
    progress.step(95, _("Keeping the file"))
    with progress.completing():
        if drawing is not None:
            services.keep_file(report, "pdf", drawing.content, note=drawing.note)


def _draw(report: Report, progress: Progress) -> pdf.Drawing:
    try:
        return pdf.draw(report.snapshot.tables, should_stop=progress.should_stop)
    except ChildStopped:
        # Says why: someone cancelled, or another worker has the job.
        progress.step(60)
        raise
