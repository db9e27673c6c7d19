"""What the pages of one's account and one's exports show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from brics_tracker.core.models import ExportFile, Job

from . import access
from .exports import JOB
from .models import Grant, User

SHOWN_EXPORTS = 50


@dataclass(frozen=True, slots=True)
class ExportRow:
    """An export that someone asked for; `file` while it is there, `is_outdated` where their rights have changed since."""

    job: Job
    file: ExportFile | None
    is_outdated: bool

    @property
    def again(self) -> str:
        """What the page that has it made wants to be asked."""
        return urlencode({"list": self.job.arguments["address"], "format": self.job.arguments["format"]})


def exports_for_page(user: User) -> list[ExportRow]:
    """The person's latest exports, newest first. One query, and those of the grants."""
    rights, now = access.digest_of_rights(user), timezone.now()
    rows = []
    for job in (
        Job.objects.filter(kind=JOB, owner=user)
        .select_related("export_file")
        .order_by("-created_at", "-pk")[:SHOWN_EXPORTS]
    ):
        file: ExportFile | None = getattr(job, "export_file", None)
        if file is not None and file.expires_at <= now:
            file = None
        rows.append(ExportRow(job, file, file is not None and file.rights != rights))
    return rows


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


def assignable_people() -> QuerySet[User]:
    """Those who can be given something to do: everyone who can sign in."""
    return User.objects.filter(is_active=True, is_system=False).order_by("name", "pk")
