"""Looking for likely duplicates: all pairs by a job, those of a new entry at once; pairs that people told apart."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from brics_tracker.accounts.access import EDITORS
from brics_tracker.core import jobs
from brics_tracker.core.choices import JobState
from brics_tracker.core.models import Job
from brics_tracker.core.search.find import Asked, find
from brics_tracker.core.search.sources import kinds
from brics_tracker.core.search.words import COMMON, Query, Term, words_of
from brics_tracker.tracking import access
from brics_tracker.tracking.choices import ItemKind
from brics_tracker.tracking.models import Citation, DistinctPair, LikelyDuplicate, TrackedItem

from .changes import add, remove
from .likeness import LEAST, Described, Index, Likeness, Rarity, compare, describe

if TYPE_CHECKING:
    from brics_tracker.accounts.access import Actor
    from brics_tracker.accounts.models import User

JOB = "tracking.find_duplicates"
KEPT = 2000  # pairs of each kind, the likeliest
CHUNK = 500
ASKED_WORDS = 6  # of a title that is being typed, the longest
ASKED_ROWS = 20  # items looked at for each of them
OFFERED = 5


def ask_search(*, by: User) -> Job:
    """Have all pairs looked for anew; while one search waits or runs, that one. Editors alone."""
    access.require(access.may_create(by))
    running = Job.objects.filter(kind=JOB, state__in=[JobState.WAITING, JobState.RUNNING]).first()
    return running or jobs.enqueue(JOB, key=uuid.uuid4().hex, owner=by)


def last_search() -> Job | None:
    """The newest search, whatever became of it."""
    return Job.objects.filter(kind=JOB).order_by("-created_at", "-pk").first()


def find_duplicates(progress: jobs.Progress) -> None:
    """Compare the public, current items of each kind and keep the pairs that are alike in place of those before."""
    found: list[LikelyDuplicate] = []
    for number, kind in enumerate(ItemKind):
        start, share = 100 * number // len(ItemKind), 100 // len(ItemKind)
        label = str(kind.label)
        progress.step(start, _("Reading: %(kind)s") % {"kind": label})
        items = _described(TrackedItem.objects.published().current().filter(item_kind=kind))
        index, rarity = Index(items), Rarity(items)
        pairs: list[LikelyDuplicate] = []
        for place, item in enumerate(items):
            if place % CHUNK == 0:
                done = start + share * place // max(len(items), 1)
                progress.step(done, _("Comparing: %(kind)s") % {"kind": label})
            for other in index.likely(place):
                alike = compare(item, items[other], rarity)
                if alike.score >= LEAST:
                    pairs.append(_pair(item, items[other], alike))
        pairs.sort(key=lambda pair: (-pair.score, pair.first_id, pair.second_id))
        found += pairs[:KEPT]
    with progress.completing():
        LikelyDuplicate.objects.all().delete()
        standing = set(TrackedItem.objects.current().values_list("pk", flat=True))  # some were merged meanwhile
        LikelyDuplicate.objects.bulk_create(
            [pair for pair in found if {pair.first_id, pair.second_id} <= standing], batch_size=CHUNK
        )


def _described(items: Any) -> list[Described]:
    cited: dict[int, list[int]] = defaultdict(list)
    for item, passage in Citation.objects.filter(item__in=items.values("pk")).values_list("item", "passage"):
        cited[item].append(passage)
    rows = items.order_by("pk").values_list("pk", "title", "summary", "lead_theme")
    return [
        describe(pk, title, summary, passages=cited[pk], theme=theme)
        for pk, title, summary, theme in rows.iterator(chunk_size=2000)
    ]


def _pair(one: Described, other: Described, alike: Likeness) -> LikelyDuplicate:
    reasons = {"title": alike.title, "words": alike.words, "shared": alike.shared, "passages": alike.passages, "theme": alike.theme}  # fmt: skip
    first, second = sorted((one.pk, other.pk))
    return LikelyDuplicate(first_id=first, second_id=second, score=alike.score, reasons=reasons)


def similar_items(title: str, *, kind: str, user: Actor) -> list[tuple[TrackedItem, int]]:
    """Visible, current items of a kind whose title and words are like a title being typed; likeliest first, at most five.

    A fixed number of queries: one of the search index for each of its longest words, and two.
    """
    words = sorted(
        {word for word in words_of(title) if word.casefold() not in COMMON}, key=lambda word: (-len(word), word)
    )
    visible = TrackedItem.objects.visible_to(user).current().filter(item_kind=kind)
    source, found_kind = kinds()[kind]
    asked = [Asked(source, found_kind, visible)]
    keys: set[int] = set()
    for word in words[:ASKED_WORDS]:
        if len(word) > 1:
            keys |= {pk for _asked, pk in find(Query(word, (Term(word),)), asked, size=ASKED_ROWS).keys}
    candidates = _described(visible.filter(pk__in=keys))
    typed = describe(0, title, "")
    rarity = Rarity(candidates)
    # Only a title is known yet: what the summaries add to the words of the others tells nothing against them.
    titles = dict(visible.filter(pk__in=keys).values_list("pk", "title"))
    likely = [(item.pk, compare(typed, describe(item.pk, titles.get(item.pk, ""), ""), rarity)) for item in candidates]
    best = sorted((pair for pair in likely if pair[1].score >= LEAST * 0.8), key=lambda pair: -pair[1].score)[:OFFERED]
    rows = visible.in_bulk([pk for pk, _alike in best])
    return [(rows[pk], alike.score) for pk, alike in best if pk in rows]


@transaction.atomic
def tell_apart(one: TrackedItem, other: TrackedItem, *, by: User, note: str = "") -> DistinctPair:
    """Say that two items are not the same thing; twice is once. Editors in scope of both."""
    first, second = _both(one, other, by=by)
    found = DistinctPair.objects.filter(first=first, second=second).first()
    return found or add(DistinctPair(first=first, second=second, by=by, note=note.strip()), by=by)


@transaction.atomic
def take_back(one: TrackedItem, other: TrackedItem, *, by: User) -> None:
    """Take back that two items are not the same thing; that it was said stays on record."""
    first, second = _both(one, other, by=by)
    for pair in DistinctPair.objects.filter(first=first, second=second):
        remove(pair, by=by)


def _both(one: TrackedItem, other: TrackedItem, *, by: User) -> Sequence[TrackedItem]:
    """Both items, locked, the one with the lower key first."""
    if one.pk == other.pk:
        raise ValidationError(_("An item is the same as itself."))
    keys = [one.pk, other.pk]
    items = list(TrackedItem.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk"))
    access.require(all(access.in_scope(by, item, EDITORS) for item in items))
    return items
