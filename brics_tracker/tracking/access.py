"""The object for this person, or 404 (may not see it) or 403 (sees it, may not do this)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from brics_tracker.accounts import access
from brics_tracker.accounts.access import EDITORS, OVERSEERS, REVIEWERS, WRITERS
from brics_tracker.core.clock import shown_day
from brics_tracker.core.moved import Moved

from .choices import ReviewState
from .models import Comment, Document, Evidence, EvidenceFile, Milestone, TrackedItem, Update
from .querysets import PUBLIC_STATES, sees_only_public

if TYPE_CHECKING:
    from brics_tracker.accounts.access import Actor
    from brics_tracker.accounts.models import User


def in_scope(user: Actor, item: TrackedItem, roles: frozenset[str]) -> bool:
    """Does a grant of one of these roles cover the item? The system actor of the catalogue is never asked.

    Nobody acts on the past: while a past day is shown, no grant covers anything.
    """
    if shown_day() is not None:
        return False
    if getattr(user, "is_system", False):
        return True
    if access.holds_everywhere(user, roles):
        return True  # themes and members need not be read
    if not access.holds(user, roles):
        return False
    prefetch_related_objects([item], "themes", "members")  # read once, however often a page asks
    return access.covers(
        user,
        roles,
        theme_ids={theme.pk for theme in item.themes.all()},
        member_ids={member.pk for member in item.members.all()},
        all_members=item.all_members,
    )


def sees_item(user: Actor, item: TrackedItem) -> bool:
    """TrackedItemQuerySet.visible_to, of one item and of many people; a test holds the two equal."""
    if sees_only_public(user):
        return item.is_published and access.may_read(user)
    return item.is_published or item.author_id == user.pk or in_scope(user, item, OVERSEERS)


def sees_update(user: Actor, update: Update) -> bool:
    """UpdateQuerySet.visible_to, of one update and of many people."""
    if not sees_item(user, update.item):
        return False
    if update.review_state in PUBLIC_STATES:
        return True
    return not sees_only_public(user) and (update.author_id == user.pk or in_scope(user, update.item, OVERSEERS))


def may_comment(user: Actor, item: TrackedItem) -> bool:
    """Editors in scope, on what they see and is not archived; whether they see it is asked first."""
    return item.archived_at is None and in_scope(user, item, EDITORS)


def may_ask_review(user: Actor, update: Update) -> bool:
    """Ask a reviewer by name: whoever may log on the item, of what waits for review."""
    return update.review_state == ReviewState.SUBMITTED and may_log(user, update.item)


def may_edit(user: Actor, item: TrackedItem) -> bool:
    """Text, plan and relations: editors in scope; before publishing only the author and overseers in scope."""
    if item.archived_at is not None or not in_scope(user, item, EDITORS):
        return False
    return item.is_published or item.author_id == user.pk or in_scope(user, item, OVERSEERS)


def may_log(user: Actor, item: TrackedItem) -> bool:
    """Log progress: analysts and reviewers in scope, on what is published and not archived."""
    return item.is_published and item.archived_at is None and in_scope(user, item, WRITERS)


def loggable_among(user: Actor, keys: Sequence[int]) -> set[int]:
    """Those of these items on which `may_log` says yes; one query at most."""
    if not keys or shown_day() is not None or not access.holds(user, WRITERS):
        return set()
    items = TrackedItem.objects.published().current().in_scope(user, WRITERS)
    return set(items.filter(pk__in=keys).values_list("pk", flat=True))


def may_review(user: Actor, item: TrackedItem) -> bool:
    """Publish, return, retract: reviewers in scope (four-eyes is asked of the act itself)."""
    return in_scope(user, item, REVIEWERS)


def may_confirm(user: Actor, item: TrackedItem) -> bool:
    """Say that a suggested owner is the owner, and that steps count: reviewers and administrators in scope."""
    return item.archived_at is None and in_scope(user, item, OVERSEERS)


def may_edit_evidence(user: Actor, item: TrackedItem, evidence: Evidence) -> bool:
    """Its author, as long as they may log there; reviewers and administrators in scope."""
    if item.archived_at is not None:
        return False
    return (evidence.author_id == user.pk and may_log(user, item)) or in_scope(user, item, OVERSEERS)


def may_archive(user: Actor, item: TrackedItem) -> bool:
    return in_scope(user, item, access.ADMINISTRATORS)


def may_create(user: Actor) -> bool:
    """Make a new item somewhere: any editor; the scope is checked when its themes and members are known."""
    return shown_day() is None and access.holds(user, EDITORS)


def may_log_somewhere(user: Actor) -> bool:
    """Log progress on some item: any analyst or reviewer; each item is asked for itself."""
    return shown_day() is None and access.holds(user, WRITERS)


def require(allowed: bool) -> None:
    """Turn a "no" into 403 with words that a person can act on."""
    if not allowed:
        raise PermissionDenied(
            _("Your roles do not cover this. Ask an administrator for a grant in this theme or member.")
        )


def require_of(rule: Callable[..., bool], user: Actor, item: TrackedItem, *of: Any) -> None:
    """Turn a "no" of one of these rules about an item (and what hangs on it: `of`) into 403, which says that it is
    archived where nothing else stands in the way.
    """
    if rule(user, item, *of):
        return
    if item.archived_at is not None:
        current = copy(item)
        current.archived_at = None
        if rule(user, current, *of):
            raise PermissionDenied(
                _("%(reference)s is archived: nothing of it can be changed until an administrator restores it.")
                % {"reference": item.reference}
            )
    require(False)


def may_merge(user: Actor, item: TrackedItem) -> bool:
    """Merge it, into another or another into it, and split it: administrators in scope."""
    return item.is_published and item.merged_into_id is None and may_archive(user, item)


def standing_item(item: TrackedItem) -> TrackedItem:
    """The item itself, or what it was merged into in the end."""
    while item.merged_into is not None:
        item = item.merged_into
    return item


def lead_on(item: TrackedItem) -> TrackedItem:
    """The item, unless it was merged into another: raises Moved, which leads there. (Only what is public takes in others.)"""
    if item.merged_into_id is None:
        return item
    new = standing_item(item).reference
    words = _("%(old)s was merged into %(new)s, which is shown here.") % {"old": item.reference, "new": new}
    raise Moved(item.reference, new, words)


def item_to_read(
    request: HttpRequest, reference: str, kind: str | None = None, *, merged_too: bool = False
) -> TrackedItem:
    """The item with owner and lead theme at hand; 404 where this person may not see it.

    Raises Moved where it was merged into another, unless `merged_too`: its record is still read.
    """
    items = TrackedItem.objects.visible_to(request.user).select_related("lead_theme", "owner", "author", "published_by")
    if kind is not None:
        items = items.filter(item_kind=kind).select_related(kind)  # the detail is named as its kind
    item = get_object_or_404(items, reference=reference)
    return item if merged_too else lead_on(item)


def item_to_edit(request: HttpRequest, reference: str, kind: str | None = None) -> TrackedItem:
    item = item_to_read(request, reference, kind)
    require_of(may_edit, request.user, item)
    return item


def item_to_log(request: HttpRequest, reference: str) -> TrackedItem:
    item = lead_on(get_object_or_404(TrackedItem.objects.visible_to(request.user), reference=reference))
    require_of(may_log, request.user, item)
    return item


def item_to_review(request: HttpRequest, reference: str) -> TrackedItem:
    item = item_to_read(request, reference)
    require(may_review(request.user, item))
    return item


def item_to_archive(request: HttpRequest, reference: str) -> TrackedItem:
    item = item_to_read(request, reference)
    require(may_archive(request.user, item))
    return item


def item_to_merge(request: HttpRequest, reference: str) -> TrackedItem:
    """A published item that administrators in scope may merge or split."""
    item = item_to_read(request, reference)
    require(may_merge(request.user, item))
    return item


def update_to_read(request: HttpRequest, pk: int) -> Update:
    updates = Update.objects.visible_to(request.user).select_related(
        "item__lead_theme", "item__owner", "author", "corrects"
    )
    return get_object_or_404(updates, pk=pk)


def update_to_edit(request: HttpRequest, pk: int) -> Update:
    """The author's own, while it is a draft or returned."""
    update = update_to_read(request, pk)
    require(update.author_id == request.user.pk and update.is_editable)
    require_of(may_log, request.user, update.item)
    return update


