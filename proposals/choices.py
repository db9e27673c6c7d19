"""The kinds of proposal."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ProposalKind(models.TextChoices):
    RECOMMENDATION = "recommendation", _("recommendation")
    COMMITMENT = "commitment", _("commitment")
    GOAL = "goal", _("goal")
    FOUNDING = "founding", _("founding of a mechanism")
