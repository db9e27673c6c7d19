"""Background work: enqueue(), the register of kinds, and how one worker at a time holds a job.

The Job row is the truth and the broker only a hint. A row is written in the caller's transaction and
its id is sent after the commit; what a broker loses, the sweep sends again; what a killed worker held,
the sweep gives to another. A worker holds a job by a lease, kept alive by a heartbeat, and may write
only while it still holds it.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from celery import current_app
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import Error as DatabaseError
from django.db import close_old_connections, connections, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from .choices import JobState
from .models import Job

if TYPE_CHECKING:
    from brics_tracker.accounts.models import User

log = logging.getLogger(__name__)

HEARTBEAT_EVERY = timedelta(seconds=5)
# Seven missed heartbeats. With a sweep every 15 s a lost worker's job runs again within a minute.
LOST_AFTER = timedelta(seconds=35)
RESEND_AFTER = timedelta(seconds=60)
RESEND_AT_MOST_AFTER = timedelta(minutes=5)
MAX_ATTEMPTS = 3
SWEEP_LIMIT = 500

Work = Callable[["Job", "Progress"], None]
_register: dict[str, Work] = {}


class Cancelled(Exception):
    """Raised inside a job when someone asked for its end."""


class LeaseLost(Exception):
    """Raised inside a job that another worker has taken over: it must write nothing more."""


def job(kind: str) -> Callable[[Work], Work]:
    """Register a function as the work of one kind of job: `@job("reports.make")`."""

    def remember(work: Work) -> Work:
        if _register.setdefault(kind, work) is not work:
            raise ValueError(f"two functions are registered for the job {kind!r}")
        return work

    return remember


def registered_kinds() -> frozenset[str]:
    """The names that enqueue() may be given."""
    return frozenset(_register)


# --- asking for work ------------------------------------------------------------------------------


def enqueue(kind: str, *, key: str, owner: User | None = None, arguments: dict[str, Any] | None = None) -> Job:
    """The job of this kind and natural key: made in the caller's transaction, sent once that is saved.

    Asking twice gives the same row, whatever its state: the effect of a key happens once. A failed or
    cancelled one is run again by retry_job().
    """
    row, made = Job.objects.get_or_create(kind=kind, key=key, defaults={"owner": owner, "arguments": arguments or {}})
    if made:
        _send_on_commit(row.pk)
    return row


def cancel_job(row: Job, by: User) -> Job:
    """End a waiting job at once, and ask a running one to stop (its next step or heartbeat sees it)."""
    _check_may_steer(row, by)
    reason = _("Cancelled by %(name)s.") % {"name": by}
    waiting = Job.objects.filter(pk=row.pk, state=JobState.WAITING)
    running = Job.objects.filter(pk=row.pk, state=JobState.RUNNING)
    now = timezone.now()
    ended = waiting.update(state=JobState.CANCELLED, reason=reason, finished_at=now, updated_at=now)
    if not ended and not running.update(cancel_asked=True, reason=reason, updated_at=now):
        raise ValidationError(_("This job has already ended."), code="ended")
    row.refresh_from_db()
    return row


def retry_job(row: Job, by: User) -> Job:
    """Run a failed or cancelled job again, with its old arguments."""
    _check_may_steer(row, by)
    ended = Job.objects.filter(pk=row.pk, state__in=[JobState.FAILED, JobState.CANCELLED])
    if not ended.update(**_fresh_start(), attempts=0, cancel_asked=False, reason="", finished_at=None):
        raise ValidationError(_("Only a failed or cancelled job can be run again."), code="not_ended")
    _send_on_commit(row.pk)
    row.refresh_from_db()
    return row


def _check_may_steer(row: Job, by: User) -> None:
    if row.owner_id != by.pk and not by.is_staff:
        raise PermissionDenied


def _fresh_start() -> dict[str, Any]:
    return {
        "state": JobState.WAITING,
        "lease": None,
        "heartbeat_at": None,
        "sent_at": None,
        "progress": 0,
        "step": "",
        "updated_at": timezone.now(),
    }


def _send_on_commit(pk: int) -> None:
    transaction.on_commit(partial(send, pk))


def send(pk: int) -> bool:
    """Tell the broker of a job. A broker that is down costs nothing but time: the sweep sends again."""
    try:
        current_app.tasks["core.run_job"].apply_async(
            args=(pk,), retry=False, expires=2 * RESEND_AT_MOST_AFTER.total_seconds()
        )
    except Exception as problem:  # noqa: BLE001 - kombu, redis and sockets each have their own family of errors
        log.warning("job %s not sent, the sweep will try again: %s", pk, problem)
        return False
    Job.objects.filter(pk=pk).update(sent_at=timezone.now())
    return True


# --- doing it -------------------------------------------------------------------------------------


class Progress:
    """What a job's function is given: it says how far it is, and learns that it should stop."""

    def __init__(self, row: Job) -> None:
        self.row = row
        self._stop = Event()
        self._noted: dict[str, Any] = {}

    @property
    def _held(self) -> QuerySet[Job]:
        return Job.objects.filter(pk=self.row.pk, lease=self.row.lease, state=JobState.RUNNING)

    def step(self, percent: int, text: str = "") -> None:
        """Show how far the job is; raises Cancelled or LeaseLost. Call it outside of transactions."""
        self.note(percent, text)
        now = timezone.now()
        if not self._held.update(**self._noted, heartbeat_at=now, updated_at=now):
            raise LeaseLost
        if self._held.filter(cancel_asked=True).exists():
            raise Cancelled

    def note(self, percent: int, text: str = "") -> None:
        """The same while rows are being read: costs no query, shows with the next heartbeat, raises nothing."""
        self._noted = {"progress": max(0, min(100, percent)), "step": text[:200]}

    def should_stop(self) -> bool:
        """True once the end was asked for or the lease is lost; costs no query (for loops and children)."""
        return self._stop.is_set()

    @contextmanager
    def completing(self) -> Iterator[None]:
        """The transaction in which a job writes its effect and is done: both are saved, or neither.

        The row is locked and the lease checked first, so that a worker that was given up for dead
        cannot write beside its successor.
        """
        with transaction.atomic():
            held = Job.objects.select_for_update().filter(pk=self.row.pk, lease=self.row.lease, state=JobState.RUNNING)
            found = held.first()
            if found is None:
                raise LeaseLost
            if found.cancel_asked:
                raise Cancelled
            yield
            _end(self.row, JobState.DONE, "")

    def beat(self) -> None:
        """One heartbeat: shows what was noted, learns whether the job should stop."""
        if (
            not self._held.update(**self._noted, heartbeat_at=timezone.now())
            or self._held.filter(cancel_asked=True).exists()
        ):
            self._stop.set()


