"""Proposal: a recommendation, a commitment, a goal, or the founding of a mechanism."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from brics_tracker.core.history import Records
from brics_tracker.tracking.hanging import kept
from brics_tracker.tracking.models import TrackedItem

from .choices import ProposalKind
from .querysets import ProposalQuerySet


class Proposal(models.Model):
    """What one tracked item of sort proposal has of its own."""

    item = models.OneToOneField(TrackedItem, models.CASCADE, primary_key=True, related_name="proposal")
    kind = models.CharField(_("kind"), max_length=15, choices=ProposalKind.choices, default=ProposalKind.RECOMMENDATION)

    objects = ProposalQuerySet.as_manager()
    history = Records()
    when_merged = (kept("item"),)

    class Meta:
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        indexes = [models.Index(fields=["kind"], name="proposal_kind")]

    def __str__(self) -> str:
        return str(self.item)

    def get_absolute_url(self) -> str:
        return self.item.get_absolute_url()
