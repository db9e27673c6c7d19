"""Work done for accounts behind the scenes."""

from celery import shared_task

from brics_tracker.core.jobs import Progress, job
from brics_tracker.core.models import Job

from . import exports, mails
from .models import User
from .sessions.store import SessionStore


@job("accounts.send_mail")
def send_mail(job: Job, progress: Progress) -> None:
    """Mail a person unless the account was shut meanwhile."""
    user = User.objects.get(pk=job.arguments["user"])
    if user.is_active and not user.is_system:
        mails.send(user, job.arguments["purpose"])


@job(exports.JOB)
def make_export(row: Job, progress: Progress) -> None:
    """Make a list into a file for whoever asked."""
    exports.make_export(row, progress)


@shared_task(name="accounts.expire_exports", expires=300)
def expire_exports() -> int:
    """Delete the files of exports whose time is over."""
    return exports.expire_exports()


@shared_task(name="accounts.clear_sessions", expires=600)
def clear_sessions() -> None:
    """Remove the sessions that have run out: nobody is signed in by them, and visitors leave some behind."""
    SessionStore.clear_expired()