@contextmanager
def _heart(progress: Progress) -> Iterator[None]:
    """Beats in a thread of its own while the work runs; a database that is away is tried again."""
    ended = Event()

    def beat() -> None:
        while not ended.wait(HEARTBEAT_EVERY.total_seconds()):
            try:
                close_old_connections()
                progress.beat()
            except DatabaseError as problem:
                log.warning("job %s: no heartbeat: %s", progress.row.pk, problem)
        connections.close_all()

    thread = Thread(target=beat, name=f"heart-of-job-{progress.row.pk}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(timeout=HEARTBEAT_EVERY.total_seconds())


def run(pk: int) -> None:
    """Claim a waiting job and do it. Whoever comes second, or too late, does nothing."""
    lease = uuid.uuid4()
    now = timezone.now()
    claimed = Job.objects.filter(pk=pk, state=JobState.WAITING).update(
        state=JobState.RUNNING, lease=lease, heartbeat_at=now, updated_at=now, attempts=F("attempts") + 1
    )
    if not claimed:
        return
    progress = Progress(Job.objects.select_related("owner").get(pk=pk))
    with _heart(progress):
        state, reason = _outcome(progress)
    if state is not None:
        _end(progress.row, state, reason)


def _outcome(progress: Progress) -> tuple[JobState | None, str]:
    """How the work ended; None where this worker has no say any more."""
    row = progress.row
    work = _register.get(row.kind)
    if work is None:
        return JobState.FAILED, _("This installation does not know the work “%(kind)s”.") % {"kind": row.kind}
    try:
        work(row, progress)
    except Cancelled:
        return JobState.CANCELLED, ""
    except LeaseLost:
        log.warning("job %s (%s): taken over by another worker", row.pk, row)
        return None, ""
    except ValidationError as refusal:
        return JobState.FAILED, " ".join(refusal.messages)
    except Exception as problem:
        log.exception("job %s (%s) failed", row.pk, row)
        return JobState.FAILED, f"{type(problem).__name__}: {problem}"[:500]
    return JobState.DONE, ""


def _end(row: Job, state: JobState, reason: str) -> None:
    now = timezone.now()
    values: dict[str, Any] = {"state": state, "finished_at": now, "updated_at": now}
    if state == JobState.DONE:
        values |= {"progress": 100, "cancel_asked": False, "reason": ""}
    elif reason:
        values["reason"] = reason
    Job.objects.filter(pk=row.pk, lease=row.lease, state=JobState.RUNNING).update(**values)


# --- putting right what was lost ------------------------------------------------------------------


def sweep(now: datetime | None = None) -> dict[str, int]:
    """Give lost jobs to another worker and send again what no worker has; returns how many of each."""
    now = now or timezone.now()
    reclaimed = sum(_reclaim(row) for row in _lost(now))
    sent = sum(send(row.pk) for row in _unsent(now))
    return {"reclaimed": reclaimed, "sent": sent}


def _lost(now: datetime) -> list[Job]:
    running = Job.objects.filter(state=JobState.RUNNING)
    return list(running.filter(heartbeat_at__lt=now - LOST_AFTER).order_by("pk")[:SWEEP_LIMIT])


def _reclaim(row: Job) -> int:
    """Compare-and-swap on lease and heartbeat: a worker that has just beaten keeps its job."""
    unchanged = Job.objects.filter(pk=row.pk, state=JobState.RUNNING, lease=row.lease, heartbeat_at=row.heartbeat_at)
    now = timezone.now()
    if row.cancel_asked:
        return unchanged.update(state=JobState.CANCELLED, finished_at=now, updated_at=now)
    if row.attempts >= MAX_ATTEMPTS:
        reason = _("Its worker was lost %(count)s times.") % {"count": row.attempts}
        return unchanged.update(state=JobState.FAILED, reason=reason, finished_at=now, updated_at=now)
    return unchanged.update(**_fresh_start())


def _unsent(now: datetime) -> list[Job]:
    """Waiting jobs that were never sent, or so long ago that the broker may have lost them.

    The pause before a resend grows with the job's age up to five minutes, so that a long queue is not
    made longer by copies.
    """
    waiting = Job.objects.filter(Q(sent_at=None) | Q(sent_at__lt=now - RESEND_AFTER), state=JobState.WAITING)
    rows = waiting.order_by("pk")[:SWEEP_LIMIT]
    return [row for row in rows if row.sent_at is None or now - row.sent_at > _resend_pause(row)]


def _resend_pause(row: Job) -> timedelta:
    age_when_sent = (row.sent_at or row.created_at) - row.created_at
    return min(max(RESEND_AFTER, age_when_sent), RESEND_AT_MOST_AFTER)
