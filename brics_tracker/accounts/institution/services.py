"""Who may enter through the institution: people who are known here, each under one identity of theirs."""

from __future__ import annotations

from allauth.socialaccount.models import SocialAccount
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from brics_tracker.accounts.models import User
from brics_tracker.core.history import record

from .provider import INSTITUTION


@transaction.atomic
def admit(*, subject: str, address: str, is_verified: bool) -> User:
    """The person for whom the institution vouches: invited here under this very address, which it has verified.

    `subject` is its own name for the person: the first sign-in ties it to the account, and from then on both must
    agree, so that an address given to a successor opens nothing. Raises ValidationError, in the same words for
    every reason.
    """
    known = User.objects.select_for_update().filter(email=address.strip().lower(), is_active=True, is_system=False)
    user = known.first() if is_verified else None
    if user is not None:
        ties = SocialAccount.objects.filter(Q(uid=subject) | Q(user=user), provider=INSTITUTION)
        held = {(tie.user_id, tie.uid) for tie in ties}
        if not held:
            SocialAccount.objects.create(user=user, provider=INSTITUTION, uid=subject)
            record(user, by=user, reason="tied to the institution's account")
        if held <= {(user.pk, subject)}:
            return user
    raise ValidationError(
        _(
            "Your institution knows you, but nobody was invited here under an address that it has verified. "
            "Ask an administrator of the register."
        ),
        code="not_admitted",
    )


@transaction.atomic
def untie(user: User, *, by: User) -> None:
    """Forget which identity at the institution is this person's; the next sign-in ties one anew."""
    gone, _by_model = SocialAccount.objects.filter(user=user, provider=INSTITUTION).delete()
    if not gone:
        raise ValidationError(_("%(name)s is not tied to an account of the institution.") % {"name": user})
    record(user, by=by, reason="untied from the institution's account")
