"""Institutions and standing arrangements, and their meetings."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from brics_tracker.core.history import Records
from brics_tracker.core.models import Member, Organisation
from brics_tracker.core.partial_dates import PartialDateField
from brics_tracker.tracking.hanging import kept, moves
from brics_tracker.tracking.models import TrackedItem

from .choices import MechanismKind, MeetingKind, Track
from .querysets import MechanismQuerySet, MeetingQuerySet


class Mechanism(models.Model):
    """What one tracked item of sort mechanism has of its own."""

    item = models.OneToOneField(TrackedItem, models.CASCADE, primary_key=True, related_name="mechanism")
    kind = models.CharField(_("kind"), max_length=20, choices=MechanismKind.choices)
    track = models.CharField(_("track"), max_length=20, choices=Track.choices)
    acronym = models.CharField(_("acronym"), max_length=30, blank=True)
    founded = PartialDateField(_("founded"), blank=True)
    founding_event = models.CharField(_("founding event"), max_length=300, blank=True)
    body = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="mechanisms", verbose_name=_("body"),
        help_text=_("The organisation that this mechanism also is."),
    )  # fmt: skip
    sources = models.JSONField(_("sources"), default=list, blank=True)
    note = models.TextField(_("note"), blank=True)

    objects = MechanismQuerySet.as_manager()
    history = Records()
    when_merged = (kept("item"),)

    class Meta:
        verbose_name = _("mechanism")
        verbose_name_plural = _("mechanisms")

    def __str__(self) -> str:
        return str(self.item)

    def get_absolute_url(self) -> str:
        return self.item.get_absolute_url()


class Meeting(models.Model):
    """A session of a mechanism, or of an area where no mechanism is known."""

    key = models.SlugField(_("key"), max_length=120, unique=True)
    number = models.PositiveSmallIntegerField(_("number"), null=True, blank=True, help_text=_("Of a summit."))
    title = models.CharField(_("title"), max_length=300)
    kind = models.CharField(_("kind"), max_length=20, choices=MeetingKind.choices)
    area = models.CharField(_("area"), max_length=120, blank=True)
    track = models.CharField(_("track"), max_length=20, choices=Track.choices)
    mechanism = models.ForeignKey(
        Mechanism, models.PROTECT, null=True, blank=True, related_name="meetings", verbose_name=_("mechanism")
    )
    started = PartialDateField(_("from"), blank=True, help_text=_("From the preferred date claim."))
    ended = PartialDateField(_("to"), blank=True)
    format = models.CharField(_("format"), max_length=60, blank=True)
    place = models.CharField(_("place"), max_length=200, blank=True)
    chair = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="chaired_meetings", verbose_name=_("chair")
    )
    declaration = models.CharField(_("declaration"), max_length=200, blank=True)
    sources = models.JSONField(_("sources"), default=list, blank=True)
    note = models.TextField(_("note"), blank=True)

    objects = MeetingQuerySet.as_manager()
    history = Records()
    when_merged = (moves("mechanism"),)

    class Meta:
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        ordering = ["-started", "title"]
        indexes = [models.Index(fields=["-started", "id"], name="meeting_started")]

    def __str__(self) -> str:
        return self.title


class MeetingDate(models.Model):
    """What one source says of a meeting's dates; two may disagree, both are kept, one is preferred."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="dates", verbose_name=_("meeting"))
    started = PartialDateField(_("from"))
    ended = PartialDateField(_("to"), blank=True)
    source = models.CharField(_("source"), max_length=600)
    note = models.TextField(_("note"), blank=True)
    preferred = models.BooleanField(_("preferred"), default=False)
    history = Records()

    class Meta:
        verbose_name = _("date claim")
        verbose_name_plural = _("date claims")
        ordering = ["-preferred", "started"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting"], condition=models.Q(preferred=True), name="one_preferred_date_per_meeting"
            )
        ]

    def __str__(self) -> str:
        return self.started

    def clean(self) -> None:
        known = min(len(self.started), len(self.ended))  # a day and a month are compared as months
        if self.ended[:known] < self.started[:known]:
            raise ValidationError({"ended": _("It ends before it begins.")})
