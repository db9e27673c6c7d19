"""An item's plan: milestones, and every move of a due date."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from brics_tracker.core.as_of import Standing
from brics_tracker.core.history import Records
from brics_tracker.core.models import Organisation, Timed, Versioned
from brics_tracker.core.partial_dates import PartialDateField

from ..hanging import chosen
from .items import TrackedItem


class Milestone(Timed, Versioned):
    """A step of an item's plan; counts for its percent once confirmed."""

    item = models.ForeignKey(TrackedItem, models.CASCADE, related_name="milestones", verbose_name=_("item"))
    title = models.CharField(_("title"), max_length=200)
    owner = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="owned_milestones", verbose_name=_("owner")
    )
    weight = models.PositiveSmallIntegerField(
        _("weight"), default=1, validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_("Its share of the whole relative to the others, 1 to 100."),
    )  # fmt: skip
    due = models.DateField(_("due"), null=True, blank=True)
    confirmed = models.BooleanField(
        _("confirmed"), default=False, help_text=_("Template steps don't count until confirmed.")
    )
    from_template = models.BooleanField(_("from a template"), default=False, editable=False)
    completed_on = PartialDateField(_("completed"), blank=True, editable=False)
    completed_by = models.ForeignKey(
        "tracking.Update", models.PROTECT, null=True, blank=True, related_name="completed_milestones", editable=False
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    dropped_at = models.DateTimeField(_("dropped"), null=True, blank=True, editable=False)
    history = Records()
    when_merged = (chosen("item"),)

    class Meta:
        verbose_name = _("milestone")
        verbose_name_plural = _("milestones")
        ordering = ["item", "position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(weight__gte=1, weight__lte=100), name="milestone_weight_1_to_100"
            ),
        ]
        indexes = [
            models.Index(fields=["due", "id"], name="milestone_due"),
            models.Index(fields=["updated_at", "id"], name="step_in_order_of_change"),
        ]

    def __str__(self) -> str:
        return self.title


class DueDateChange(models.Model):
    """One move of a milestone's due date, with its reason: the slip history."""

    as_of = Standing('"at" < {moment}', {"undone_at": 'CASE WHEN "undone_at" < {moment} THEN "undone_at" END'})

    milestone = models.ForeignKey(
        Milestone, models.CASCADE, related_name="due_date_changes", verbose_name=_("milestone")
    )
    old_due = models.DateField(_("was due"), null=True, blank=True)
    new_due = models.DateField(_("is due"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=500)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))
    update = models.ForeignKey(
        "tracking.Update",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="due_date_changes",
        verbose_name=_("update"),
    )
    undone_at = models.DateTimeField(
        _("undone"),
        null=True,
        blank=True,
        help_text=_("Set when the update that moved it was retracted, or the edit of many was undone."),
    )

    class Meta:
        verbose_name = _("due date change")
        verbose_name_plural = _("due date changes")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.milestone_id}: {self.old_due} → {self.new_due}"

    @property
    def days(self) -> int | None:
        """How many days later (negative: earlier); None where one of the dates is empty."""
        return (self.new_due - self.old_due).days if self.old_due and self.new_due else None

    @property
    def is_slip(self) -> bool:
        return self.undone_at is None and (self.days or 0) > 0
