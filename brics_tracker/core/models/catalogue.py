"""What the catalogue last wrote, and what was already made for a repeated request."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .base import Timed


class CatalogueEntry(Timed):
    """One row of fixtures/ as last loaded: tells what people have edited since, so that it is left alone."""

    noun = models.CharField(_("noun"), max_length=30)
    key = models.CharField(_("key"), max_length=120)
    object_pk = models.CharField(_("row"), max_length=40)
    loaded = models.JSONField(_("as loaded"), default=dict)

    class Meta:
        verbose_name = _("catalogue entry")
        verbose_name_plural = _("catalogue entries")
        constraints = [models.UniqueConstraint(fields=["noun", "key"], name="one_entry_per_catalogue_key")]

    def __str__(self) -> str:
        return f"{self.noun} {self.key}"


class IdempotencyKey(models.Model):
    """Remembers what a request made, so that sending it again leads to the same thing and makes nothing new."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.UUIDField()
    made = models.CharField(max_length=80, help_text="model label and primary key, as in tracking.update:17")
    told = models.CharField(max_length=64, blank=True, help_text="digest of what a program asked; empty for forms")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="one_answer_per_request")]

    def __str__(self) -> str:
        return f"{self.key} -> {self.made}"
