"""Who is told of what happens to items: who watches them, and through what."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from brics_tracker.accounts.choices import Why
from brics_tracker.accounts.models import User
from brics_tracker.accounts.notices.sources import Tie
from brics_tracker.core.models import Theme
from brics_tracker.tracking.choices import RelationKind
from brics_tracker.tracking.models import Relation, TrackedItem, Update, Watch
from brics_tracker.tracking.services.conversation import who_see


@dataclass(frozen=True, slots=True)
class Follower:
    """One person who follows an item, since when (None: since ever), and why."""

    tie: Tie
    since: dt.datetime | None = None


class Audience:
    """Who follows these items. A fixed number of queries, however many items and people."""

    def __init__(self, items: Collection[int]) -> None:
        self._of: dict[int, dict[int, Follower]] = {pk: {} for pk in items}
        if items:
            self._by_theme()
            self._by_mechanism()
            self._by_authorship()
            self._by_choice()

    def of(self, item: int, at: dt.datetime) -> list[Tie]:
        """Who followed the item when it happened; each person once, with the nearest tie."""
        found = self._of[item].values()
        return [each.tie for each in found if each.since is None or each.since <= at]

    # The nearest tie is written last.

    def _by_theme(self) -> None:
        watches: dict[int, list[Watch]] = defaultdict(list)
        for watch in Watch.objects.filter(theme__isnull=False, on=True).select_related("theme"):
            watches[watch.theme_id or 0].append(watch)
        if not watches:
            return
        parents = dict(Theme.objects.values_list("pk", "parent_id"))
        links = TrackedItem.themes.through.objects.filter(trackeditem__in=self._of)
        for item, theme in links.values_list("trackeditem", "theme"):
            above: int | None = theme
            while above is not None:
                for watch in watches.get(above, ()):
                    tie = Tie(watch.person_id, Why.THEME, str(watch.theme))
                    self._of[item][watch.person_id] = Follower(tie, watch.since)
                above = parents.get(above)

    def _by_mechanism(self) -> None:
        carried = Relation.objects.filter(kind=RelationKind.CARRIES, target__in=self._of)
        for item, mechanism in carried.values_list("target", "source"):
            for watch in Watch.objects.filter(item=mechanism, on=True).select_related("item"):
                tie = Tie(watch.person_id, Why.MECHANISM, str(watch.item))
                self._of[item][watch.person_id] = Follower(tie, watch.since)

    def _by_authorship(self) -> None:
        authors = [
            *Update.objects.filter(item__in=self._of).values_list("item", "author").distinct(),
            *TrackedItem.objects.filter(pk__in=self._of).values_list("pk", "author"),
        ]
        for item, person in authors:
            self._of[item][person] = Follower(Tie(person, Why.ITEM))
        assigned = TrackedItem.assignees.through.objects.filter(trackeditem__in=self._of)
        for item, person in assigned.values_list("trackeditem", "user"):
            self._of[item][person] = Follower(Tie(person, Why.ASSIGNED))

    def _by_choice(self) -> None:
        for watch in Watch.objects.filter(item__in=self._of):
            item = watch.item_id or 0
            if not watch.on:
                self._of[item].pop(watch.person_id, None)  # stopped: not by any other way either
            elif watch.person_id not in self._of[item] or self._of[item][watch.person_id].since is not None:
                self._of[item][watch.person_id] = Follower(Tie(watch.person_id, Why.ITEM), watch.since)


def who_may_see(ties: Iterable[Tie], item: TrackedItem, update: Update | None) -> list[Tie]:
    """Those of them who may see it today: nobody else's list is filled with what they would never be shown."""
    ties = list(ties)
    people = User.objects.filter(pk__in=[tie.person for tie in ties])
    seeing = {person.pk for person in who_see(people, item, update)}
    return [tie for tie in ties if tie.person in seeing]
