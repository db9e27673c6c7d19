"""Conversation: comments with the people they mention, and reviewers asked by name."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from brics_tracker.accounts import access as grants
from brics_tracker.accounts.models import User
from brics_tracker.accounts.notices.services import reword, tell_soon
from brics_tracker.core.markdown import render_markdown
from brics_tracker.tracking import access
from brics_tracker.tracking.models import Comment, ReviewRequest, TrackedItem, Update
from brics_tracker.tracking.notices.subjects import excerpt

from .changes import add, check_version, lock_item, once, write
from .checks import check_four_eyes

if TYPE_CHECKING:
    from brics_tracker.accounts.access import Actor

# Not in a mail address or a path: what stands before the sign is no letter, digit, dot or slash.
# Finders of notices, by name: they stand above these services.
COMMENTS = "brics_tracker.tracking.notices.finding.comments"
REVIEW_REQUESTS = "brics_tracker.tracking.notices.finding.review_requests"
RETURNS = "brics_tracker.tracking.notices.finding.returns"
_MENTION = re.compile(r"(?<![\w@./-])@([a-z0-9]+(?:-[a-z0-9]+)*)", re.IGNORECASE)
MOST_MENTIONED = 20


@transaction.atomic
def add_comment(
    item: TrackedItem, *, by: User, text: str, update: Update | None = None, form_key: uuid.UUID | None = None
) -> Comment:
    """Say something about an item, or about one of its updates; whom it mentions and may see it is told.

    The same `form_key` again returns the comment already made. Raises ValidationError at `text`, PermissionDenied
    where `by` may not comment on this item.
    """
    item = lock_item(item.pk)  # as it stands now: not the one that a page read, which may be merged meanwhile
    _check_may(by, item, update)
    return once(by, form_key, lambda: _add(item, by=by, text=text, update=update))


def _add(item: TrackedItem, *, by: User, text: str, update: Update | None) -> Comment:
    comment = Comment(item=item, update=update, author=by, **_prepared(text))
    return _told(add(comment, by=by, mentioned=people_mentioned(text, item, update)))


@transaction.atomic
def edit_comment(comment: Comment, *, by: User, text: str, version: int | None = None) -> Comment:
    """Change one's own words; the record keeps the old ones. Raises StaleVersion where another window saved meanwhile."""
    comment = _own(comment, by)
    _check_may(by, comment.item, comment.update)
    changes = check_version(comment, version, _prepared(text))
    if not changes:
        return comment
    mentioned = people_mentioned(text, comment.item, comment.update)
    comment = write(comment, by=by, **changes, mentioned=mentioned)
    reword("comment", comment.pk, {"text": excerpt(comment.text, comment.text_html)})
    return _told(comment)


@transaction.atomic
def remove_comment(comment: Comment, *, by: User) -> Comment:
    """Take one's own words away: their place stays, marked, and the record keeps them. Twice is once."""
    comment = _own(comment, by, removed_too=True)
    if comment.is_removed:
        return comment
    return write(
        comment, by=by, because="removed", text="", text_html="", mentioned=[], removed_at=timezone.now()
    )  # fmt: skip


@transaction.atomic
def ask_review(update: Update, *, by: User, reviewer: User) -> ReviewRequest:
    """Ask one reviewer to look at what waits for review; asking again is the request there is.

    Raises ValidationError at `reviewer` where that person may not publish it.
    """
    update = Update.objects.select_related("item").get(pk=update.pk)
    access.require(access.sees_update(by, update) and access.may_ask_review(by, update))
    if reviewer not in reviewers_of(update):
        raise ValidationError({"reviewer": _("This person cannot review it.")})
    found, made = ReviewRequest.objects.get_or_create(update=update, reviewer=reviewer, defaults={"by": by})
    if made:
        tell_soon(REVIEW_REQUESTS, key=f"review-request:{found.pk}")
    return found


def reviewers_of(update: Update) -> list[User]:
    """Who may publish this update: reviewers in scope, not its author while four-eyes is on. By name."""
    held = User.objects.filter(grants__role__in=grants.REVIEWERS, is_active=True, is_system=False).distinct()
    people = list(held.order_by("name", "pk"))
    grants.read_grants(people)
    return [person for person in people if access.may_review(person, update.item) and _has_other_eyes(update, person)]


def _has_other_eyes(update: Update, person: User) -> bool:
    try:
        check_four_eyes(update.author_id, person)
    except ValidationError:
        return False
    return True


def people_mentioned(text: str, item: TrackedItem, update: Update | None) -> list[User]:
    """Whom the text names by handle, as far as they may see what it is about."""
    named = User.objects.filter(handle__in=handles_in(text), is_active=True, is_system=False).order_by("handle")
    return who_see(list(named), item, update)


def handles_in(text: str) -> list[str]:
    """The handles that a text names, each once, the first MOST_MENTIONED of them."""
    return list(dict.fromkeys(found.lower() for found in _MENTION.findall(text)))[:MOST_MENTIONED]


def unheard(comment: Comment) -> list[str]:
    """Handles in a comment that reach nobody: there is none, or they may not see it. Which of both is not said."""
    heard = set(comment.mentioned.values_list("handle", flat=True))
    return [handle for handle in handles_in(comment.text) if handle not in heard]


def who_see(people: Iterable[User], item: TrackedItem, update: Update | None) -> list[User]:
    """Those of them who may see the item, or the update. As many queries as for one."""
    people = list(people)
    grants.read_grants(people)
    if update is not None:
        update.item = item
    return [person for person in people if _sees(person, item, update)]


def _sees(person: Actor, item: TrackedItem, update: Update | None) -> bool:
    return access.sees_item(person, item) if update is None else access.sees_update(person, update)


def _told(comment: Comment) -> Comment:
    """Whom it names hears of it at once, the others at the next tick."""
    if comment.mentioned.exists():
        tell_soon(COMMENTS, key=f"comment:{comment.pk}:{comment.version}")
    return comment


def _check_may(by: User, item: TrackedItem, update: Update | None) -> None:
    if update is not None:
        update.item = item
    access.require(_sees(by, item, update))
    access.require_of(access.may_comment, by, item)


def _own(comment: Comment, by: User, *, removed_too: bool = False) -> Comment:
    comment = Comment.objects.select_for_update(no_key=True).get(pk=comment.pk)
    access.require(comment.author_id == by.pk)
    if comment.is_removed and not removed_too:
        raise ValidationError(_("This comment was removed."), code="removed")
    return comment


def _prepared(text: str) -> dict[str, str]:
    text = text.strip()
    if not text:
        raise ValidationError({"text": _("Write something.")})
    return {"text": text, "text_html": render_markdown(text)}
