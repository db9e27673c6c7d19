"""Jobs for the fault tests: each leaves a trace in DATA_DIR when it begins, and one row as its effect."""

import os
import time
from pathlib import Path

from django.core.mail import EmailMessage

from brics_tracker.accounts.models import User
from brics_tracker.core.jobs import Progress, job
from brics_tracker.core.models import CatalogueEntry, Job


def _begin(row: Job) -> None:
    with Path(os.environ["DATA_DIR"], f"begun-{row.key}").open("a") as trace:
        trace.write("begun\n")


def _hold(row: Job) -> None:
    """Stay here until the test removes the file "hold": the moment in which it kills."""
    while Path(os.environ["DATA_DIR"], "hold").exists():
        time.sleep(0.05)


def _effect(row: Job) -> None:
    number = CatalogueEntry.objects.filter(noun=row.key).count()
    CatalogueEntry.objects.create(noun=row.key, key=f"effect-{number}", object_pk=str(row.attempts))


@job("tests.fenced")
def fenced(row: Job, progress: Progress) -> None:
    """Effect and done in one commit; held in the middle of the transaction."""
    _begin(row)
    progress.step(50, "writing")
    with progress.completing():
        _effect(row)
        _hold(row)


@job("tests.careless")
def careless(row: Job, progress: Progress) -> None:
    """The control: its effect is saved before it is done, so that a kill in between makes it twice."""
    _begin(row)
    _effect(row)
    _hold(row)


@job("tests.slow")
def slow(row: Job, progress: Progress) -> None:
    """Does nothing for a while before its effect."""
    _begin(row)
    _hold(row)
    with progress.completing():
        _effect(row)


@job("tests.careless_mails")
def careless_mails(row: Job, progress: Progress) -> None:
    """The control: one job mails everyone and remembers nothing of whom it has mailed."""
    for user in User.objects.filter(is_system=False).order_by("pk"):
        EmailMessage("Notices", "Something happened.", to=[user.email]).send()
