"""Which rows: members on a day, a theme with all below it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from django.db import models

from .choices import SpellKind

if TYPE_CHECKING:
    from .models import Member, Theme


class MemberQuerySet(models.QuerySet["Member"]):
    def members_on(self, day: dt.date) -> MemberQuerySet:
        """Countries in a spell of kind member on that day.

        A start known only to the year or month counts from its first day; an end counts through
        its last day (the text of a month compares below the days in it, hence the prefix test).
        """
        iso = day.isoformat()
        running = (
            models.Q(spells__ended="")
            | models.Q(spells__ended__gte=iso)
            | models.Q(spells__ended__in=[iso[:4], iso[:7]])
        )
        return self.filter(
            running, spells__kind=SpellKind.MEMBER, spells__started__lte=iso, spells__started__gt=""
        ).distinct()


class ThemeQuerySet(models.QuerySet["Theme"]):
    def child_ids(self) -> dict[int | None, list[int]]:
        """The whole (small) tree: the themes right below each; one query."""
        children: dict[int | None, list[int]] = defaultdict(list)
        for pk, parent_id in self.model._default_manager.values_list("pk", "parent_id"):
            children[parent_id].append(pk)
        return children

    def with_subtree_ids(self, ids: Iterable[int], children: dict[int | None, list[int]] | None = None) -> set[int]:
        """The given themes and all below them; one query, none where the tree (child_ids) was read before."""
        children = self.child_ids() if children is None else children
        found: set[int] = set()
        waiting = list(ids)
        while waiting:
            pk = waiting.pop()
            if pk not in found:
                found.add(pk)
                waiting.extend(children[pk])
        return found


def pillars_of(parents: Mapping[int, int | None]) -> dict[int, int]:
    """The pillar of every theme, from each theme's parent."""

    def climb(pk: int) -> int:
        while (parent := parents.get(pk)) is not None:
            pk = parent
        return pk

    return {pk: climb(pk) for pk in parents}
