"""Entries of progress: updates, what they claim of milestones, why they were returned."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from brics_tracker.core.as_of import Standing
from brics_tracker.core.history import Records
from brics_tracker.core.models import Timed, Versioned
from brics_tracker.core.partial_dates import PartialDateField

from ..choices import ClaimKind, Proof, ReviewState
from ..hanging import moves
from ..querysets import UpdateQuerySet
from ..workflow import Status
from .items import TrackedItem
from .milestones import Milestone


class Update(Timed, Versioned):
    """What happened, when, and what it claims: the only way in which an item's status changes."""

    item = models.ForeignKey(TrackedItem, models.PROTECT, related_name="updates", verbose_name=_("item"))
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="updates", verbose_name=_("author"), editable=False
    )
    text = models.TextField(_("what happened"), max_length=20000, blank=True, help_text=_("Markdown."))
    text_html = models.TextField(editable=False, blank=True, help_text=_("The text, rendered and made safe."))
    happened = PartialDateField(_("when it happened"))
    status_claimed = models.CharField(_("new status"), max_length=15, choices=Status.choices, blank=True)
    reason = models.CharField(
        _("reason"), max_length=500, blank=True, help_text=_("Needed when the new status is a step back.")
    )
    percent_claimed = models.DecimalField(
        _("progress in percent"), max_digits=5, decimal_places=2, null=True, blank=True,
        help_text=_("0 to 100; only while no milestone of the plan is confirmed."),
    )  # fmt: skip
    no_change = models.BooleanField(_("no change this period"), default=False)
    wording_only = models.BooleanField(
        _("corrects wording only"), default=False, help_text=_("Does not count as a sign of life.")
    )
    corrects = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="corrections",
        verbose_name=_("corrects"),
        editable=False,
    )
    review_state = models.CharField(
        _("review"), max_length=10, choices=ReviewState.choices, default=ReviewState.DRAFT, editable=False
    )
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True, editable=False)
    published_at = models.DateTimeField(_("published"), null=True, blank=True, editable=False)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    evidence_checked = models.BooleanField(_("evidence checked by the reviewer"), default=False, editable=False)
    retracted_at = models.DateTimeField(_("retracted"), null=True, blank=True, editable=False)
    retracted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    retraction_reason = models.CharField(_("reason of retraction"), max_length=500, blank=True, editable=False)

    objects = UpdateQuerySet.as_manager()
    history = Records()
    when_merged = (moves("item"),)

    class Meta:
        verbose_name = _("update")
        verbose_name_plural = _("updates")
        ordering = ["-happened", "-published_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(percent_claimed__isnull=True)
                | models.Q(percent_claimed__gte=0, percent_claimed__lte=100),
                name="update_percent_0_to_100",
            ),
            models.CheckConstraint(
                condition=models.Q(no_change=False) | models.Q(status_claimed="", percent_claimed__isnull=True),
                name="no_change_claims_nothing",
            ),
        ]
        indexes = [
            models.Index(fields=["item", "review_state", "happened", "published_at"], name="update_replay"),
            models.Index(fields=["review_state", "-published_at"], name="update_newest"),
            models.Index(fields=["review_state", "submitted_at"], name="update_review"),
            models.Index(fields=["updated_at", "id"], name="update_in_order_of_change"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.happened}"

    def get_absolute_url(self) -> str:
        return f"{self.item.get_absolute_url()}#update-{self.pk}"

    @property
    def is_editable(self) -> bool:
        """Its author may still change it: not yet handed in, or handed back."""
        return self.review_state in {ReviewState.DRAFT, ReviewState.RETURNED}

    @property
    def is_substantive(self) -> bool:
        return not self.no_change and not self.wording_only

    def proof_with(self, sources: int) -> str:
        """claimed: no evidence; documented: evidence; verified: evidence, and a reviewer marked it checked."""
        if not sources:
            return Proof.CLAIMED
        return Proof.VERIFIED if self.evidence_checked else Proof.DOCUMENTED


class MilestoneClaim(models.Model):
    """An update says that a milestone was completed, or moves its due date; applied when it is published."""

    update = models.ForeignKey(Update, models.CASCADE, related_name="milestone_claims", verbose_name=_("update"))
    milestone = models.ForeignKey(Milestone, models.PROTECT, related_name="claims", verbose_name=_("milestone"))
    kind = models.CharField(_("kind"), max_length=10, choices=ClaimKind.choices)
    new_due = models.DateField(_("new due date"), null=True, blank=True)
    reason = models.CharField(_("reason of the move"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("milestone claim")
        verbose_name_plural = _("milestone claims")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["update", "milestone"], name="one_claim_per_milestone"),
            models.CheckConstraint(
                condition=models.Q(kind="completed", new_due__isnull=True)
                | models.Q(kind="moved", new_due__isnull=False) & ~models.Q(reason=""),
                name="a_move_has_date_and_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.update_id}: {self.milestone_id} {self.kind}"


class ReviewReturn(models.Model):
    """One handing back, of an update or of an item itself (update empty); every reason is kept."""

    as_of = Standing('"at" < {moment}')
    when_merged = (moves("item", only={"update__isnull": False}),)

    item = models.ForeignKey(TrackedItem, models.CASCADE, related_name="returns", verbose_name=_("item"))
    update = models.ForeignKey(
        Update, models.CASCADE, null=True, blank=True, related_name="returns", verbose_name=_("update")
    )
    reason = models.TextField(_("reason"), max_length=2000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("return")
        verbose_name_plural = _("returns")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.item_id} {self.at:%Y-%m-%d}"
