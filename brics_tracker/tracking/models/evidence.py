"""What proves an update: sources by address and by file."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from brics_tracker.core.as_of import Standing
from brics_tracker.core.history import Records
from brics_tracker.core.models import Timed, Versioned
from brics_tracker.core.partial_dates import PartialDateField

from ..choices import Reliability
from ..hanging import moves
from ..querysets import PUBLIC_STATES, EvidenceQuerySet
from .items import TrackedItem
from .updates import Update


class Evidence(Timed, Versioned):
    """A source of an item, used by one or many of its updates: an address, files, or both."""

    item = models.ForeignKey(TrackedItem, models.PROTECT, related_name="evidence", verbose_name=_("item"))
    updates = models.ManyToManyField(Update, related_name="evidence", verbose_name=_("updates"), blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("added by"), editable=False
    )
    url = models.URLField(_("web address"), max_length=1000, blank=True)
    title = models.CharField(_("title"), max_length=300)
    publisher = models.CharField(_("publisher"), max_length=200, blank=True)
    source_date = PartialDateField(_("date of the source"), blank=True)
    accessed = models.DateField(_("accessed"), null=True, blank=True)
    quote = models.TextField(_("quotation"), max_length=5000, blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    reliability = models.CharField(_("reliability"), max_length=10, choices=Reliability.choices, blank=True)
    confidential = models.BooleanField(
        _("confidential"), default=False, help_text=_("Read only by you, reviewers and administrators in scope.")
    )

    objects = EvidenceQuerySet.as_manager()
    history = Records()
    # Not from its history: whether it is confidential is asked as it is now, whatever it was on that day.
    # Pages of the past find it by its updates, whose item is that of the day, a merge since notwithstanding.
    as_of = Standing('"created_at" < {moment}')
    when_merged = (moves("item"),)

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        ordering = ["-source_date", "pk"]
        indexes = [models.Index(fields=["updated_at", "id"], name="source_in_order_of_change")]

    def __str__(self) -> str:
        return self.title

    @property
    def is_public_proof(self) -> bool:
        """Does an update that is, or was, public rest on it? A query."""
        return self.updates.filter(review_state__in=PUBLIC_STATES).exists()


class EvidenceFile(models.Model):
    """One file of a piece of evidence: on the disk, whole, before this row says so."""

    evidence = models.ForeignKey(Evidence, models.PROTECT, related_name="files", verbose_name=_("evidence"))
    file = models.FileField(_("file"), upload_to="evidence", max_length=200)
    name = models.CharField(_("name"), max_length=200, help_text=_("As the author called it; never used on the disk."))
    size = models.PositiveBigIntegerField(_("size"), help_text=_("Bytes."))
    media_type = models.CharField(_("type"), max_length=100, help_text=_("By content, not by name."))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    created_at = models.DateTimeField(_("added"), auto_now_add=True)

    class Meta:
        verbose_name = _("evidence file")
        verbose_name_plural = _("evidence files")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name
