"""What the notices of the register are about, and what each says beyond its reason."""

from __future__ import annotations

from html import unescape
from typing import TYPE_CHECKING

from django.utils.html import strip_tags
from django.utils.translation import gettext as _

from brics_tracker.accounts.access import may_read
from brics_tracker.accounts.choices import Reason
from brics_tracker.accounts.notices.sources import Subject
from brics_tracker.core.models import Theme
from brics_tracker.core.partial_dates import show
from brics_tracker.tracking.models import Comment, TrackedItem, Update
from brics_tracker.tracking.workflow import Status

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from brics_tracker.accounts.access import Actor
    from brics_tracker.accounts.notices.models import Notice

EXCERPT = 240  # characters of what was said, in a notice


def items() -> Subject:
    return Subject("item", TrackedItem.objects.visible_to, in_words)


def updates() -> Subject:
    return Subject("update", Update.objects.visible_to, in_words)


def comments() -> Subject:
    return Subject("comment", _standing, in_words)


def themes() -> Subject:
    """Public facts to whoever may read the register."""
    return Subject("theme", lambda user: Theme.objects.all() if may_read(user) else Theme.objects.none(), in_words)


def _standing(user: Actor) -> QuerySet[Comment]:
    return Comment.objects.visible_to(user).filter(removed_at__isnull=True)


def in_words(notice: Notice) -> str:
    """What happened, from the facts that the finder noted."""
    facts = notice.facts
    if notice.reason == Reason.STATUS:
        return str(Status(facts["status"]).label) + (f": {facts['text']}" if facts.get("text") else "")
    if notice.reason == Reason.SLIP:
        words = {"step": facts["step"], "old": show(facts["old"] or ""), "new": show(facts["new"])}
        return _("%(step)s: from %(old)s to %(new)s") % words
    if notice.reason in {Reason.DUE, Reason.OVERDUE, Reason.REPORT, Reason.MISSING, Reason.SECOND_LINE}:
        return _("Due %(day)s") % {"day": show(facts["day"])}
    if notice.reason == Reason.MERGED:
        return _("Now part of %(name)s") % {"name": facts["into"]}
    return str(facts.get("text", ""))


def excerpt(text: str, html: str = "") -> str:
    """The beginning, on one line; of Markdown, given its HTML, without the marks."""
    line = " ".join((unescape(strip_tags(html)) if html else text).split())
    return line if len(line) <= EXCERPT else f"{line[:EXCERPT].rsplit(' ', 1)[0]} …"
