"""Deliveries: one sending to one recipient, as a row that outlives whoever sends it."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..choices import DeliveryState
from .base import Timed


class Delivery(Timed):
    """One mail to one person: unique by kind, natural key and recipient, so that it is made once.

    Its Message-ID is fixed before the first attempt. A server that had accepted it when the worker died gets it again
    under the same one, by which it is known for the same mail.
    """

    kind = models.CharField(_("kind"), max_length=60, help_text=_("The name of what composes it."))
    key = models.CharField(_("natural key"), max_length=120)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="deliveries", verbose_name=_("recipient")
    )
    state = models.CharField(
        _("state"), max_length=10, choices=DeliveryState.choices, default=DeliveryState.WAITING
    )  # fmt: skip
    attempts = models.PositiveSmallIntegerField(_("attempts that failed"), default=0)
    message_id = models.CharField(_("Message-ID"), max_length=200)
    next_at = models.DateTimeField(_("next attempt"), default=timezone.now)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    reason = models.TextField(_("reason"), blank=True, help_text=_("Why the last attempt failed."))

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "key", "recipient"], name="one_delivery_per_key"),
            models.CheckConstraint(
                condition=~models.Q(state="sent") | models.Q(sent_at__isnull=False),
                name="a_sent_delivery_has_its_moment",
            ),
        ]
        indexes = [models.Index(fields=["state", "next_at"], name="delivery_state_next")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key} → {self.recipient_id}"
