"""A notice, how a person wants to be told, and how far each finder has looked."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from brics_tracker.accounts.choices import MailRhythm, Reason, Why
from brics_tracker.core.models import Delivery

from .sources import subjects

if TYPE_CHECKING:
    from brics_tracker.accounts.models import User


class NoticeQuerySet(models.QuerySet["Notice"]):
    def shown_to(self, person: User) -> NoticeQuerySet:
        """The person's own, as far as they may see today what each is about."""
        seen = [
            Q(subject=subject.name) & Exists(subject.rows(person).filter(pk=OuterRef("subject_pk")))
            for subject in subjects().values()
        ]
        return self.filter(reduce(or_, seen), person=person) if seen else self.none()

    def unread(self) -> NoticeQuerySet:
        return self.filter(read_at__isnull=True)


class Notice(models.Model):
    """One thing that one person is told; unique by its natural key, so that it is told once."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="notices", verbose_name=_("person")
    )
    reason = models.CharField(_("about"), max_length=15, choices=Reason.choices)
    why = models.CharField(_("told because"), max_length=10, choices=Why.choices)
    why_of = models.CharField(_("of what"), max_length=120, blank=True, help_text=_("Name of the theme or mechanism."))
    label = models.CharField(_("label"), max_length=240, help_text=_("What it is about, as in “EC-07 Grain exchange”."))
    facts = models.JSONField(_("facts"), default=dict, help_text=_("What its sentence is made of, by name."))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("by")
    )
    address = models.CharField(_("address"), max_length=300, help_text=_("Path of the page it leads to."))
    subject = models.CharField(_("sort of subject"), max_length=20)
    subject_pk = models.BigIntegerField(_("number of the subject"))
    key = models.CharField(_("natural key"), max_length=120)
    at = models.DateTimeField(_("happened"))
    told_at = models.DateTimeField(_("told"), default=timezone.now)
    read_at = models.DateTimeField(_("read"), null=True, blank=True)
    to_mail = models.BooleanField(_("mail is still to be decided on"), default=True)
    delivery = models.ForeignKey(
        Delivery, models.SET_NULL, null=True, blank=True, related_name="notices", verbose_name=_("delivery")
    )

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["-at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["person", "key"], name="one_notice_per_key")]
        indexes = [
            models.Index(fields=["person", "-at", "-id"], name="notice_person_at"),
            models.Index(fields=["person", "reason"], condition=Q(read_at__isnull=True), name="notice_unread"),
            models.Index(fields=["person", "reason"], condition=Q(to_mail=True), name="notice_to_mail"),
        ]

    def __str__(self) -> str:
        return f"{self.reason} {self.label}"

    @property
    def words(self) -> str:
        """What happened, beyond the reason, in the language of whoever asks; "" where there is nothing to add."""
        subject = subjects().get(self.subject)
        return subject.words(self) if subject else ""


class NoticeSettings(models.Model):
    """How one person wants to be told by mail."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="notice_settings",
        verbose_name=_("person"),
    )  # fmt: skip
    rhythm = models.CharField(_("mail"), max_length=10, choices=MailRhythm.choices, default=MailRhythm.DAILY)
    hour = models.PositiveSmallIntegerField(
        _("at what hour"), default=8, validators=[MaxValueValidator(23)], help_text=_("0 to 23, on your clock.")
    )
    weekday = models.PositiveSmallIntegerField(
        _("on which day of the week"), default=0, validators=[MaxValueValidator(6)], help_text=_("0 is Monday.")
    )
    time_zone = models.CharField(_("time zone"), max_length=60, blank=True, help_text=_("Empty: that of the site."))
    at_once = models.BooleanField(_("mentions and what is handed back at once"), default=True)
    muted = models.JSONField(_("no mail about"), default=list, blank=True, help_text=_("A list of reasons."))
    next_at = models.DateTimeField(_("next mail"), null=True, blank=True, editable=False, db_index=True)

    class Meta:
        verbose_name = _("settings of notices")
        verbose_name_plural = _("settings of notices")

    def __str__(self) -> str:
        return f"{self.user_id} {self.rhythm}"


class NoticeMark(models.Model):
    """How far a finder of notices has looked. Machinery."""

    finder = models.CharField(max_length=120, unique=True)
    began_at = models.DateTimeField(default=timezone.now)
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.finder} {self.at:%Y-%m-%d %H:%M}"
