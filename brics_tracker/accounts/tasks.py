"""Work done for accounts behind the scenes."""

from celery import shared_task

from brics_tracker.core.jobs import Progress, job
from brics_tracker.core.models import Job

from . import exports, mails
from .drafts import files
from .models import User
from .notices import mails as notice_mails
from .notices import services as notices
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


@shared_task(name="accounts.expire_kept_files", expires=600)
def expire_kept_files() -> int:
    """Delete the files of forms that nobody came back for, and of those that were saved."""
    return files.expire_files()


@shared_task(name="accounts.clear_sessions", expires=600)
def clear_sessions() -> None:
    """Remove the sessions that have run out: nobody is signed in by them, and visitors leave some behind."""
    SessionStore.clear_expired()


@job(notices.JOB)
def tell_now(row: Job, progress: Progress) -> None:
    """Look at once with one finder, and mail what cannot wait."""
    notices.find(row.arguments["finder"])
    notice_mails.plan_mails()


@shared_task(name="accounts.find_notices", expires=60)
def find_notices() -> int:
    """Tell people what was recorded since the last time."""
    return notices.find_all()


@shared_task(name="accounts.plan_mails", expires=60)
def plan_mails() -> int:
    """Put notices into mails: at once, or at each person's hour."""
    return notice_mails.plan_mails()
