"""From what was recorded in a stretch of time to what people are to be told of it. Registered in settings.NOTICE_FINDERS."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.db.models import F

from brics_tracker.accounts.choices import Reason, Why
from brics_tracker.accounts.notices.sources import Telling, Tie
from brics_tracker.tracking.choices import ReviewState
from brics_tracker.tracking.models import (
    Comment,
    DueDateChange,
    ItemMerge,
    ReviewRequest,
    ReviewReturn,
    StatusChange,
    TrackedItem,
    Update,
)
from brics_tracker.tracking.querysets import PUBLIC_STATES

from .audience import Audience, who_may_see
from .subjects import excerpt


def _of_item(item: TrackedItem) -> dict[str, Any]:
    return {"subject": "item", "subject_pk": item.pk, "label": str(item), "address": item.get_absolute_url()}


def _of_update(update: Update) -> dict[str, Any]:
    return {
        "subject": "update", "subject_pk": update.pk, "label": str(update.item), "address": update.get_absolute_url(),
        "facts": {"text": excerpt(update.text, update.text_html)},
    }  # fmt: skip


def published_updates(since: dt.datetime, until: dt.datetime) -> Iterator[Telling]:
    """What was published, to who follows the item, and to its author that it was."""
    found = Update.objects.by_people().filter(
        published_at__gt=since, published_at__lte=until, review_state__in=PUBLIC_STATES
    )
    updates = list(found.select_related("item"))
    audience = Audience({update.item_id for update in updates})
    changes = StatusChange.objects.filter(update__in=updates, status=F("update__status_claimed"))
    moved = set(changes.values_list("update", flat=True))
    for update in updates:
        at = update.published_at or until
        common = _of_update(update) | {
            "key": f"update:{update.pk}:published",
            "at": at,
            "actor": update.published_by_id,
        }
        yield Telling(reason=Reason.PUBLISHED, people=[Tie(update.author_id, Why.AUTHOR)], **common)
        if update.no_change:
            continue
        reason = Reason.STATUS if update.pk in moved else Reason.PROGRESS
        common["facts"] = common["facts"] | {"status": update.status_claimed}
        people = [tie for tie in audience.of(update.item_id, at) if tie.person != update.author_id]
        yield Telling(reason=reason, people=people, **common)


def retracted_updates(since: dt.datetime, until: dt.datetime) -> Iterator[Telling]:
    """What counts no more, to who follows the item."""
    found = Update.objects.by_people().filter(
        retracted_at__gt=since, retracted_at__lte=until, review_state=ReviewState.RETRACTED
    )
    updates = list(found.select_related("item"))
    audience = Audience({update.item_id for update in updates})
    for update in updates:
        at = update.retracted_at or until
        common = _of_update(update) | {"facts": {"text": excerpt(update.retraction_reason)}}
        yield Telling(
            reason=Reason.RETRACTED, key=f"update:{update.pk}:retracted", at=at, actor=update.retracted_by_id,
            people=audience.of(update.item_id, at), **common,
        )  # fmt: skip


def published_items(since: dt.datetime, until: dt.datetime) -> Iterator[Telling]:
    """New items, to who follows their theme, and to their author that they were published."""
    found = TrackedItem.objects.published().filter(published_at__gt=since, published_at__lte=until)
    items = list(found.exclude(author__is_system=True))
    audience = Audience({item.pk for item in items})
    for item in items:
        at = item.published_at or until
        common = _of_item(item) | {"key": f"item:{item.pk}:published", "at": at, "actor": item.published_by_id}
        yield Telling(reason=Reason.PUBLISHED, people=[Tie(item.author_id, Why.AUTHOR)], **common)
        people = [tie for tie in audience.of(item.pk, at) if tie.person != item.author_id]
        yield Telling(reason=Reason.ADDED, people=people, **common)


def returns(since: dt.datetime, until: dt.datetime) -> Iterator[Telling]:
    """What was handed back, to its author."""
    found = ReviewReturn.objects.filter(at__gt=since, at__lte=until).select_related("item", "update__item")
    for each in found:
        about = _of_update(each.update) if each.update else _of_item(each.item)
        author = (each.update or each.item).author_id
        yield Telling(
            reason=Reason.RETURNED, key=f"return:{each.pk}", at=each.at, actor=each.by_id,
            people=[Tie(author, Why.AUTHOR)], **about | {"facts": {"text": excerpt(each.reason)}},
        )  # fmt: skip


def review_requests(since: dt.datetime, until: dt.datetime) -> Iterator[Telling]:
    """Who was asked by name, while it still waits."""
    found = ReviewRequest.objects.filter(at__gt=since, at__lte=until, update__review_state=ReviewState.SUBMITTED)
    for each in found.select_related("update__item"):
        yield Telling(
            reason=Reason.REVIEW_ASKED, key=f"review-request:{each.pk}", at=each.at, actor=each.by_id,
            people=[Tie(each.reviewer_id, Why.ASKED)], **_of_update(each.update),
        )  # fmt: skip


def comments(since: dt.datetime, until: dt.datetime) -> Iterator[Telling]:
    """What was said: to whom it names, to who took part before, to who follows the item; and sees it."""
    found = Comment.objects.filter(updated_at__gt=since, updated_at__lte=until, removed_at__isnull=True)
    said = list(found.select_related("item", "update__item").prefetch_related("mentioned"))
    audience = Audience({comment.item_id for comment in said})
    for comment in said:
        about: dict[str, Any] = {
            "subject": "comment", "subject_pk": comment.pk, "label": str(comment.item),
            "address": comment.get_absolute_url(), "facts": {"text": excerpt(comment.text, comment.text_html)}, "actor": comment.author_id,
        }  # fmt: skip
        named = [person.pk for person in comment.mentioned.all()]
        yield Telling(
            reason=Reason.MENTION, key=f"comment:{comment.pk}:mention", at=comment.updated_at,
            people=[Tie(pk, Why.MENTIONED) for pk in named], **about,
        )  # fmt: skip
        if comment.created_at <= since:
            continue  # only edited since: who was told of it is not told again
        people = {tie.person: tie for tie in audience.of(comment.item_id, comment.created_at)}
        earlier = Comment.objects.filter(item=comment.item_id, update=comment.update_id, pk__lt=comment.pk)
        for pk in {*earlier.values_list("author", flat=True), *([comment.update.author_id] if comment.update else [])}:
            people.setdefault(pk, Tie(pk, Why.TALKED))
        others = who_may_see(people.values(), comment.item, comment.update)
        yield Telling(
            reason=Reason.COMMENT, key=f"comment:{comment.pk}", at=comment.created_at,
            people=[tie for tie in others if tie.person not in named], **about,
        )  # fmt: skip


def slips(since: dt.datetime, until: dt.datetime) -> Iterator[Telling]:
    """Due dates that moved to a later day, to who follows the item."""
    found = DueDateChange.objects.filter(
        at__gt=since, at__lte=until, undone_at__isnull=True, new_due__gt=F("old_due"), by__is_system=False
    )
    moves = list(found.select_related("milestone__item"))
    audience = Audience({move.milestone.item_id for move in moves})
    for move in moves:
        item = move.milestone.item
        facts = {"step": move.milestone.title, "old": str(move.old_due or ""), "new": str(move.new_due)}
        yield Telling(
            reason=Reason.SLIP, key=f"slip:{move.pk}", at=move.at, actor=move.by_id,
            people=who_may_see(audience.of(item.pk, move.at), item, None), **_of_item(item), facts=facts,
        )  # fmt: skip


def archived_items(since: dt.datetime, until: dt.datetime) -> Iterator[Telling]:
    """What left the lists, to who follows it, with the reason on record."""
    items = list(TrackedItem.objects.filter(archived_at__gt=since, archived_at__lte=until, merged_into=None))
    audience = Audience({item.pk for item in items})
    for item in items:
        at = item.archived_at or until
        entries = TrackedItem.history.filter(id=item.pk, archived_at=at).order_by("history_id")
        entry = entries.values("history_user", "history_change_reason").first() or {}
        yield Telling(
            reason=Reason.ARCHIVED, key=f"item:{item.pk}:archived:{at:%Y%m%d%H%M%S}", at=at,
            actor=entry.get("history_user"), people=who_may_see(audience.of(item.pk, at), item, None),
            **_of_item(item), facts={"text": excerpt(entry.get("history_change_reason") or "")},
        )  # fmt: skip


def merged_items(since: dt.datetime, until: dt.datetime) -> Iterator[Telling]:
    """What was taken into another, to who follows that one: whoever followed the merged one does by now."""
    merges = list(ItemMerge.objects.filter(at__gt=since, at__lte=until).select_related("merged", "into"))
    audience = Audience({merge.into_id for merge in merges})
    for merge in merges:
        facts = {"into": str(merge.into)}
        yield Telling(
            reason=Reason.MERGED, key=f"merge:{merge.pk}", at=merge.at, actor=merge.by_id,
            people=who_may_see(audience.of(merge.into_id, merge.at), merge.into, None),
            **_of_item(merge.into) | {"label": str(merge.merged), "facts": facts},
        )  # fmt: skip
