"""The tasks that the broker knows: run one job, put right what was lost, send mails, seal what is on record."""

from celery import shared_task

from . import deliveries, jobs
from .audit.seals import seal_trail as seal_what_is_settled
from .models import Job


@shared_task(name="core.run_job")
def run_job(job_id: int) -> None:
    """Do one job, if it still waits."""
    jobs.run(job_id)


@shared_task(name="core.sweep_jobs", expires=30)
def sweep_jobs() -> dict[str, int]:
    """Reclaim jobs of lost workers and send again what the broker lost."""
    return jobs.sweep()


@shared_task(name="core.seal_trail", expires=50)
def seal_trail() -> int:
    """Seal what was added to the audit trail. Killed midway it has sealed nothing, and the next tick does."""
    return seal_what_is_settled()


@jobs.job(deliveries.JOB)
def deliver(row: Job, progress: jobs.Progress) -> None:
    """One attempt at one mail."""
    deliveries.deliver(row, progress)


@shared_task(name="core.send_due", expires=30)
def send_due() -> int:
    """Give the mails that wait to the workers."""
    return deliveries.send_due()
