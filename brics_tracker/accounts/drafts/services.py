"""Keep, give back and let go what is being typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from brics_tracker.accounts.models import Draft
from brics_tracker.core.htmx import is_own_path
from brics_tracker.core.text import is_clean

if TYPE_CHECKING:
    from brics_tracker.accounts.models import User

MOST = 200  # drafts of one person
LARGEST = 200_000  # characters of one draft, all fields together
FIELDS = 400


@transaction.atomic
def keep_draft(*, by: User, address: str, page: str, title: str, fields: Mapping[str, str | bool]) -> Draft:
    """Keep what stands in the form at this address now; the newest is what is kept.

    address: the path that the form is sent to; page: the one that it stands on. Raises ValidationError where it is no path of this site, or
    too much, or the person keeps too many drafts already.
    """
    if not is_form_path(address) or not is_form_path(page):
        raise ValidationError({"address": _("This is no form of this site.")})
    size = sum(len(name) + len(str(value)) for name, value in fields.items())
    plain = all(isinstance(value, str | bool) for value in fields.values())
    if len(fields) > FIELDS or size > LARGEST or not plain:
        raise ValidationError({"fields": _("This is too much to keep; send the form.")})
    kept = {name: value for name, value in fields.items() if isinstance(value, bool) or is_clean(value)}
    drafts = Draft.objects.filter(user=by)
    if not drafts.filter(address=address).exists() and drafts.count() >= MOST:
        raise ValidationError(
            {"address": _("You keep %(most)s drafts already; let some go on My work.") % {"most": MOST}}
        )
    draft, _made = Draft.objects.update_or_create(
        user=by,
        address=address,
        defaults={"fields": kept, "page": page, "title": title[:200] if is_clean(title) else ""},
    )
    return draft


def is_form_path(text: str) -> bool:
    """Is it the path of a page of this site, short enough to be kept?"""
    return is_clean(text) and is_own_path(text, most=300)


def discard_draft(*, by: User, address: str) -> bool:
    """Let go what is kept for a form: it was sent, or its author threw it away. Was there any?"""
    gone, _by_model = Draft.objects.filter(user=by, address=address).delete()
    return bool(gone)
