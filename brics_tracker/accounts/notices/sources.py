"""What the apps above say of notices: what they are about, and what finds them. Registered by dotted names in settings.

NOTICE_SUBJECTS: functions that give a Subject. NOTICE_FINDERS: functions from a stretch of time to what people are to be
told of it; they read what was recorded, so that whoever records pays nothing and forgets nobody.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from .models import Notice


@dataclass(frozen=True, slots=True)
class Subject:
    """A sort of thing that notices are about: which rows a person may see, and what happened, in words."""

    name: str
    rows: Callable[[Any], QuerySet[Any]]
    words: Callable[[Notice], str]


@dataclass(frozen=True, slots=True)
class Tie:
    """Who is told, and why."""

    person: int
    why: str
    of: str = ""


@dataclass(frozen=True, slots=True)
class Telling:
    """One thing to tell some people. `key` names it for good: told again under it, nobody hears it twice."""

    reason: str
    key: str
    subject: str
    subject_pk: int
    label: str
    address: str
    at: dt.datetime
    people: Iterable[Tie]
    actor: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


Finder = Callable[[dt.datetime, dt.datetime], Iterable[Telling]]


def subjects() -> Mapping[str, Subject]:
    """Every registered subject by name."""
    return _read(tuple(settings.NOTICE_SUBJECTS))


@cache
def _read(names: tuple[str, ...]) -> Mapping[str, Subject]:
    found = [import_string(name)() for name in names]
    return {subject.name: subject for subject in found}
