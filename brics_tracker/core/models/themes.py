"""The tree of pillars and cooperation areas."""

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from brics_tracker.core.history import Records

from ..querysets import ThemeQuerySet


class Theme(models.Model):
    """A pillar (no parent) or an area within one; retired by its last day, never deleted once used."""

    code = models.CharField(
        _("code"),
        max_length=20,
        unique=True,
        validators=[
            RegexValidator(r"^[A-Z]{2}(-[A-Z0-9]+)*$", _("Two capitals, as in EC; areas add a word, as in TC-TRADE."))
        ],
    )
    name = models.CharField(_("name"), max_length=120)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("within")
    )
    description = models.TextField(_("description"), blank=True)
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    objects = ThemeQuerySet.as_manager()
    history = Records()

    class Meta:
        verbose_name = _("theme")
        verbose_name_plural = _("themes")
        ordering = ["position", "code"]

    def __str__(self) -> str:
        return self.name
