"""Edits of many items at once: what was asked, what became of each item, and what it takes to undo it."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from ..choices import Outcome
from ..hanging import kept
from .items import TrackedItem


class BulkEdit(models.Model):
    """One edit of many items by one person; undone as a whole by another one that names it."""

    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="bulk_edits", verbose_name=_("by"), editable=False
    )
    at = models.DateTimeField(_("at"), auto_now_add=True)
    words = models.JSONField(_("what was asked"), default=list, help_text=_("A list of lines, as they were shown."))
    undoes = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="undone_by", verbose_name=_("undoes")
    )

    class Meta:
        verbose_name = _("edit of many")
        verbose_name_plural = _("edits of many")
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.pk}: {self.at:%Y-%m-%d %H:%M}"


class BulkEditRow(models.Model):
    """What became of one item."""

    when_merged = (kept("item"),)

    edit = models.ForeignKey(BulkEdit, models.CASCADE, related_name="rows", verbose_name=_("edit of many"))
    item = models.ForeignKey(TrackedItem, models.PROTECT, related_name="+", verbose_name=_("item"))
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome.choices)
    words = models.JSONField(
        _("what changed"), default=list, help_text=_("Field, before, after, in words; or why it was refused.")
    )
    before = models.JSONField(_("values before"), default=dict, help_text=_("By field, to undo it; links as ids."))
    version = models.PositiveIntegerField(_("version after"), default=0)

    class Meta:
        verbose_name = _("row of an edit of many")
        verbose_name_plural = _("rows of an edit of many")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["edit", "item"], name="one_row_per_item_and_edit")]

    def __str__(self) -> str:
        return f"{self.edit_id} {self.item_id} {self.outcome}"

    @property
    def told(self) -> str:
        """The outcome in words."""
        return self.get_outcome_display()

    @property
    def changes(self) -> list[list[str]]:
        """Field, before and after of each change, in words."""
        return self.words if self.outcome == Outcome.CHANGED else []

    @property
    def refusal(self) -> str:
        """Why it was left alone; "" where there was nothing to do."""
        return "" if self.outcome == Outcome.CHANGED else " ".join(self.words)
