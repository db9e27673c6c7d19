"""My work: what waits for one person, grouped by what to do, oldest first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.db.models import CharField, F, Q, QuerySet, Value
from django.utils.translation import gettext_lazy as _

from brics_tracker.accounts import access as grants
from brics_tracker.accounts.access import WRITERS
from brics_tracker.tracking import access
from brics_tracker.tracking.choices import ReviewState
from brics_tracker.tracking.models import ReviewReturn, TrackedItem, Update, today

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

    from brics_tracker.accounts.models import User

SHOWN = 50  # rows of a group on the page of all groups; more stand on the group's own pages
Pointer = tuple[str, int]


@dataclass(slots=True)
class Task:
    """One row: an item, and the update that is asked for where it is about one."""

    item: TrackedItem
    update: Update | None = None
    returned: ReviewReturn | None = None
    reported: bool = False  # something of this person on this item waits for review
    may_log: bool = False

    @property
    def days_late(self) -> int:
        due = self.item.next_due
        return max((today() - due).days, 0) if due else 0

    @property
    def days_still(self) -> int:
        """Days without a sign of life of a stagnant item; 0 where it is not stagnant."""
        after = self.item.stagnant_after
        if after is None or after >= today():
            return 0
        return (today() - after).days + self.item.rhythm_days


@dataclass(frozen=True, slots=True)
class Group:
    """A kind of work: how it is called, and which rows it holds (pointers to updates or items, oldest first)."""

    key: str
    title: StrPromise
    hint: StrPromise
    pointers: QuerySet[Any, Any]


@dataclass(slots=True)
class ShownGroup:
    """A group as the page shows it: its first rows and how many there are."""

    group: Group
    tasks: Sequence[Task]
    count: int

    @property
    def has_more(self) -> bool:
        return self.count > len(self.tasks)


class Work:
    """What waits for one person. `mine`: of items in reach, only those assigned to them."""

    def __init__(self, user: User, *, mine: bool = False) -> None:
        self.user = user
        self.mine = mine

    @cached_property
    def groups(self) -> dict[str, Group]:
        reach = self._in_reach()
        groups = [
            Group("returned", _("Returned to you"), _("Mend it and hand it in again."), self._own(ReviewState.RETURNED)),
            Group("drafts", _("Your drafts"), _("Finish them and hand them in."), self._own(ReviewState.DRAFT)),
            Group("overdue", _("Overdue"), _("Say what happened, or move the date with a reason."),
                  _pointers(reach.overdue(), "next_due")),
            Group("soon", _("Due soon"), _("Their next date is near."), _pointers(reach.due_soon(), "next_due")),
            Group("stagnant", _("Stagnant"), _("Nothing of substance was reported for longer than their rhythm."),
                  _pointers(reach.stagnant(), "stagnant_after")),
            Group("waiting", _("Waiting for review"), _("Handed in by you; a reviewer has it."),
                  self._own(ReviewState.SUBMITTED)),
        ]  # fmt: skip
        return {group.key: group for group in groups}

    def _in_reach(self) -> Any:
        """Published and current items that are assigned to the person, or that their grants let them log on."""
        assigned = Q(pk__in=TrackedItem.assignees.through.objects.filter(user=self.user).values("trackeditem"))
        reach = assigned
        if not self.mine and grants.holds(self.user, WRITERS):
            within = grants.scope_q(self.user, WRITERS)
            reach = assigned | within if within else Q()
        return TrackedItem.objects.published().current().filter(reach)

    def _own(self, state: str) -> QuerySet[Any, Any]:
        """The person's own updates and items in this state of review, longest untouched first."""
        updates = Update.objects.filter(author=self.user, review_state=state)
        items = TrackedItem.objects.filter(author=self.user, review_state=state, archived_at__isnull=True)
        both = _pointed(updates, "update", "updated_at").union(_pointed(items, "item", "updated_at"), all=True)
        return both.order_by("moment", "what", "pk")

    def shown(self) -> list[ShownGroup]:
        """Every group that holds something, each with its first rows. A fixed number of queries."""
        found: list[tuple[Group, list[Pointer], int]] = []
        for group in self.groups.values():
            pointers = [(what, pk) for what, pk, _moment in group.pointers[: SHOWN + 1]]
            count = len(pointers) if len(pointers) <= SHOWN else group.pointers.count()
            if pointers:
                found.append((group, pointers[:SHOWN], count))
        tasks = self.tasks(pointer for _group, pointers, _count in found for pointer in pointers)
        return [
            ShownGroup(group, [tasks[pointer] for pointer in pointers if pointer in tasks], count)
            for group, pointers, count in found
        ]

    def tasks(self, pointers: Iterable[Pointer]) -> dict[Pointer, Task]:
        """The rows that these point to, with all that they show; a query per table."""
        wanted: dict[str, set[int]] = defaultdict(set)
        for what, pk in pointers:
            wanted[what].add(pk)
        updates = {update.pk: update for update in Update.objects.filter(pk__in=wanted["update"])}
        own_items = wanted["item"] | {update.item_id for update in updates.values()}
        items = TrackedItem.objects.select_related("lead_theme", "owner").prefetch_related("themes", "members")
        by_pk = {item.pk: item for item in items.filter(pk__in=own_items)}
        facts = self._facts(by_pk)
        tasks: dict[Pointer, Task] = {}
        for pk in wanted["item"] & by_pk.keys():
            tasks["item", pk] = self._task(by_pk[pk], None, facts)
        for pk, update in updates.items():
            tasks["update", pk] = self._task(by_pk[update.item_id], update, facts)
        return tasks

    def _facts(self, items: Iterable[int]) -> Facts:
        pks = list(items)
        facts = Facts()
        returns = ReviewReturn.objects.filter(item__in=pks).filter(
            Q(update__author=self.user) | Q(update__isnull=True, item__author=self.user)
        )
        for each in returns.select_related("by").order_by("at", "pk"):
            facts.returns[each.item_id, each.update_id] = each
        waiting = Update.objects.filter(author=self.user, review_state=ReviewState.SUBMITTED, item__in=pks)
        facts.reported = set(waiting.values_list("item", flat=True))
        return facts

    def _task(self, item: TrackedItem, update: Update | None, facts: Facts) -> Task:
        if update is not None:
            update.item = item
        return Task(
            item,
            update,
            returned=facts.returns.get((item.pk, update.pk if update else None)),
            reported=item.pk in facts.reported,
            may_log=access.may_log(self.user, item),
        )


@dataclass(slots=True)
class Facts:
    """What rows need beyond themselves: the last return of each, and items with something in review."""

    returns: dict[tuple[int, int | None], ReviewReturn] = field(default_factory=dict)
    reported: set[int] = field(default_factory=set)


def _pointed(rows: QuerySet[Any], what: str, by: str) -> QuerySet[Any, Any]:
    """Rows as pointers: what they are, their key, and the moment by which they are ordered."""
    named: QuerySet[Any, Any] = rows.order_by().annotate(what=Value(what, CharField()), moment=F(by))
    return named.values_list("what", "pk", "moment")


def _pointers(items: QuerySet[Any], by: str) -> QuerySet[Any, Any]:
    return _pointed(items, "item", by).order_by("moment", "pk")
