"""Reviews of many updates and new items at once: what was decided, and what became of each."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from ..choices import Judgement, Outcome
from ..hanging import kept
from .items import TrackedItem
from .updates import Update


class BulkReview(models.Model):
    """One decision of one reviewer on several things that were handed in."""

    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="bulk_reviews", verbose_name=_("by"), editable=False
    )
    at = models.DateTimeField(_("at"), auto_now_add=True)
    act = models.CharField(_("decision"), max_length=10, choices=Judgement.choices)
    reason = models.CharField(_("reason"), max_length=500, blank=True, help_text=_("Of handing back; else empty."))

    class Meta:
        verbose_name = _("review of many")
        verbose_name_plural = _("reviews of many")
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.pk}: {self.act} {self.at:%Y-%m-%d %H:%M}"


class BulkReviewRow(models.Model):
    """What became of one update, or (where `update` is empty) of one new item."""

    when_merged = (kept("item"),)

    review = models.ForeignKey(BulkReview, models.CASCADE, related_name="rows", verbose_name=_("review of many"))
    item = models.ForeignKey(TrackedItem, models.PROTECT, related_name="+", verbose_name=_("item"))
    update = models.ForeignKey(
        Update, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("update")
    )
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome.choices)
    words = models.JSONField(
        _("what changed"), default=list, help_text=_("Field, before, after, in words; or why it was refused.")
    )

    class Meta:
        verbose_name = _("row of a review of many")
        verbose_name_plural = _("rows of a review of many")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.review_id} {self.item_id} {self.outcome}"

    @property
    def told(self) -> str:
        """The outcome in words."""
        return str(Judgement(self.review.act).label) if self.outcome == Outcome.CHANGED else self.get_outcome_display()

    @property
    def changes(self) -> list[list[str]]:
        """Field, before and after of each change, in words."""
        return self.words if self.outcome == Outcome.CHANGED else []

    @property
    def refusal(self) -> str:
        """Why it was left alone; "" where it was not."""
        return "" if self.outcome == Outcome.CHANGED else " ".join(self.words)
