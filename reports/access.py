"""Who may start reports, read them and fetch their files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from brics_tracker.accounts import access
from brics_tracker.accounts.choices import Role
from brics_tracker.core.models import Job

from .models import Report, ReportFile
from .selectors import JOB

if TYPE_CHECKING:
    from brics_tracker.accounts.access import Actor


def may_run(user: Actor) -> bool:
    """Start an extra report: administrators and reviewers of everything, for it is a report on everything."""
    return any(
        grant.is_everywhere and grant.role in {Role.ADMINISTRATOR, Role.REVIEWER} for grant in access.grants_of(user)
    )


def may_steer(user: Actor, job: Job) -> bool:
    """Cancel or run again: who started it, and administrators; the same rule as in core.jobs."""
    return may_run(user) and (job.owner_id == user.pk or access.is_administrator(user))


def report_to_read(request: HttpRequest, number: str) -> Report:
    """The report with its definition and snapshot at hand, or 404."""
    reports = Report.objects.visible_to(request.user).select_related("definition", "snapshot", "made_by", "job")
    return get_object_or_404(reports.defer("snapshot__states"), number=number)


def file_to_read(request: HttpRequest, number: str, format: str) -> ReportFile:
    """A kept file of a report that this person may read, or 404."""
    reports = Report.objects.visible_to(request.user)
    return get_object_or_404(
        ReportFile.objects.select_related("report"), report__in=reports, report__number=number, format=format
    )


def run_to_read(request: HttpRequest, pk: int) -> Job:
    """The run of a report, or 404: it is for those who may start one."""
    if not may_run(request.user):
        raise Http404
    return get_object_or_404(Job.objects.select_related("owner"), kind=JOB, pk=pk)
