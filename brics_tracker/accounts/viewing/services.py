"""Begin and end viewing as someone; who, when and whom is put on record."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from brics_tracker.accounts import access
from brics_tracker.accounts.models import User
from brics_tracker.core.audit import record_event
from brics_tracker.core.choices import Act

from . import Viewing

# Whoever forgets to end it is themself again after this.
AT_MOST = dt.timedelta(hours=1)


@transaction.atomic
def begin_viewing(user: User, *, by: User) -> dict[str, Any]:
    """Let an administrator see the register as `user`, for an hour at most; returns what their session keeps of it.

    Raises PermissionDenied for who does not administer everything, ValidationError for oneself, someone shut
    and the system actor.
    """
    if not access.is_administrator(by):
        raise PermissionDenied
    if user.pk == by.pk:
        raise ValidationError(_("This is yourself."))
    if not user.is_active or user.is_system:
        raise ValidationError(_("%(name)s cannot sign in, and so sees nothing.") % {"name": user})
    until = timezone.now() + AT_MOST
    record_event(Act.VIEW_AS_BEGUN, by=by, thing=user, until=until.isoformat())
    return {"user": user.pk, "until": until.timestamp()}


def end_viewing(viewing: Viewing) -> None:
    """Put the end on record; one that runs out ends at the moment that its beginning names."""
    record_event(Act.VIEW_AS_ENDED, by=viewing.administrator, thing=viewing.user)


def viewing_of(administrator: access.Actor, kept: Any) -> Viewing | None:
    """What a session keeps, checked anew with every request; None where it has run out or its conditions are gone."""
    if not access.is_administrator(administrator) or kept["until"] <= timezone.now().timestamp():
        return None
    user = User.objects.filter(pk=kept["user"], is_active=True, is_system=False).first()
    until = dt.datetime.fromtimestamp(kept["until"], tz=dt.UTC)
    return Viewing(administrator, user, until) if user else None  # type: ignore[arg-type]
