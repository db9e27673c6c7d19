"""Many that freeze the same report at one moment, in threads with connections of their own.

Runs in a process of an installation (see test_reports.py): what it measures is the real database.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from unittest.mock import patch

from django.db import IntegrityError, connections

from reports import services
from reports.models import Report, ReportCounter, ReportDefinition
from reports.periods import period_containing

WEEK = period_containing("week", dt.date(2026, 6, 17))


def define(key: str) -> ReportDefinition:
    values = {"title": key, "period": "week", "starts_on": WEEK.start, "active": False}
    return ReportDefinition.objects.get_or_create(key=key, defaults=values)[0]


def freeze_together(key: str, *, number: int, defence: str = "both") -> dict[str, Any]:
    """Freeze one period in threads that meet between reading and writing.

    defence: "both" (the look under the lock, and the constraint), "constraint" (the look is left out), "none"
    (nobody looks, so that what the constraint refuses is seen as an error).
    """
    definition = define(key)
    looks = threading.local()
    find = services.find_report

    def find_less(*args: Any, **options: Any) -> Report | None:
        looks.number = getattr(looks, "number", 0) + 1
        blind = defence == "none" or (defence == "constraint" and looks.number == 2)
        return None if blind else find(*args, **options)

    with patch.object(services, "find_report", find_less), _meeting(number):
        given, raised = in_threads([lambda: services.freeze_report(definition, WEEK).number] * number)
    return {
        "given": sorted(given),
        "refused": [isinstance(problem, IntegrityError) for problem in raised],
        "reports": Report.objects.filter(definition=definition).count(),
    }


def number_together(keys: list[str]) -> list[str]:
    """Freeze reports of several definitions for the same week at once: each takes a number."""
    definitions = [define(key) for key in keys]
    with _meeting(len(keys)):
        given, raised = in_threads([partial(_number_of, each) for each in definitions])
    return sorted([*given, *map(repr, raised)])


def _number_of(definition: ReportDefinition) -> str:
    return services.freeze_report(definition, WEEK).number


def schedule_together(number: int) -> dict[str, int]:
    """As many schedulers as said look for what is due at the same moment."""
    definition = define("scheduled")
    ReportDefinition.objects.filter(pk=definition.pk).update(active=True)
    now = WEEK.cut_off + dt.timedelta(hours=12)
    barrier = threading.Barrier(number)

    def tick() -> list[int]:
        barrier.wait(timeout=20)
        return [job.pk for job in services.enqueue_due(now)]

    with patch("brics_tracker.core.jobs.send"):
        given, raised = in_threads([tick] * number)
    ReportDefinition.objects.filter(pk=definition.pk).update(active=False)
    return {"looked": len(given), "jobs": len({pk for pks in given for pk in pks}), "errors": len(raised)}


def write_while_reading() -> list[int]:
    """While a report reads, someone writes: what the reader counts before and after, and what is there at last."""
    counts = []
    with services._one_moment():
        counts.append(ReportCounter.objects.count())
        _given, raised = in_threads([lambda: ReportCounter.objects.create(label="meanwhile")])
        counts.append(ReportCounter.objects.count())
    return [*counts, ReportCounter.objects.count(), len(raised)]


def in_threads(acts: list[Callable[[], Any]]) -> tuple[list[Any], list[BaseException]]:
    """Do each in a thread; what they gave, and what they raised."""
    given: list[Any] = []
    raised: list[BaseException] = []

    def work(act: Callable[[], Any]) -> None:
        try:
            given.append(act())
        except Exception as problem:  # noqa: BLE001 - the test looks at whatever it was
            raised.append(problem)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=40)
    return given, raised


@contextmanager
def _meeting(number: int) -> Iterator[None]:
    barrier = threading.Barrier(number)
    build = services._build

    def build_and_meet(*args: Any, **options: Any) -> Any:
        built = build(*args, **options)
        barrier.wait(timeout=20)
        return built

    with patch.object(services, "_build", build_and_meet):
        yield
