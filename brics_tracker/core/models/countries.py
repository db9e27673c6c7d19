"""Countries and the dated spells in which they belonged to the group."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from brics_tracker.core.history import Records

from ..choices import SpellKind
from ..partial_dates import PartialDateField
from ..querysets import MemberQuerySet


class Member(models.Model):
    """A country that is, was, or was asked to be a member or partner."""

    code = models.CharField(_("code"), max_length=2, unique=True, help_text=_("ISO 3166-1 alpha-2, as in BR."))
    name = models.CharField(_("name"), max_length=120, unique=True)

    objects = MemberQuerySet.as_manager()
    history = Records()

    class Meta:
        verbose_name = _("country")
        verbose_name_plural = _("countries")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=models.Q(code__regex=r"^[A-Z]{2}$"), name="member_code_is_iso"),
        ]

    def __str__(self) -> str:
        return self.name


class MembershipSpell(models.Model):
    """One span of belonging, as its sources say. Spells may overlap where sources do."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="spells", verbose_name=_("country"))
    kind = models.CharField(_("kind"), max_length=10, choices=SpellKind.choices)
    started = PartialDateField(_("from"), blank=True, help_text=_("Empty where no source gives a date."))
    ended = PartialDateField(_("to"), blank=True, help_text=_("Last day; empty while it lasts."))
    first_summit = models.PositiveSmallIntegerField(_("first summit"), null=True, blank=True)
    sources = models.JSONField(_("sources"), default=list, blank=True, help_text=_("A list of addresses or texts."))
    note = models.TextField(_("note"), blank=True)
    history = Records()

    class Meta:
        verbose_name = _("membership spell")
        verbose_name_plural = _("membership spells")
        ordering = ["member__name", "started", "kind"]
        constraints = [
            models.UniqueConstraint(fields=["member", "kind", "started"], name="one_spell_per_start"),
            models.CheckConstraint(
                condition=models.Q(ended="") | models.Q(ended__gte=models.F("started")), name="spell_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member}: {self.get_kind_display()} {self.days}"

    @property
    def days(self) -> str:
        """Its first and last day, as written; "" where no source gives either."""
        words = {"first": self.started, "last": self.ended}
        if self.started and self.ended:
            return str(_("%(first)s to %(last)s") % words)
        if self.ended:
            return str(_("until %(last)s") % words)
        return str(_("since %(first)s") % words) if self.started else ""
