"""Report definitions, and the frozen, numbered reports made from them."""

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from brics_tracker.core.as_of import AS_TODAY, Standing
from brics_tracker.core.history import Records
from brics_tracker.core.models import Job, Theme

from .choices import Period
from .querysets import ReportQuerySet


class ReportDefinition(models.Model):
    """What is reported on, and how often."""

    key = models.SlugField(_("key"), max_length=40, unique=True)
    title = models.CharField(_("title"), max_length=200)
    period = models.CharField(_("period"), max_length=10, choices=Period.choices, default=Period.WEEK)
    hour = models.PositiveSmallIntegerField(
        _("hour"), default=6, validators=[MaxValueValidator(23)],
        help_text=_("Hour (UTC) of the day after the period's end from which it is due."),
    )  # fmt: skip
    themes = models.ManyToManyField(
        Theme, blank=True, related_name="+", verbose_name=_("themes"), help_text=_("Empty: all.")
    )
    active = models.BooleanField(_("active"), default=True)
    starts_on = models.DateField(
        _("first period begins"), help_text=_("No report is made for a period that began before.")
    )
    history = Records(m2m_fields=[themes])
    as_of = AS_TODAY

    class Meta:
        verbose_name = _("report definition")
        verbose_name_plural = _("report definitions")
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title


class ReportCounter(models.Model):
    """The last number given for a period's label; locked while the next is taken, so no number is given twice."""

    label = models.CharField(max_length=20, unique=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.label}-{self.last:02d}"


class Report(models.Model):
    """One frozen report; its number is given when it is frozen and its figures never change."""

    definition = models.ForeignKey(
        ReportDefinition, models.PROTECT, related_name="reports", verbose_name=_("definition")
    )
    number = models.CharField(_("number"), max_length=30, unique=True)
    period_start = models.DateField(_("from"))
    period_end = models.DateField(_("to"))
    cut_off = models.DateTimeField(_("cut-off"), help_text=_("What was published up to this moment is in it."))
    is_extra = models.BooleanField(_("extra"), default=False, help_text=_("Run by hand; uses up no period."))
    frozen_at = models.DateTimeField(_("frozen"))
    job = models.ForeignKey(Job, models.PROTECT, null=True, related_name="+", verbose_name=_("job"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("started by")
    )

    objects = ReportQuerySet.as_manager()
    as_of = Standing('"frozen_at" < {moment}')

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        ordering = ["-frozen_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["definition", "period_start"], condition=models.Q(is_extra=False), name="one_report_per_period"
            ),
            models.UniqueConstraint(fields=["job"], name="one_report_per_job"),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("reports:detail", args=[self.number])


class Snapshot(models.Model):
    """The tables of a report exactly as they stood when it was frozen."""

    report = models.OneToOneField(Report, models.CASCADE, primary_key=True, related_name="snapshot")
    tables = models.JSONField(_("tables"))
    sha256 = models.CharField(_("SHA-256"), max_length=64, help_text=_("Of the tables as canonical JSON."))
    states = models.JSONField(
        _("states"),
        default=dict,
        help_text=_("Sort, status and lateness of each item, for the next report to compare."),
    )

    class Meta:
        verbose_name = _("snapshot")
        verbose_name_plural = _("snapshots")

    def __str__(self) -> str:
        return str(self.report_id)


class ReportFile(models.Model):
    """A report in one format, made from its snapshot."""

    FOLDER = "reports"

    report = models.ForeignKey(Report, models.CASCADE, related_name="files", verbose_name=_("report"))
    format = models.CharField(_("format"), max_length=10)
    file = models.FileField(_("file"), upload_to=FOLDER, max_length=200)
    size = models.PositiveBigIntegerField(_("size"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    note = models.CharField(
        _("note"), max_length=500, blank=True, help_text=_("What its reader should know, as a missing font.")
    )
    created_at = models.DateTimeField(_("made"), auto_now_add=True)

    class Meta:
        verbose_name = _("report file")
        verbose_name_plural = _("report files")
        constraints = [models.UniqueConstraint(fields=["report", "format"], name="one_file_per_format")]

    def __str__(self) -> str:
        return f"{self.report_id}.{self.format}"
