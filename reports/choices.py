"""Closed lists of reports."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Period(models.TextChoices):
    WEEK = "week", _("weekly")
    MONTH = "month", _("monthly")
    QUARTER = "quarter", _("quarterly")
    YEAR = "year", _("yearly")
