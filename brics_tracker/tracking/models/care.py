"""Care of the register: items merged and split, pairs that may be one thing twice, pairs that are not."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from brics_tracker.core.as_of import Standing
from brics_tracker.core.history import Records
from brics_tracker.core.models import Timed

from ..hanging import kept, recomputed
from .items import TrackedItem


class ItemMerge(models.Model):
    """One item taken into another: by whom, why, which values were chosen and what went over. Never changed."""

    as_of = Standing('"at" < {moment}')
    when_merged = (kept("merged"), kept("into"))

    merged = models.OneToOneField(
        TrackedItem, models.PROTECT, related_name="merge", verbose_name=_("merged"), editable=False
    )
    into = models.ForeignKey(
        TrackedItem, models.PROTECT, related_name="merges", verbose_name=_("merged into"), editable=False
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"), editable=False
    )
    at = models.DateTimeField(_("at"), editable=False)
    reason = models.CharField(_("reason"), max_length=500, editable=False)
    words = models.JSONField(
        _("values taken over"), default=list, editable=False, help_text=_("Field, before and after, in words.")
    )
    moved = models.JSONField(
        _("what went over"), default=dict, editable=False, help_text=_("Keys of rows, by the name of their model.")
    )

    class Meta:
        verbose_name = _("merge")
        verbose_name_plural = _("merges")
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.merged_id} → {self.into_id}"


class ItemSplit(models.Model):
    """One item split into several: by whom, why, what each part got. Never changed."""

    as_of = Standing('"at" < {moment}')
    when_merged = (kept("origin"),)

    origin = models.ForeignKey(
        TrackedItem, models.PROTECT, related_name="splits", verbose_name=_("split"), editable=False
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"), editable=False
    )
    at = models.DateTimeField(_("at"), editable=False)
    reason = models.CharField(_("reason"), max_length=500, editable=False)
    parts = models.JSONField(
        _("parts"), default=list, editable=False,
        help_text=_("One object for each part: its reference, and keys of the rows that it got, by the name of their model."),
    )  # fmt: skip

    class Meta:
        verbose_name = _("split")
        verbose_name_plural = _("splits")
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.origin_id} → {len(self.parts)}"


class PairOfItems(models.Model):
    """Two items, the one with the lower key first."""

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.first_id} ~ {self.second_id}"  # type: ignore[attr-defined]


class LikelyDuplicate(PairOfItems):
    """Two published items of one kind that may be the same thing; found anew by each search for duplicates."""

    as_of = Standing("1 = 0")  # of the present alone
    when_merged = (recomputed("first"), recomputed("second"))

    first = models.ForeignKey(TrackedItem, models.CASCADE, related_name="+", verbose_name=_("first item"))
    second = models.ForeignKey(TrackedItem, models.CASCADE, related_name="+", verbose_name=_("second item"))
    score = models.PositiveSmallIntegerField(
        _("likeness"), validators=[MaxValueValidator(100)], help_text=_("0 to 100.")
    )
    reasons = models.JSONField(
        _("reasons"), default=dict, help_text=_("By name: likeness of titles and words, 0 to 100; shared words, paragraphs, themes.")
    )  # fmt: skip

    class Meta:
        verbose_name = _("likely duplicate")
        verbose_name_plural = _("likely duplicates")
        ordering = ["-score", "first", "second"]
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="one_likely_duplicate_per_pair"),
            models.CheckConstraint(condition=models.Q(first__lt=models.F("second")), name="likely_pair_in_order"),
            models.CheckConstraint(condition=models.Q(score__lte=100), name="likeness_to_100"),
        ]
        indexes = [models.Index(fields=["-score", "first", "second"], name="likely_by_score")]


class DistinctPair(PairOfItems, Timed):
    """Someone said that two items are not the same thing; taken back, it stays in the history."""

    when_merged = (kept("first"), kept("second"))

    first = models.ForeignKey(TrackedItem, models.CASCADE, related_name="+", verbose_name=_("first item"))
    second = models.ForeignKey(TrackedItem, models.CASCADE, related_name="+", verbose_name=_("second item"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"), editable=False
    )
    note = models.CharField(_("note"), max_length=300, blank=True)
    history = Records()

    class Meta:
        verbose_name = _("pair that is no duplicate")
        verbose_name_plural = _("pairs that are no duplicates")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="one_distinct_pair"),
            models.CheckConstraint(condition=models.Q(first__lt=models.F("second")), name="distinct_pair_in_order"),
        ]
