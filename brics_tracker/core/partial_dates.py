"""Dates that may be known only to the month or the year, kept as text: 2011, 2011-04 or 2011-04-14.

Texts of this form sort in time (a year before its months, a month before its days), so a database
orders and compares them without help.
"""

import calendar
import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils import formats
from django.utils.translation import gettext_lazy as _

PATTERN = r"^[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$"
MESSAGE = _("Write a date as 2011-04-14, or 2011-04 or 2011 where the day or month is not known.")


def validate_partial_date(value: str) -> None:
    """Refuse what is no year, month or day of the calendar (years 1900 to 2199)."""
    RegexValidator(PATTERN, MESSAGE)(value)
    try:
        first_day(value)
    except ValueError as problem:
        raise ValidationError(_("There is no such day in the calendar."), code="no_such_day") from problem
    if not 1900 <= int(value[:4]) <= 2199:
        raise ValidationError(_("The year must lie between 1900 and 2199."), code="year")


def first_day(value: str) -> dt.date:
    """The earliest day that the text can mean. Raises ValueError for a day that does not exist."""
    year, month, day = (*(int(part) for part in value.split("-")), 1, 1)[:3]
    return dt.date(year, month, day)


def last_day(value: str) -> dt.date:
    """The latest day that the text can mean."""
    parts = [int(part) for part in value.split("-")]
    if len(parts) == 1:
        return dt.date(parts[0], 12, 31)
    if len(parts) == 2:
        return dt.date(parts[0], parts[1], calendar.monthrange(parts[0], parts[1])[1])
    return dt.date(*parts)


def show(value: str) -> str:
    """The text as people read it: "14 Apr 2011", "April 2011" or "2011"; "" stays ""."""
    if not value:
        return ""
    day = first_day(value)
    if len(value) == 4:
        return value
    if len(value) == 7:
        return formats.date_format(day, "F Y")
    return formats.date_format(day, "j M Y")


class PartialDateField(models.CharField[str, str]):
    """A text column that holds "", a year, a month or a day."""

    default_validators = [validate_partial_date]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_length"] = 10
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["max_length"]
        return name, path, args, kwargs
