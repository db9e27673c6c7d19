"""Source and outcome documents, their numbered paragraphs, and what cites them."""

from django.core.validators import RegexValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from brics_tracker.core.as_of import AS_TODAY
from brics_tracker.core.history import Records
from brics_tracker.core.partial_dates import PartialDateField

from ..hanging import moves
from .items import TrackedItem


class Document(models.Model):
    """An article, declaration, framework or statement that asks for or reports something."""

    key = models.CharField(
        _("key"), max_length=60, unique=True, validators=[RegexValidator(r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    )
    title = models.CharField(_("title"), max_length=300)
    publisher = models.CharField(_("publisher"), max_length=200, blank=True)
    author = models.CharField(_("author"), max_length=200, blank=True)
    date = PartialDateField(_("date"), blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    address = models.URLField(_("web address"), max_length=500, blank=True)
    note = models.TextField(_("note"), blank=True)
    history = Records()
    as_of = AS_TODAY

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering = ["-date", "key"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("tracking:document-detail", args=[self.key])


class Passage(models.Model):
    """Paragraph n of a document: its n-th non-blank line, counted from 1."""

    document = models.ForeignKey(Document, models.CASCADE, related_name="passages", verbose_name=_("document"))
    number = models.PositiveIntegerField(_("paragraph"))
    level = models.PositiveSmallIntegerField(
        _("heading level"), default=0, help_text=_("0 body, 1 title, 2 part, 3 section.")
    )
    heading = models.CharField(_("heading"), max_length=300, blank=True)
    text = models.TextField(_("text"), blank=True, help_text=_("The words themselves, where someone loaded them."))
    summary = models.TextField(_("summary"), blank=True, help_text=_("In our own words."))
    asks = models.BooleanField(_("asks for something"), default=False)
    reason = models.TextField(_("why it asks for nothing"), blank=True)
    history = Records()
    as_of = AS_TODAY

    class Meta:
        verbose_name = _("passage")
        verbose_name_plural = _("passages")
        ordering = ["document", "number"]
        constraints = [
            models.UniqueConstraint(fields=["document", "number"], name="one_passage_per_number"),
            models.CheckConstraint(condition=models.Q(number__gte=1), name="passage_counts_from_1"),
        ]

    def __str__(self) -> str:
        return f"{self.document.key} ¶{self.number}"


class Citation(models.Model):
    """An item rests on a paragraph; with the exact words and a checksum where the text is loaded."""

    item = models.ForeignKey(TrackedItem, models.CASCADE, related_name="citations", verbose_name=_("item"))
    passage = models.ForeignKey(Passage, models.PROTECT, related_name="citations", verbose_name=_("passage"))
    quote = models.TextField(_("exact words"), blank=True)
    context = models.TextField(_("context"), blank=True)
    checksum = models.CharField(_("checksum"), max_length=64, blank=True, help_text=_("SHA-256 of the passage's text."))
    history = Records()
    when_merged = (moves("item", once_with=("passage",)),)

    class Meta:
        verbose_name = _("citation")
        verbose_name_plural = _("citations")
        ordering = ["passage__document", "passage__number"]
        constraints = [models.UniqueConstraint(fields=["item", "passage"], name="one_citation_per_passage")]

    def __str__(self) -> str:
        return f"{self.item_id} ← {self.passage_id}"
