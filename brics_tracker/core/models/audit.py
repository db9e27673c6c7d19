"""The audit trail beside the histories: what was fetched, who signed in, and the seals over all of it. Rows are only added."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..choices import Act


class AuditEvent(models.Model):
    """Something that changed no row and yet belongs on record: a file that was fetched, a signing in."""

    at = models.DateTimeField(_("when"), default=timezone.now, db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("who")
    )
    act = models.CharField(_("act"), max_length=20, choices=Act.choices)
    kind = models.CharField(_("kind of thing"), max_length=60, blank=True, help_text=_("As in tracking.evidencefile."))
    key = models.CharField(_("key"), max_length=80, blank=True, help_text=_("The thing's key, or the list's name."))
    reference = models.CharField(
        _("reference"), max_length=40, blank=True, db_index=True, help_text=_("Of the item or report it belongs to.")
    )
    words = models.CharField(_("what it was called"), max_length=200, blank=True)
    detail = models.JSONField(_("more"), default=dict, blank=True)
    request_id = models.CharField(_("request"), max_length=36, blank=True, help_text=_("As the log names it."))

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit events")
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.act} {self.words}"


class AuditSeal(models.Model):
    """Closes a stretch of the trail: holds the hash of the seal before it, and none can be made without the key."""

    number = models.PositiveBigIntegerField(_("number"), primary_key=True)
    made_at = models.DateTimeField(_("made"))
    columns = models.JSONField(
        _("columns"), default=dict, help_text=_("By table: what is sealed of its rows from here on.")
    )
    key_name = models.CharField(_("key"), max_length=8, help_text=_("Which key made it; says nothing of the key."))
    previous = models.CharField(_("the seal before"), max_length=64, blank=True)
    value = models.CharField(_("seal"), max_length=64)

    class Meta:
        verbose_name = _("audit seal")
        verbose_name_plural = _("audit seals")
        ordering = ["number"]

    def __str__(self) -> str:
        return f"{self.number}:{self.value}"


class SealedPart(models.Model):
    """The rows of one table that one seal covers: a mark for each, made with the key."""

    seal = models.ForeignKey(AuditSeal, models.PROTECT, related_name="parts", verbose_name=_("seal"))
    table = models.CharField(_("table"), max_length=63)
    after = models.BigIntegerField(_("after"), help_text=_("The last key that was sealed before; 0 for none."))
    through = models.BigIntegerField(_("through"), help_text=_("The last key in it."))
    marks = models.BinaryField(_("marks"), help_text=_("For each row its key and a mark, eight bytes each."))

    class Meta:
        verbose_name = _("sealed part")
        verbose_name_plural = _("sealed parts")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["table", "through"], name="one_part_per_end")]

    def __str__(self) -> str:
        return f"{self.table} {self.after + 1}–{self.through}"
