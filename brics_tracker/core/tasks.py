"""The two tasks that the broker knows: run one job, and put right what was lost."""

from celery import shared_task

from . import jobs


@shared_task(name="core.run_job")
def run_job(job_id: int) -> None:
    """Do one job, if it still waits."""
    jobs.run(job_id)


@shared_task(name="core.sweep_jobs", expires=30)
def sweep_jobs() -> dict[str, int]:
    """Reclaim jobs of lost workers and send again what the broker lost."""
    return jobs.sweep()
