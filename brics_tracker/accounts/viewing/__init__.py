"""Viewing as someone: an administrator sees the register as another person does, read-only and on record."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import HttpRequest

if TYPE_CHECKING:
    from brics_tracker.accounts.access import Actor
    from brics_tracker.accounts.models import User


@dataclass(frozen=True, slots=True)
class Viewing:
    """Who looks, as whom, and until when at most; `request.viewing` while it lasts."""

    administrator: User
    user: User
    until: dt.datetime


def real_person(request: HttpRequest) -> Actor:
    """Who sits at the browser: while someone views as another, `request.user` is that other."""
    viewing: Viewing | None = getattr(request, "viewing", None)
    return viewing.administrator if viewing else request.user
