"""What changes a person's second factor; each change is on record, mailed, and ends the person's other sessions."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.utils import encrypt
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from brics_tracker.accounts.models import User
from brics_tracker.accounts.services import send_mail
from brics_tracker.accounts.sessions.services import end_sessions
from brics_tracker.core.history import record

from . import rules
from .codes import matching_step

Type = Authenticator.Type
PASSKEYS_AT_MOST = 20


@transaction.atomic
def add_app(user: User, *, secret: str, code: str, by: User, keep_session: str | None = None) -> list[str]:
    """Tie an app that shows codes, once it has shown a right one; returns fresh recovery codes, [] if there are some.

    Raises ValidationError at `code` for a wrong one, and as a whole where there is an app already.
    """
    user = _lock(user)
    if Authenticator.objects.filter(user=user, type=Type.TOTP).exists():
        raise ValidationError(_("An app is set up already. Remove it first to use another."))
    step = matching_step(secret, code)
    if step is None:
        raise ValidationError({"code": _("That is not the code which the app shows now. Wait for the next one.")})
    data = {"secret": encrypt(secret), "last_step": step}
    factor = Authenticator.objects.create(user=user, type=Type.TOTP, data=data)
    return _added(user, factor, by=by, keep_session=keep_session)


@transaction.atomic
def add_passkey(
    user: User, *, name: str, credential: dict[str, Any], by: User, keep_session: str | None = None
) -> list[str]:
    """Keep a passkey whose making was verified; returns fresh recovery codes, [] if there are some."""
    user = _lock(user)
    if Authenticator.objects.filter(user=user, type=Type.WEBAUTHN).count() >= PASSKEYS_AT_MOST:
        raise ValidationError(_("You have %(n)d passkeys. Remove one first.") % {"n": PASSKEYS_AT_MOST})
    data = {"name": name, "credential": credential}
    factor = Authenticator.objects.create(user=user, type=Type.WEBAUTHN, data=data)
    return _added(user, factor, by=by, keep_session=keep_session)


@transaction.atomic
def remove_factor(factor: Authenticator, *, by: User, keep_session: str | None = None) -> None:
    """Take an app or a passkey away; with the last one the recovery codes go too.

    Raises ValidationError for the last one of someone who must have one.
    """
    user = _lock(factor.user)
    if not Authenticator.objects.filter(pk=factor.pk).exists():
        raise ValidationError(_("This is removed already."))
    others = Authenticator.objects.filter(user=user, type__in=rules.FACTORS).exclude(pk=factor.pk)
    if not others.exists():
        if rules.is_required_of(user):
            raise ValidationError(_("Your role needs a second factor. Set up another one first."))
        Authenticator.objects.filter(user=user, type=Type.RECOVERY_CODES).delete()
    factor.delete()
    record(user, by=by, reason=f"second factor removed: {factor.type}")
    end_sessions(user, keep=keep_session)
    send_mail(user, "factor_removed", by=by)


@transaction.atomic
def make_recovery_codes(user: User, *, by: User) -> list[str]:
    """Make ten new codes; those made before stop working. Raises ValidationError for who has no second factor."""
    user = _lock(user)
    if not rules.has_one(user):
        raise ValidationError(_("Set up an app or a passkey first."))
    Authenticator.objects.filter(user=user, type=Type.RECOVERY_CODES).delete()
    record(user, by=by, reason="recovery codes made")
    send_mail(user, "codes_made", by=by)
    return list(RecoveryCodes.activate(user).generate_codes())


@transaction.atomic
def reset_second_factor(user: User, *, by: User | None) -> None:
    """Take every factor of someone who lost theirs; sessions end, the next sign-in is by password alone.

    By another administrator, or by None: the operator at the machine. Raises ValidationError for one's own.
    """
    user = _lock(user)
    if by is not None and by.pk == user.pk:
        raise ValidationError(_("Change your own second factor on your account page."))
    lost, _by_model = Authenticator.objects.filter(user=user).delete()
    if not lost:
        raise ValidationError(_("%(name)s has no second factor.") % {"name": user})
    record(user, by=by, reason="second factor reset")
    end_sessions(user)
    send_mail(user, "factor_reset", by=by)


def _added(user: User, factor: Authenticator, *, by: User, keep_session: str | None) -> list[str]:
    """What follows a new factor: a session that never passed it ends; whoever has no recovery codes gets some."""
    record(user, by=by, reason=f"second factor added: {factor.type}")
    end_sessions(user, keep=keep_session)
    send_mail(user, "factor_added", by=by)
    if Authenticator.objects.filter(user=user, type=Type.RECOVERY_CODES).exists():
        return []
    return list(RecoveryCodes.activate(user).generate_codes())


def _lock(user: User) -> User:
    """The person's row as it is now; changes of one person's factors happen one after the other."""
    return User.objects.select_for_update().get(pk=user.pk)
