"""Background work of the register."""

from brics_tracker.core.jobs import Progress, job
from brics_tracker.core.models import Job

from .services import duplicates


@job(duplicates.JOB)
def find_duplicates(row: Job, progress: Progress) -> None:
    """Look for pairs of items that may be one thing twice."""
    duplicates.find_duplicates(progress)
