"""Codes: which one holds, that it holds once, and how often one may guess."""

from __future__ import annotations

import time

from allauth.core.internal import ratelimit
from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from brics_tracker.accounts.models import User

STEP_SECONDS = 30
# A code of the step before or after holds too: clocks differ, and typing takes time.
TOLERANCE = 1
# Someone who guesses has the password already: a day's guesses must stay far from finding one code in a million.
LIMITS = {"codes": "5/5m/key,20/d/key", "told": "1/d/key"}


def matching_step(secret: str, code: str, *, after: int = -1) -> int | None:
    """The time step whose code this is; steps up to `after` were used and match nothing."""
    now = int(time.time()) // STEP_SECONDS
    for step in range(max(now - TOLERANCE, after + 1), now + TOLERANCE + 1):
        if compare_user_code(actual=code, expected=format_hotp_value(hotp_value(secret, step))):
            return step
    return None


@transaction.atomic
def use_code(user: User, code: str) -> Authenticator | None:
    """The factor whose code this is, the code spent by it; None for a wrong one and one that was used.

    Rows are locked: of two requests with one code, one gets in.
    """
    kept = Authenticator.objects.select_for_update().filter(user=user).order_by("pk")
    for factor in kept.exclude(type=Authenticator.Type.WEBAUTHN):
        spent = _use_app_code if factor.type == Authenticator.Type.TOTP else _use_recovery_code
        if spent(factor, code):
            return factor
    return None


def _use_app_code(factor: Authenticator, code: str) -> bool:
    step = matching_step(decrypt(factor.data["secret"]), code, after=factor.data["last_step"])
    if step is None:
        return False
    factor.data["last_step"] = step
    factor.save(update_fields=["data"])
    return True


def _use_recovery_code(factor: Authenticator, code: str) -> bool:
    return bool(factor.wrap().validate_code(code))


class Guesses:
    """Counts a person's wrong codes; shared by every process through the cache."""

    def __init__(self, request: HttpRequest, user: User) -> None:
        self.request, self.user = request, user

    def count(self) -> None:
        """Count one try. Raises ValidationError once there were too many, whatever the code."""
        if not self._consume("codes"):
            raise ValidationError(_("Too many wrong codes. Wait five minutes; after twenty in a day, until tomorrow."))

    def forget(self) -> None:
        """The right code was given: what came before were slips."""
        ratelimit.clear(self.request, app="accounts", action="codes", config=LIMITS, key=self._key)

    @property
    def first_today(self) -> bool:
        """Was nobody told today that someone guesses? True once a day."""
        return self._consume("told")

    def _consume(self, action: str) -> bool:
        used = ratelimit.consume(
            self.request, app="accounts", action=action, config=LIMITS, key=self._key, limit_get=True
        )
        return used is not None

    @property
    def _key(self) -> str:
        return f"second-factor:{self.user.pk}"
