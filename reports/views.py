"""Pages of reports: the list with what comes next, one report, its files, and a run on its way."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from brics_tracker.accounts.decorators import for_readers
from brics_tracker.accounts.models import User
from brics_tracker.accounts.saved_views.listing import KeptListView
from brics_tracker.core import jobs
from brics_tracker.core.as_of import in_time
from brics_tracker.core.audit import record_fetch
from brics_tracker.core.cells import read_cells
from brics_tracker.core.choices import Act, JobState
from brics_tracker.core.clock import today
from brics_tracker.core.export import Column
from brics_tracker.core.htmx import page_or_fragment, redirect_page, wants_fragment
from brics_tracker.core.models import Job
from brics_tracker.core.rows import Row

from . import access, selectors, services
from .columns import report_columns
from .filters import ReportFilterSet
from .forms import RunForm
from .models import Report
from .renderers import data, html, words

SANDBOX = "sandbox; default-src 'none'"


@method_decorator(for_readers, name="dispatch")
class ReportListView(KeptListView):
    """Frozen reports, newest first; above them what is made next, and what is being made."""

    filterset_class = ReportFilterSet
    page_template = "reports/report_list.html"
    results_template = "reports/_report_results.html"
    export_name = "reports"
    export_title = gettext_lazy("Reports")
    sortable = {"number": ["number"], "period": ["period_start"], "frozen": ["frozen_at"]}
    usual_order = ("-frozen_at", "-pk")

    always_shown = ("number",)
    usually_shown = ("number", "title", "period", "cut_off", "frozen_at", "files")

    def get_queryset(self) -> QuerySet[Report]:
        return Report.objects.visible_to(self.request.user)

    def get_columns(self) -> list[Column]:
        return report_columns(self.request.build_absolute_uri(reverse("reports:list")))

    def read_rows(self, rows: QuerySet[Report]) -> list[Row]:
        return read_cells(rows, self.choice.shown)

    def get_context(self, **context: Any) -> dict[str, Any]:
        may_run = access.may_run(self.request.user)
        definitions = selectors.definitions_for_page()
        return {
            **super().get_context(**context),
            "definitions": [
                (row, RunForm(initial={"definition": row.definition.key}, auto_id=f"{row.definition.key}-%s"))
                for row in definitions
            ],
            "may_run": may_run,
            "runs": selectors.titles_of_runs(selectors.runs_for_page()) if may_run else [],
        }


@require_GET
@for_readers
@in_time
def report_latest(request: HttpRequest) -> HttpResponse:
    """The last report in a few lines, for a slot of another page; asked for as a page, the way to the report itself."""
    report = selectors.latest_report(request.user)
    response: HttpResponse
    if wants_fragment(request):
        response = render(request, "reports/_latest.html", _latest_context(report))
    else:
        response = redirect(report or "reports:list")
    patch_vary_headers(response, ("HX-Request",))
    return response


def _latest_context(report: Report | None) -> dict[str, Any]:
    if report is None:
        return {"report": None}
    gist = selectors.gist_of(report)
    return {
        "report": report,
        "head": gist.head,
        "lede": words.lede({"head": gist.head, "totals": gist.totals}),
        "since": gist.since,
        "changes_url": _changes_since(report, gist.head["themes"]),
    }


def _changes_since(report: Report, themes: list[str]) -> str:
    """The page that compares the last day of the report with today; "" where that is one day."""
    day = timezone.localdate(report.cut_off - dt.timedelta.resolution)
    if day >= today():
        return ""
    query = {"since": day.isoformat(), "until": today().isoformat()} | (
        {"theme": themes[0]} if len(themes) == 1 else {}
    )
    return f"{reverse('tracking:changes')}?{urlencode(query)}"


@require_GET
@for_readers
def report_detail(request: HttpRequest, number: str) -> HttpResponse:
    """One report, drawn from its snapshot."""
    report = access.report_to_read(request, number)
    earlier, later = selectors.neighbours_of(report)
    context = {
        "report": report,
        "pdf": next((file for file in report.files.all() if file.format == "pdf"), None),
        "may_run": access.may_run(request.user),
        "earlier": earlier,
        "later": later,
        **html.context_of(report.snapshot.tables),
    }
    return render(request, "reports/report_detail.html", context)


@require_GET
@for_readers
def report_file(request: HttpRequest, number: str, format: str) -> HttpResponseBase:
    """A report as a file: always saved, never opened in the site's own name; the right is asked at every click."""
    if format in {"csv", "json"}:
        report = access.report_to_read(request, number)
        tables = report.snapshot.tables
        response = _csv(tables) if format == "csv" else HttpResponse(data.canonical(tables), "application/json")
    else:
        kept = access.file_to_read(request, number, format)
        report = kept.report
        try:
            opened = kept.file.open("rb")
        except FileNotFoundError as problem:
            raise Http404 from problem
        response = FileResponse(opened, content_type="application/pdf")
        response["Content-Length"] = str(kept.size)
    response["Content-Disposition"] = f'attachment; filename="report-{number}.{format}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = SANDBOX
    record_fetch(request, Act.REPORT_FETCHED, thing=report, reference=number, words=f"report-{number}.{format}")
    return response


def _csv(tables: dict[str, Any]) -> StreamingHttpResponse:
    return StreamingHttpResponse(data.csv(tables), content_type="text/csv; charset=utf-8")


@require_POST
@login_required
def report_run(request: HttpRequest) -> HttpResponse:
    """Start an extra report and show how it goes; the same form sent twice shows the same run."""
    if not access.may_run(request.user):
        raise PermissionDenied
    form = RunForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("This report could not be started. Open the page again and retry."))
        return redirect("reports:list")
    run = services.run_now(
        form.cleaned_data["definition"], by=cast(User, request.user), form_key=form.cleaned_data["form_key"]
    )
    return redirect("reports:run-detail", run.pk)


@require_GET
@login_required
def run_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """How far a run is; a part of the page asks again while it is on its way."""
    run = access.run_to_read(request, pk)
    context = {
        "run": run,
        "title": selectors.titles_of_runs([run])[0][1],
        "is_open": run.state in {JobState.WAITING, JobState.RUNNING},
        "report": selectors.report_of_run(run),
        "may_steer": access.may_steer(request.user, run),
    }
    return page_or_fragment(request, "reports/run_detail.html", "reports/_run.html", context)


@require_POST
@login_required
def run_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    return _steer(request, pk, jobs.cancel_job)


@require_POST
@login_required
def run_retry(request: HttpRequest, pk: int) -> HttpResponse:
    return _steer(request, pk, jobs.retry_job)


def _steer(request: HttpRequest, pk: int, act: Callable[[Job, User], Job]) -> HttpResponse:
    run = access.run_to_read(request, pk)
    if not access.may_steer(request.user, run):
        raise PermissionDenied
    try:
        act(run, cast(User, request.user))
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    return redirect_page(request, reverse("reports:run-detail", args=[pk]))
