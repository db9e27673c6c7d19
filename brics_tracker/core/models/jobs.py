"""Background work as rows: the row is the truth, the broker only a hint."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from ..choices import JobState
from .base import Timed


class Job(Timed):
    """One piece of background work; unique by kind and natural key, so its effect happens once."""

    kind = models.CharField(_("kind"), max_length=60, help_text=_("The name of the registered work."))
    key = models.CharField(_("natural key"), max_length=200)
    arguments = models.JSONField(_("arguments"), default=dict, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("owner")
    )
    state = models.CharField(_("state"), max_length=10, choices=JobState.choices, default=JobState.WAITING)
    progress = models.PositiveSmallIntegerField(_("progress"), default=0, help_text=_("Percent, 0 to 100."))
    step = models.CharField(_("step"), max_length=200, blank=True)
    reason = models.TextField(_("reason"), blank=True, help_text=_("Why it failed or was cancelled."))
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    cancel_asked = models.BooleanField(_("cancel asked"), default=False)
    lease = models.UUIDField(_("lease"), null=True, blank=True, help_text=_("Which worker holds it."))
    heartbeat_at = models.DateTimeField(_("last heartbeat"), null=True, blank=True)
    sent_at = models.DateTimeField(_("last sent"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "key"], name="one_job_per_key"),
            models.CheckConstraint(condition=models.Q(progress__lte=100), name="job_progress_to_100"),
        ]
        indexes = [models.Index(fields=["state", "heartbeat_at"], name="job_state_heartbeat")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"

    @property
    def is_open(self) -> bool:
        return self.state in {JobState.WAITING, JobState.RUNNING}
