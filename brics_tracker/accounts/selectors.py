"""What the account page says of a person."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from .models import Grant, User


def grants_in_words(user: User) -> list[str]:
    """Each grant as one line: the role and where it holds, as in "Reviewer within Energy, for Brazil"."""
    return [grant_in_words(grant) for grant in user.grants.prefetch_related("themes", "members")]


def grant_in_words(grant: Grant) -> str:
    """One grant with its scope; expects themes and members prefetched where many are shown."""
    themes = _names(grant.themes.all())
    members = _names(grant.members.all())
    role = grant.get_role_display().capitalize()
    if themes and members:
        return _("%(role)s within %(themes)s, for %(members)s") % {"role": role, "themes": themes, "members": members}
    if themes:
        return _("%(role)s within %(themes)s") % {"role": role, "themes": themes}
    if members:
        return _("%(role)s for %(members)s") % {"role": role, "members": members}
    return _("%(role)s everywhere") % {"role": role}


def _names(things: Iterable[object]) -> str:
    return pgettext("between names in a list", ", ").join(str(thing) for thing in things)
