"""Files that jobs make for their owners."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from .jobs import Job


class ExportFile(models.Model):
    """A list that a job made into a file; deleted when its time is over."""

    FOLDER = "exports"

    job = models.OneToOneField(Job, models.CASCADE, related_name="export_file", verbose_name=_("job"))
    name = models.CharField(_("name"), max_length=150)
    file = models.FileField(_("file"), upload_to=FOLDER, max_length=200)
    size = models.PositiveBigIntegerField(_("size"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    count = models.PositiveIntegerField(_("rows"))
    rights = models.CharField(_("rights"), max_length=64, help_text=_("Digest of the grants that it was made with."))
    created_at = models.DateTimeField(_("made"), auto_now_add=True)
    expires_at = models.DateTimeField(_("kept until"), db_index=True)

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.name
