"""The board: items in columns, one for each status in the order of the workflow, with exact counts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, Q, QuerySet

from brics_tracker.core.rows import Row, read_rows
from brics_tracker.tracking import access
from brics_tracker.tracking.models import TrackedItem
from brics_tracker.tracking.workflow import Status, Workflow

if TYPE_CHECKING:
    from brics_tracker.accounts.access import Actor

CARDS = 10  # of each status; the rest is in the table
PATHS = (
    "reference", "title", "status", "proof", "percent", "owner__name", "owner_confirmed", "next_due", "review_state",
    "archived_at",
    "merged_into_id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Lane:
    """One status: how many items stand at it, and the first of them. `next_statuses`: where an update may take them."""

    status: str
    word: str
    count: int
    cards: Sequence[Row]
    next_statuses: Sequence[tuple[str, str]]

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.count - len(self.cards)


def board_of(
    items: QuerySet[TrackedItem], flow: Workflow, user: Actor, *, only: Collection[str] = (), cards: int = CARDS
) -> list[Lane]:
    """Ordered items of one kind as lanes; `only`: the statuses that were asked for, all where empty.

    At most three queries, however many items. A card is a row with `may_log`: may this person log progress on it?
    """
    counts = dict(items.order_by().values_list("status").annotate(n=Count("pk")).order_by())
    first: dict[str, list[Row]] = {status: [] for status in flow.statuses}
    for card in _first_of_each(items, counts, cards) if counts else ():
        first[card["status"]].append(card)
    loggable = access.loggable_among(user, [card["pk"] for lane in first.values() for card in lane])
    for lane in first.values():
        for card in lane:
            card["may_log"] = card["pk"] in loggable
    return [
        Lane(
            status, str(Status(status).label), counts.get(status, 0), first[status],
            [(each, str(Status(each).label)) for each in flow.next_statuses(status) if each != status],
        )
        for status in flow.statuses
        if not only or status in only
    ]  # fmt: skip


def _first_of_each(items: QuerySet[TrackedItem], statuses: Iterable[str], number: int) -> list[Row]:
    """The first items of each status, in the order of the list; one query.

    A window over all would number a hundred thousand rows to show eighty; each of these stops at its last card.
    """
    tops = [Q(pk__in=items.filter(status=status).values("pk")[:number]) for status in statuses]
    found = TrackedItem.objects.filter(Q(*tops, _connector=Q.OR)).order_by(*items.query.order_by)
    return read_rows(found, PATHS)