def update_to_delete(request: HttpRequest, pk: int) -> Update:
    """The author's own, wherever its item stands by now: what nobody can finish can still be thrown away."""
    update = update_to_read(request, pk)
    require(update.author_id == request.user.pk and update.is_editable)
    return update


def update_to_review(request: HttpRequest, pk: int) -> Update:
    update = update_to_read(request, pk)
    require(may_review(request.user, update.item))
    return update


def update_to_correct(request: HttpRequest, pk: int) -> Update:
    """A published update, by whoever may log on its item."""
    update = update_to_read(request, pk)
    require_of(may_log, request.user, update.item)
    require(update.review_state == ReviewState.PUBLISHED)
    return update


def item_to_comment(request: HttpRequest, reference: str) -> TrackedItem:
    item = item_to_read(request, reference)
    require_of(may_comment, request.user, item)
    return item


def update_to_comment(request: HttpRequest, pk: int) -> Update:
    update = update_to_read(request, pk)
    require_of(may_comment, request.user, update.item)
    return update


def update_to_ask_for(request: HttpRequest, pk: int) -> Update:
    update = update_to_read(request, pk)
    require(may_ask_review(request.user, update))
    return update


def comment_to_change(request: HttpRequest, pk: int) -> Comment:
    """One's own, while it stands."""
    visible = Comment.objects.visible_to(request.user).select_related("item", "update", "author")
    comment = get_object_or_404(visible, pk=pk)
    require(comment.author_id == request.user.pk and shown_day() is None and comment.removed_at is None)
    return comment


def milestone_to_edit(request: HttpRequest, pk: int) -> Milestone:
    visible = TrackedItem.objects.visible_to(request.user)
    milestone = get_object_or_404(
        Milestone.objects.filter(dropped_at__isnull=True, item__in=visible).select_related("item"), pk=pk
    )
    require_of(may_edit, request.user, milestone.item)
    return milestone


def evidence_to_read(request: HttpRequest, pk: int) -> Evidence:
    return get_object_or_404(Evidence.objects.visible_to(request.user).select_related("item"), pk=pk)


def evidence_to_edit(request: HttpRequest, pk: int) -> Evidence:
    evidence = evidence_to_read(request, pk)
    require_of(may_edit_evidence, request.user, evidence.item, evidence)
    return evidence


def evidence_file_to_read(request: HttpRequest, pk: int) -> EvidenceFile:
    """Asked at every click: a file is as visible as its evidence."""
    visible = Evidence.objects.visible_to(request.user)
    files = EvidenceFile.objects.select_related("evidence__item").filter(evidence__in=visible)
    return get_object_or_404(files, pk=pk)


def document_to_read(request: HttpRequest, key: str) -> Document:
    if not access.may_read(request.user):
        raise Http404
    return get_object_or_404(Document, key=key)


def check_may_review(user: User, item: TrackedItem) -> None:
    """For services: the act itself refuses whoever may not, by whatever door they came. Raises PermissionDenied."""
    require(may_review(user, item))
