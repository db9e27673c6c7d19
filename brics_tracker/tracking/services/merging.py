"""Merging duplicates: what hangs on one item goes over to the other, which stays; its old reference leads on."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from brics_tracker.tracking import access
from brics_tracker.tracking.choices import MergeChoice, PlanChoice
from brics_tracker.tracking.models import ItemMerge, Milestone, TrackedItem

from .changes import once, write
from .checks import require_reason
from .details import write_own
from .handing_over import forget_sums, hand_over
from .items import check_item, with_lead
from .state import ItemState, refresh_item
from .values import PLAIN, SEVERAL, Value, own_names, value_of

if TYPE_CHECKING:
    from brics_tracker.accounts.models import User

Seen = tuple[int | None, int | None]  # versions of both as they were shown; None: whatever they are


@dataclass(frozen=True, slots=True)
class Choice:
    """What the person chose. values: by field, whose value stays (left out: the survivor's; assignees: both).

    plan: whether the other's steps are added to the survivor's.
    """

    reason: str
    values: Mapping[str, str] = field(default_factory=dict)
    plan: str = PlanChoice.KEEP


@dataclass(frozen=True, slots=True)
class Preview:
    """What a merge would do: values before and after in words, how many rows of a sort go over, where it stands then."""

    words: Sequence[Sequence[str]]
    moved: Mapping[str, int]
    before: ItemState
    after: ItemState
    dropped: int  # open steps of the other that would be dropped


def preview_merge(survivor: TrackedItem, other: TrackedItem, *, by: User, seen: Seen, choice: Choice) -> Preview:
    """What merge_items would do, refusals included: done, read and taken back."""
    with transaction.atomic():
        before = _shown(TrackedItem.objects.get(pk=survivor.pk))
        open_steps = _open_steps(other).count()
        merge = merge_items(survivor, other, by=by, seen=seen, choice=choice)
        after = _shown(TrackedItem.objects.get(pk=survivor.pk))
        transaction.set_rollback(True)
    moved = {label: len(keys) for label, keys in merge.moved.items()}
    return Preview(merge.words, moved, before, after, 0 if choice.plan == PlanChoice.ADD else open_steps)


@transaction.atomic
def merge_items(
    survivor: TrackedItem,
    other: TrackedItem,
    *,
    by: User,
    seen: Seen,
    choice: Choice,
    form_key: uuid.UUID | None = None,
) -> ItemMerge:
    """Take one published item into another of its kind: administrators in scope of both.

    What hangs on the other goes over as each model declares (tracking.hanging); the survivor stands where the updates
    of both, in the order in which things happened, put it. The other is archived as it was last shown, and its
    reference leads on. The same `form_key` again returns the merge already made. Raises ValidationError in words for
    two kinds, one merged before, or one that someone changed since it was `seen`; PermissionDenied.
    """
    both = {
        item.pk: item
        for item in TrackedItem.objects.select_for_update(no_key=True)
        .filter(pk__in=[survivor.pk, other.pk])
        .order_by("pk")
    }
    survivor, other = both[survivor.pk], both[other.pk]
    access.require(access.may_archive(by, survivor) and access.may_archive(by, other))

    def make() -> ItemMerge:
        _check(survivor, other, seen)
        return _merge(survivor, other, by=by, choice=choice)

    return once(by, form_key, make)


def _check(survivor: TrackedItem, other: TrackedItem, seen: Seen) -> None:
    if survivor.pk == other.pk:
        raise ValidationError(_("An item cannot be merged into itself."))
    if survivor.item_kind != other.item_kind:
        raise ValidationError(_("Only items of one sort can be merged."))
    for item in (survivor, other):
        if item.merged_into is not None:
            words = {"old": item.reference, "new": item.merged_into.reference}
            raise ValidationError(_("%(old)s was merged into %(new)s already.") % words, code="merged")
        if not item.is_published:
            words = {"reference": item.reference, "state": item.get_review_state_display()}
            raise ValidationError(
                _("%(reference)s is not public (%(state)s): publish it, or return it as a duplicate.") % words
            )
    if survivor.archived_at is not None:
        raise ValidationError(_("%(reference)s is archived; restore it first.") % {"reference": survivor.reference})
    for item, version in zip((survivor, other), seen, strict=True):
        if version is not None and version != item.version:
            said = _("Someone changed %(reference)s since you opened this page. Look at both again.")
            raise ValidationError(said % {"reference": item.reference}, code="stale")


def _merge(survivor: TrackedItem, other: TrackedItem, *, by: User, choice: Choice) -> ItemMerge:
    reason, now = require_reason(choice.reason), timezone.now()
    told_survivor, told_other = f"{other.reference} merged into it", f"merged into {survivor.reference}"
    edits, own, words = _chosen(survivor, other, choice)
    moved = hand_over(other, survivor, by=by, because=told_other)
    moved |= _merge_plans(survivor, other, choice.plan, by=by, because=told_other)
    forget_sums([survivor, other])
    write_own(survivor, own, by=by)
    # Its own title beside the edits: the survivor is written, counted and on record, whatever was chosen.
    refresh_item(survivor, by=by, because=told_survivor, at=now, **{"title": survivor.title, **edits})
    write(
        other, by=by, because=told_other, merged_into=survivor, archived_at=other.archived_at or now, next_due=None,
        stagnant_after=None,
    )  # fmt: skip
    other.status_changes.filter(until__isnull=True).update(until=now)
    return ItemMerge.objects.create(
        merged=other, into=survivor, by=by, at=now, reason=reason, words=words,
        moved={label: keys for label, keys in moved.items() if keys},
    )  # fmt: skip


def _chosen(
    survivor: TrackedItem, other: TrackedItem, choice: Choice
) -> tuple[dict[str, Any], dict[str, Any], list[list[str]]]:
    """What changes of the survivor's fields and of its detail's, and the same in words. ValidationError by field."""
    names = (*PLAIN, *SEVERAL, *own_names(survivor))
    if unknown := set(choice.values) - set(names):
        raise ValidationError({name: _("There is no such field.") for name in unknown})
    edits: dict[str, Any] = {}
    own: dict[str, Any] = {}
    words: list[list[str]] = []
    for name in names:
        said = choice.values.get(name, MergeChoice.BOTH if name == "assignees" else MergeChoice.KEEP)
        mine, theirs = value_of(survivor, name), value_of(other, name)
        if said == MergeChoice.KEEP or mine.same(theirs):
            continue
        if said == MergeChoice.BOTH and name not in SEVERAL:
            raise ValidationError({name: _("Choose one of the two.")})
        value: Value = mine.joined(theirs) if said == MergeChoice.BOTH else theirs
        if value.same(mine):
            continue
        (own if name in own_names(survivor) else edits).update(value.fields)
        words.append([mine.label, mine.words, value.words])
    if "lead_theme" in edits or "themes" in edits:
        edits["themes"] = with_lead(
            edits.get("themes", list(survivor.themes.all())), edits.get("lead_theme", survivor.lead_theme)
        )
    check_item({"start_date": survivor.start_date, "target_date": survivor.target_date, **edits})
    return edits, own, words


def _open_steps(item: TrackedItem) -> models.QuerySet[Milestone]:
    return item.milestones.filter(dropped_at__isnull=True).order_by("position", "pk")


def _merge_plans(
    survivor: TrackedItem, other: TrackedItem, plan: str, *, by: User, because: str
) -> dict[str, list[int]]:
    """The other's steps go behind the survivor's, or are dropped where they stand, on record either way."""
    steps = list(_open_steps(other))
    if plan != PlanChoice.ADD:
        now = timezone.now()
        for step in steps:
            write(step, by=by, because=because, dropped_at=now)
        return {}
    last = max(survivor.milestones.values_list("position", flat=True), default=0)
    for position, step in enumerate(steps, start=last + 1):
        write(step, by=by, because=because, item=survivor, position=position)
    return {Milestone._meta.label: [step.pk for step in steps]}


def _shown(item: TrackedItem) -> ItemState:
    return ItemState(item.status, item.proof, item.percent, None)
