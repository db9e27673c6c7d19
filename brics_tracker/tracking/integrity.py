"""The invariants of the spine; each check yields one line for each violation."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from django.db.models import F, Q

from .choices import ReviewState
from .hanging import Double, Way, declared
from .models import DueDateChange, Evidence, ItemMerge, Milestone, StatusChange, TrackedItem, Update
from .services.state import derived_dates, replay

CHUNK = 500
RECORDED = (TrackedItem, Milestone, Update, Evidence)


def _chunks(model: type[Any]) -> Iterator[list[Any]]:
    """All rows of a model in chunks by primary key: flat memory however many there are."""
    last = 0
    while rows := list(model.objects.filter(pk__gt=last).order_by("pk")[:CHUNK]):
        yield rows
        last = rows[-1].pk


def versions() -> Iterator[str]:
    """I3, I4: as many history entries as the version counts, and the last one equals the row.

    A detail has no version, but its last entry is what the next form is drawn from.
    """
    details: list[Any] = [
        tie.related_model for tie in TrackedItem._meta.related_objects if tie.one_to_one and tie.field.primary_key
    ]
    for model in (*RECORDED, *details):
        fields = [field.attname for field in model._meta.fields if field.name not in {"updated_at", "created_at"}]
        key = model._meta.pk.attname
        for rows in _chunks(model):
            entries: dict[int, list[Any]] = defaultdict(list)
            for entry in model.history.filter(**{f"{key}__in": [row.pk for row in rows]}).order_by("history_id"):
                entries[getattr(entry, key)].append(entry)
            for row in rows:
                yield from _compare(row, entries[row.pk], fields)


def _compare(row: Any, entries: list[Any], fields: list[str]) -> Iterator[str]:
    label = f"{row._meta.label} {row.pk}"
    counted = getattr(row, "version", max(len(entries), 1))
    if len(entries) != counted:
        yield f"I4 {label}: version {counted}, but {len(entries)} entries of history"
    for name in fields if entries else ():
        if getattr(entries[-1], name) != getattr(row, name):
            yield f"I4 {label}: {name} differs from its last history entry"


def maintained_columns() -> Iterator[str]:
    """I12: what is stored of an item equals the replay of its updates and plan; the open state is the one shown."""
    for items in _chunks(TrackedItem):
        ids = [item.pk for item in items]
        updates: dict[int, list[Update]] = defaultdict(list)
        for update in Update.objects.for_replay().filter(item__in=ids):
            updates[update.item_id].append(update)
        milestones: dict[int, list[Milestone]] = defaultdict(list)
        for milestone in Milestone.objects.filter(item__in=ids, dropped_at__isnull=True):
            milestones[milestone.item_id].append(milestone)
        slips: dict[int, int] = defaultdict(int)
        for change in DueDateChange.objects.filter(milestone__item__in=ids).select_related("milestone"):
            slips[change.milestone.item_id] += change.is_slip and change.milestone.dropped_at is None
        shown = {c.item_id: c for c in StatusChange.objects.filter(item__in=ids, until__isnull=True)}
        for item in items:
            if item.merged_into_id is not None:
                continue  # it stays as it was last shown; see `merges`
            yield from _compare_state(item, updates[item.pk], milestones[item.pk], slips[item.pk], shown.get(item.pk))


def _compare_state(
    item: TrackedItem, updates: list[Update], milestones: list[Milestone], slips: int, shown: StatusChange | None
) -> Iterator[str]:
    state = replay(item, updates, milestones)
    wanted = {"status": state.status, "proof": state.proof, "percent": state.percent}
    for name, value in {**wanted, **derived_dates(item, state.status, updates, milestones, slips=slips)}.items():
        if getattr(item, name) != value:
            yield f"I12 {item.reference}: {name} is {getattr(item, name)}, its updates and plan say {value}"
    if not item.is_published:
        return
    if shown is None:
        yield f"I12 {item.reference}: published, but no state is shown"
    elif (shown.status, shown.proof, shown.percent) != (state.status, state.proof, state.percent):
        yield f"I12 {item.reference}: the state shown is not the one its updates add up to"


def published_by_reviewers() -> Iterator[str]:
    """I9: who published, and for whom: nobody's own update but the marked system actor's."""
    own = Update.objects.filter(
        review_state__in=[ReviewState.PUBLISHED, ReviewState.CORRECTED, ReviewState.RETRACTED],
        published_by=F("author"), author__is_system=False, evidence_checked=True,
    )  # fmt: skip
    for update in own:
        yield f"I9 update {update.pk}: verified by its own author"
    for update in Update.objects.published().filter(Q(published_by=None) | Q(published_at=None)):
        yield f"I9 update {update.pk}: published by nobody"


def one_chain_of_states() -> Iterator[str]:
    """As-of needs it: the states of an item follow each other without gap or overlap."""
    for items in _chunks(TrackedItem):
        chains: dict[int, list[StatusChange]] = defaultdict(list)
        for change in StatusChange.objects.filter(item__in=[item.pk for item in items]).order_by("since", "pk"):
            chains[change.item_id].append(change)
        for item in items:
            chain = chains[item.pk]
            for before, after in itertools.pairwise(chain):
                if before.until != after.since:
                    yield f"I12 {item.reference}: a gap or overlap of states at {after.since:%Y-%m-%d %H:%M}"


def merges() -> Iterator[str]:
    """Merged items lead on, without a circle, to one that stands; what moves with a merge does not hang on them."""
    merged = TrackedItem.objects.filter(merged_into__isnull=False).values_list("pk", "merged_into")
    into = {pk: target for pk, target in merged if target is not None}
    if not into:
        return
    told = dict(ItemMerge.objects.values_list("merged", "into"))
    for pk, target in into.items():
        if told.get(pk) != target:
            yield f"I12 item {pk}: merged into {target}, but no merge says so"
        if _ends_in_a_circle(pk, into):
            yield f"I12 item {pk}: its merges lead round in a circle"
    for pk in sorted(told.keys() - into.keys()):
        yield f"I12 item {pk}: a merge is on record, but it is not merged"
    ends = TrackedItem.objects.filter(pk__in=set(into.values()) - into.keys()).exclude(
        review_state=ReviewState.PUBLISHED
    )
    for item in ends:
        yield f"I12 {item.reference}: others were merged into it, but it is not public"
    yield from _left_behind(list(into))


def _ends_in_a_circle(pk: int, into: dict[int, int]) -> bool:
    seen = {pk}
    while pk in into:
        pk = into[pk]
        if pk in seen:
            return True
        seen.add(pk)
    return False


def _left_behind(merged: list[int]) -> Iterator[str]:
    """What is still open on merged items."""
    for model, hanging in declared():
        rows = model._default_manager.filter(**{f"{hanging.name}__in": merged}, **hanging.only)
        if hanging.way is Way.RECOMPUTED or (
            hanging.way is Way.MOVES and not (hanging.once_with and hanging.double is Double.STAYS)
        ):
            for row in rows:
                yield f"I12 {row._meta.label} {row.pk}: hangs on a merged item"
    for step in Milestone.objects.filter(item__in=merged, dropped_at=None):
        yield f"I12 milestone {step.pk}: open on a merged item"
    for state in StatusChange.objects.filter(item__in=merged, until=None):
        yield f"I12 status change {state.pk}: open on a merged item"
    for item in TrackedItem.objects.filter(pk__in=merged).exclude(next_due=None, stagnant_after=None):
        yield f"I12 {item.reference}: merged, and still due"
