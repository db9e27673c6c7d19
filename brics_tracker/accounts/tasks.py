"""Work done for accounts behind the scenes."""

from brics_tracker.core.jobs import Progress, job
from brics_tracker.core.models import Job

from . import mails
from .models import User


@job("accounts.send_mail")
def send_mail(job: Job, progress: Progress) -> None:
    """Mail a person unless the account was shut meanwhile."""
    user = User.objects.get(pk=job.arguments["user"])
    if user.is_active and not user.is_system:
        mails.send(user, job.arguments["purpose"])
