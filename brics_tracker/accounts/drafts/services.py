"""Keep, give back and let go what is being typed."""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from brics_tracker.accounts.models import Draft, User
from brics_tracker.core.htmx import is_own_path
from brics_tracker.core.text import is_clean

MOST = 200  # drafts of one person
LARGEST = 200_000  # characters of one draft, all fields together
FIELDS = 400
SITTING = re.compile(r"[0-9a-f]{0,32}")


@transaction.atomic
def keep_draft(
    *, by: User, address: str, sitting: str, page: str, title: str, fields: Mapping[str, str | bool],
    takes: Mapping[str, str] | None = None,
) -> Draft:  # fmt: skip
    """Keep what stands in the form at this address now; the newest of this sitting is what is kept of it.

    Each opening of a form is a sitting and writes its own draft alone: what was typed in another, and is still on
    offer, is never overwritten. takes: drafts of other sittings that were put back into this form, each with the moment
    (ISO 8601) at which it was read; they go, unless something was typed there since.
    address: the path that the form is sent to; page: the one that it stands on. Raises ValidationError where it is no
    path of this site, or too much, or the person keeps too many drafts already.
    """
    if not is_form_path(address) or not is_form_path(page):
        raise ValidationError({"address": _("This is no form of this site.")})
    if not SITTING.fullmatch(sitting):
        raise ValidationError({"sitting": _("This could not be read.")})
    size = sum(len(name) + len(str(value)) for name, value in fields.items())
    plain = all(isinstance(value, str | bool) for value in fields.values())
    if len(fields) > FIELDS or size > LARGEST or not plain:
        raise ValidationError({"fields": _("This is too much to keep; send the form.")})
    kept = {name: value for name, value in fields.items() if isinstance(value, bool) or is_clean(value)}
    User.objects.select_for_update(no_key=True).get(pk=by.pk)  # one after the other, so that the limit holds
    for other, at in (takes or {}).items():
        if other != sitting:
            discard_draft(by=by, address=address, sitting=other, at=str(at))
    drafts = Draft.objects.filter(user=by)
    if not drafts.filter(address=address, sitting=sitting).exists() and drafts.count() >= MOST:
        raise ValidationError(
            {"address": _("You keep %(most)s drafts already; let some go on My work.") % {"most": MOST}}
        )
    draft, _made = Draft.objects.update_or_create(
        user=by,
        address=address,
        sitting=sitting,
        defaults={"fields": kept, "page": page, "title": title[:200] if is_clean(title) else ""},
    )
    return draft


def is_form_path(text: str) -> bool:
    """Is it the path of a page of this site, short enough to be kept?"""
    return is_clean(text) and is_own_path(text, most=300)


@transaction.atomic
def discard_draft(*, by: User, address: str, sitting: str, at: str | None = None) -> bool:
    """Let go what one sitting kept for a form: it was sent, or its author threw it away. Was there any?

    at: the moment (ISO 8601) at which its author read it; what was typed there since stays.
    """
    if not is_form_path(address) or not SITTING.fullmatch(sitting):
        return False
    found = Draft.objects.select_for_update().filter(user=by, address=address, sitting=sitting).first()
    if found is None or at not in (None, found.updated_at.isoformat()):
        return False
    found.delete()
    return True
