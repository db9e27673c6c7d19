"""What changes people, their grants and their tokens; every door (administration, account page, command) goes through here."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from knox.models import get_digest_token
from knox.settings import CONSTANTS

from brics_tracker.core.history import name_author, save_with_links
from brics_tracker.core.jobs import enqueue

from .choices import Role, TokenScope
from .models import ApiToken, Grant, User
from .sessions.services import end_sessions

if TYPE_CHECKING:
    from brics_tracker.core.models import Member, Theme

MAX_TOKEN_DAYS = 365


# --- people ------------------------------------------------------------------------------------------


@transaction.atomic
def invite_user(
    email: str,
    name: str,
    *,
    by: User | None,
    role: str = Role.READER,
    themes: Iterable[Theme] = (),
    members: Iterable[Member] = (),
) -> User:
    """Make an account without a password, grant its role, and mail a link with which its owner sets one.

    Inviting again someone who has not answered yet sends a new link and voids the earlier one. Raises
    ValidationError for an address that somebody already signs in with, or whose account was deactivated.
    """
    user = User.objects.select_for_update().filter(email=email.strip().lower()).first()
    if user is None:
        user = User(email=email.strip().lower(), name=name.strip())
        user.handle = User.objects.free_handle(user.name, user.email)
        user.set_unusable_password()
        user.full_clean(exclude=["password"])
        name_author(user, by, "invited")
        user.save(force_insert=True)
    elif user.is_system:
        raise ValidationError({"email": _("This address belongs to the installation itself.")})
    elif not user.is_active:
        raise ValidationError({"email": _("This account was deactivated. Reactivate it instead.")})
    elif user.has_usable_password():
        raise ValidationError({"email": _("%(name)s already signs in with this address.") % {"name": user}})
    themes, members = list(themes), list(members)
    if not _has_grant(user, role, themes, members):
        grant_role(user, role, by=by, themes=themes, members=members)
    send_invitation(user, by=by)
    return user


@transaction.atomic
def send_invitation(user: User, *, by: User | None) -> None:
    """Mail a fresh link for setting the first password; links sent before stop working."""
    if user.has_usable_password() or not user.is_active or user.is_system:
        raise ValidationError(_("%(name)s needs no invitation.") % {"name": user})
    _take_password_away(user, by=by, reason="invitation sent")
    send_mail(user, "invitation", by=by)


def send_mail(user: User, purpose: str, *, by: User | None = None) -> None:
    """Have one of the mails of `mails.PURPOSES` sent by a worker; a link in it is made there, not kept in the queue."""
    enqueue("accounts.send_mail", key=str(uuid.uuid4()), owner=by, arguments={"user": user.pk, "purpose": purpose})


@transaction.atomic
def change_user(user: User, *, by: User, name: str, email: str, language: str) -> User:
    """Correct a person's name, address or language. The old address stops working at once."""
    user.name, user.email, user.language = name.strip(), email.strip().lower(), language
    user.full_clean(exclude=["password"])
    name_author(user, by)
    user.save(update_fields=["name", "email", "language"])
    return user


@transaction.atomic
def set_language(user: User, language: str, *, by: User) -> User:
    """Remember in which language the person reads; "" follows the browser."""
    user.language = language
    user.clean_fields(exclude=["password", "email", "name"])
    name_author(user, by)
    user.save(update_fields=["language"])
    return user


@transaction.atomic
def deactivate_user(user: User, *, by: User) -> User:
    """Shut an account: sessions, tokens and links end at once; what the person wrote stays, with the name.

    Raises ValidationError for the last administrator of everything and for the system actor.
    """
    if user.is_system:
        raise ValidationError(_("The system actor belongs to the installation."))
    _keep_an_administrator(leaving=user)
    user.is_active = False
    name_author(user, by, "deactivated")
    user.save(update_fields=["is_active"])
    _take_password_away(user, by=by, reason="deactivated")
    for token in ApiToken.objects.filter(user=user):
        revoke_token(token, by=by)
    end_sessions(user)
    return user


@transaction.atomic
def reactivate_user(user: User, *, by: User) -> User:
    """Open a deactivated account again, with the grants it had; the person sets a new password by mail."""
    if user.is_active:
        raise ValidationError(_("This account is active."))
    user.is_active = True
    name_author(user, by, "reactivated")
    user.save(update_fields=["is_active"])
    send_invitation(user, by=by)
    return user


def _take_password_away(user: User, *, by: User | None, reason: str) -> None:
    user.set_unusable_password()
    name_author(user, by, reason)
    user.skip_history_when_saving = True  # type: ignore[attr-defined]
    user.save(update_fields=["password"])
    del user.skip_history_when_saving  # type: ignore[attr-defined]


# --- grants ------------------------------------------------------------------------------------------


