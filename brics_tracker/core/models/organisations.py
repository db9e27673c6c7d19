"""Organisations that own, support or carry what is tracked."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from brics_tracker.core.history import Records

from ..choices import OrganisationKind
from .countries import Member


class Organisation(models.Model):
    """A ministry, bank, council, alliance, think tank, secretariat or international organisation."""

    key = models.SlugField(_("key"), max_length=80, unique=True, help_text=_("Short name in addresses and exports."))
    name = models.CharField(_("name"), max_length=200)
    acronym = models.CharField(_("acronym"), max_length=30, blank=True)
    kind = models.CharField(_("kind"), max_length=15, choices=OrganisationKind.choices)
    member = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="organisations", verbose_name=_("country")
    )
    address = models.URLField(_("web address"), max_length=500, blank=True)
    sources = models.JSONField(_("sources"), default=list, blank=True)
    note = models.TextField(_("note"), blank=True)
    history = Records()

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
