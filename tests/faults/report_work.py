"""For workers of the fault tests: holds the making of a report where a file in DATA_DIR says so.

The worker imports it, so that it can be killed at a chosen moment; the product knows nothing of it.
"""

import datetime as dt
import os
import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from django.utils import timezone

from brics_tracker.core.jobs import Progress, job
from brics_tracker.core.models import Job
from reports import services
from reports.models import ReportDefinition, ReportFile, Snapshot
from reports.periods import period_containing
from reports.renderers import pdf

POINTS = ("reading", "freezing", "drawing", "keeping")


def hold(point: str) -> None:
    """Leave a trace, and stay here while the file hold-<point> is there."""
    folder = Path(os.environ["DATA_DIR"])
    with (folder / f"reached-{point}").open("a") as trace:
        trace.write("reached\n")
    while (folder / f"hold-{point}").exists():
        time.sleep(0.05)


def _held(point: str, work: Callable[..., Any], *, after: bool = False) -> Callable[..., Any]:
    @wraps(work)
    def held(*args: Any, **options: Any) -> Any:
        if not after:
            hold(point)
        result = work(*args, **options)
        if after:
            hold(point)
        return result

    return held


services._build = _held("reading", services._build)
# Inside the transaction: report and number are written, the snapshot is not, nothing is committed.
Snapshot.objects.create = _held("freezing", Snapshot.objects.create)  # type: ignore[method-assign]
# The report is frozen, its PDF is not drawn.
pdf.draw = _held("drawing", pdf.draw)
# The file is on the disk, its row is not saved.
ReportFile.save = _held("keeping", ReportFile.save)  # type: ignore[method-assign]


@job("tests.careless_report")
def careless_report(row: Job, progress: Progress) -> None:
    """The control: a report without a natural key, made before the job is done."""
    definition = ReportDefinition.objects.get(key=row.arguments["definition"])
    span = period_containing(definition.period, dt.date.fromisoformat(row.arguments["day"]))
    services.freeze_report(definition, span, extra=True, cut_off=timezone.now())
    hold("careless")