@transaction.atomic
def grant_role(
    user: User, role: str, *, by: User | None, themes: Iterable[Theme] = (), members: Iterable[Member] = ()
) -> Grant:
    """Give a role everywhere, or within themes and/or members. Raises what `check_grant` raises."""
    themes, members = list(themes), list(members)
    check_grant(user, role=role, themes=themes, members=members)
    grant = Grant(user=user, role=role, granted_by=by)
    grant.clean_fields()
    save_with_links(grant, by=by, links={"themes": themes, "members": members})
    return grant


def check_grant(user: User, *, role: str, themes: Collection[Theme], members: Collection[Member]) -> None:
    """Refuse a grant to the system actor, and one that is held already."""
    if user.is_system:
        raise ValidationError({"user": _("The system actor holds no grants.")})
    if _has_grant(user, role, themes, members):
        raise ValidationError(_("%(name)s holds this grant already.") % {"name": user})


@transaction.atomic
def change_grant(
    grant: Grant, *, by: User, role: str, themes: Iterable[Theme] = (), members: Iterable[Member] = ()
) -> Grant:
    """Change the role or the scope of a grant. Raises what `check_change` raises."""
    themes, members = list(themes), list(members)
    check_change(grant, role=role, themes=themes, members=members)
    grant.role = role
    grant.clean_fields()
    save_with_links(grant, by=by, links={"themes": themes, "members": members})
    return grant


def check_change(grant: Grant, *, role: str, themes: Collection[Theme], members: Collection[Member]) -> None:
    """The last administrator of everything stays one. Asked inside the transaction that changes the grant."""
    if role != Role.ADMINISTRATOR or themes or members:
        _keep_an_administrator(without=grant)


@transaction.atomic
def revoke_grant(grant: Grant, *, by: User) -> None:
    """Take a grant away; its history stays. The last administrator of everything keeps theirs."""
    _keep_an_administrator(without=grant)
    name_author(grant, by, "revoked")
    grant.delete()


def is_last_administrator(*, without: Grant | None = None, leaving: User | None = None) -> bool:
    """Would nobody administer everything any more without this grant, or without this person?"""
    everywhere = Grant.objects.filter(
        role=Role.ADMINISTRATOR, user__is_active=True, user__is_system=False, themes=None, members=None
    )
    now = set(everywhere.values_list("pk", "user_id"))
    left = {
        (grant, user)
        for grant, user in now
        if grant != getattr(without, "pk", None) and user != getattr(leaving, "pk", None)
    }
    return bool(now) and not left


def _keep_an_administrator(*, without: Grant | None = None, leaving: User | None = None) -> None:
    # All administrators' grants are locked first: two who remove each other at once are asked in turn.
    list(Grant.objects.select_for_update().filter(role=Role.ADMINISTRATOR).order_by("pk"))
    if is_last_administrator(without=without, leaving=leaving):
        raise ValidationError(
            _("Someone must be able to administer everything: grant that to another person first."),
            code="last_administrator",
        )


def _has_grant(user: User, role: str, themes: Collection[Theme], members: Collection[Member]) -> bool:
    wanted = ({theme.pk for theme in themes}, {member.pk for member in members})
    return any(
        ({theme.pk for theme in grant.themes.all()}, {member.pk for member in grant.members.all()}) == wanted
        for grant in user.grants.filter(role=role).prefetch_related("themes", "members")
    )


# --- tokens ------------------------------------------------------------------------------------------


@transaction.atomic
def create_token(user: User, name: str, *, days: int, by: User, scope: str = TokenScope.READ) -> tuple[ApiToken, str]:
    """Make a token, for reading unless said otherwise; returns the row and the token, which cannot be shown again.

    Raises ValidationError at `days`, `name` or `scope`, and as a whole for one token too many.
    """
    if not 1 <= days <= MAX_TOKEN_DAYS:
        raise ValidationError({"days": _("A token lasts from 1 to %(n)d days.") % {"n": MAX_TOKEN_DAYS}})
    limit = int(settings.REST_KNOX["TOKEN_LIMIT_PER_USER"] or 0)
    User.objects.select_for_update().get(pk=user.pk)  # two requests at once are counted one after the other
    if ApiToken.objects.filter(user=user).count() >= limit:
        raise ValidationError(_("You have %(n)d tokens, as many as one may have. Revoke one first.") % {"n": limit})
    digest, text = get_digest_token()
    token = ApiToken(
        user=user,
        name=name.strip(),
        scope=scope,
        digest=digest,
        token_key=text[: CONSTANTS.TOKEN_KEY_LENGTH],
        expiry=timezone.now() + dt.timedelta(days=days),
    )
    token.full_clean()
    name_author(token, by)
    token.save(force_insert=True)
    return token, text


@transaction.atomic
def revoke_token(token: ApiToken, *, by: User) -> None:
    """End a token; whoever uses it is refused from the next request on."""
    name_author(token, by, "revoked")
    token.delete()
