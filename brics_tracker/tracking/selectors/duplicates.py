"""Likely duplicates as their page shows them: both items of each pair, with the reasons in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from brics_tracker.accounts import access as grants
from brics_tracker.accounts.access import ADMINISTRATORS, EDITORS
from brics_tracker.tracking import access
from brics_tracker.tracking.models import DistinctPair, LikelyDuplicate, Passage, TrackedItem

if TYPE_CHECKING:
    from brics_tracker.accounts.models import User

ENDS = ("first__lead_theme", "second__lead_theme")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two items; `reasons`: why they may be one, in words; "" and 0 where someone told them apart."""

    first: TrackedItem
    second: TrackedItem
    score: int = 0
    reasons: Sequence[str] = ()
    told_by: str = ""
    told_at: Any = None
    may_merge: bool = False


def _within(user: User) -> Q:
    """Pairs of which the person edits both; what is not public yet is in none."""
    return grants.scope_q(user, EDITORS, "first__") & grants.scope_q(user, EDITORS, "second__")


def likely_pairs(user: User) -> QuerySet[LikelyDuplicate]:
    """Pairs in the person's scope that nobody has told apart, likeliest first."""
    apart = DistinctPair.objects.filter(first=OuterRef("first"), second=OuterRef("second"))
    current = Q(first__archived_at=None, second__archived_at=None)
    found = LikelyDuplicate.objects.filter(_within(user), current).exclude(Exists(apart))
    return found.select_related(*ENDS).order_by("-score", "first", "second")


def distinct_pairs(user: User) -> QuerySet[DistinctPair]:
    """Pairs in the person's scope that someone told apart, newest first."""
    return DistinctPair.objects.filter(_within(user)).select_related(*ENDS, "by").order_by("-created_at", "-pk")


def read_likely(rows: QuerySet[LikelyDuplicate], user: User) -> list[Pair]:
    """One page of likely pairs, with their reasons; two queries."""
    found = list(rows)
    cited = {pk for row in found for pk in row.reasons.get("passages", ())}
    passages = {each.pk: str(each) for each in Passage.objects.filter(pk__in=cited).select_related("document")}
    return [
        Pair(
            row.first, row.second, row.score, _reasons(row, passages),
            may_merge=all(access.in_scope(user, item, ADMINISTRATORS) for item in (row.first, row.second)),
        )
        for row in found
    ]  # fmt: skip


def read_distinct(rows: QuerySet[DistinctPair], user: User) -> list[Pair]:
    """One page of pairs that were told apart."""
    return [Pair(row.first, row.second, told_by=str(row.by), told_at=row.created_at) for row in rows]


def _reasons(row: LikelyDuplicate, passages: dict[int, str]) -> list[str]:
    told = row.reasons
    words = [_("titles alike to %(n)d of 100") % {"n": told["title"]}]
    if told["shared"]:
        words.append(_("both speak of: %(words)s") % {"words": ", ".join(told["shared"])})
    if both := [passages[pk] for pk in told["passages"] if pk in passages]:
        words.append(_("both cite %(passages)s") % {"passages": ", ".join(both)})
    if told["theme"]:
        words.append(_("both led by %(theme)s") % {"theme": row.first.lead_theme})
    return words
