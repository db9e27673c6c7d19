"""One item's page: plan, ties both ways, sources, people, and what this person may do there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.db.models import CharField, Q, QuerySet, Value
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from brics_tracker.accounts.access import OVERSEERS
from brics_tracker.core.partial_dates import show
from brics_tracker.core.recorded import EMPTY, in_words
from brics_tracker.tracking import access
from brics_tracker.tracking.choices import RelationKind, ReviewState
from brics_tracker.tracking.models import Citation, Passage, Relation, TrackedItem, Update, today
from brics_tracker.tracking.models.items import ROOMS

from .lines import OwnLine, own_line
from .plan import Plan, Step, read_plan
from .timeline import Act, Happening, timeline
from .watching import watches

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

    from brics_tracker.accounts.access import Actor

# A relation reads from its first item to its second; this is how the second one's page says it.
SEEN_FROM_TARGET: dict[str, StrPromise] = {
    RelationKind.PART_OF: _("includes"),
    RelationKind.SUCCEEDS: _("succeeded by"),
    RelationKind.ESTABLISHES: _("established by"),
    RelationKind.CHANGES: _("changed by"),
    RelationKind.CARRIES: _("carried by"),
    RelationKind.ANSWERS: _("answered by"),
    RelationKind.CONTRIBUTES_TO: _("receives contributions from"),
    RelationKind.SUPERSEDES: _("superseded by"),
    RelationKind.REPEATS: _("repeated by"),
}


@dataclass(frozen=True, slots=True)
class Tie:
    """The other item of a relation, with the word that leads from this one to it."""

    pk: int
    kind: str
    word: str
    outward: bool
    reference: str
    title: str
    status: str
    item_kind: str
    note: str

    @property
    def url(self) -> str:
        return reverse(f"{ROOMS[self.item_kind]}:detail", args=[self.reference])


@dataclass(frozen=True, slots=True)
class Cited:
    """One document that the item rests on, with the paragraphs."""

    key: str
    title: str
    passages: Sequence[Passage]

    @property
    def url(self) -> str:
        return reverse("tracking:document-detail", args=[self.key])


@dataclass(frozen=True, slots=True)
class Linked:
    """A theme, member, supporting organisation or person tied to the item: `role` says which."""

    role: str
    code: str
    name: str


_END = ("reference", "title", "status", "item_kind", "review_state", "pk")


def relations_of(item: TrackedItem, user: Actor) -> list[Tie]:
    """Ties both ways to items that this person may see, sorted by their word.

    One query; one more where an item at the other end is not public.
    """
    ends = (*(f"source__{name}" for name in _END), *(f"target__{name}" for name in _END))
    rows = Relation.objects.filter(Q(source=item) | Q(target=item)).values("pk", "kind", "note", "source_id", *ends)
    found, hidden = [], []
    for row in rows.order_by():
        outward = row["source_id"] == item.pk
        end = "target__" if outward else "source__"
        word = RelationKind(row["kind"]).label if outward else SEEN_FROM_TARGET[row["kind"]]
        tie = Tie(
            row["pk"],
            row["kind"],
            str(word),
            outward,
            row[f"{end}reference"],
            row[f"{end}title"],
            row[f"{end}status"],
            row[f"{end}item_kind"],
            row["note"],
        )
        if row[f"{end}review_state"] == ReviewState.PUBLISHED:
            found.append(tie)
        else:
            hidden.append((row[f"{end}pk"], tie))
    if hidden:
        others = TrackedItem.objects.visible_to(user).filter(pk__in=[pk for pk, _tie in hidden])
        seen = set(others.values_list("pk", flat=True))
        found += [tie for pk, tie in hidden if pk in seen]
    return sorted(found, key=lambda tie: (tie.word, tie.item_kind, tie.reference))


def citations_of(item: TrackedItem) -> list[Cited]:
    """The paragraphs that the item rests on, by document; one query."""
    citations = Citation.objects.filter(item=item).select_related("passage__document")
    passages = [citation.passage for citation in citations.order_by("passage__document__key", "passage__number")]
    return [
        Cited(key, group[0].document.title, group)
        for key, found in groupby(passages, key=lambda passage: passage.document.key)
        if (group := list(found))
    ]


def facts_of(item: TrackedItem) -> list[tuple[str, str]]:
    """Name and words of each column of the item's detail that says something; this floor does not know the kinds."""
    detail = getattr(item, item.item_kind)
    own = [field for field in detail._meta.concrete_fields if not field.primary_key]
    told = [(str(capfirst(field.verbose_name)), in_words(field, getattr(detail, field.name))) for field in own]
    return [(name, words) for name, words in told if words != EMPTY]


def links_of(item: TrackedItem) -> list[Linked]:
    """Themes, members, supporters and assignees; one query for all. Themes by code, the others by name."""
    themes = _linked(item.themes.all(), "theme", "code")
    members = _linked(item.members.all(), "member", "code")
    supporters = _linked(item.supporters.all(), "supporter", "key")
    assignees = _linked(item.assignees.all(), "assignee", "pk")
    found = [Linked(*row) for row in themes.union(members, supporters, assignees, all=True)]
    return sorted(found, key=lambda each: each.code if each.role == "theme" else each.name)


def _linked(rows: QuerySet[Any], role: str, key: str) -> QuerySet[Any, tuple[str, str, str]]:
    named = rows.order_by().annotate(role=Value(role, CharField()), as_code=Cast(key, CharField()))
    found: QuerySet[Any, tuple[str, str, str]] = named.values_list("role", "as_code", "name")
    return found


class ItemPage:
    """Everything that the page of one item shows to one person; each part is read when it is first asked for."""

    def __init__(self, item: TrackedItem, user: Actor) -> None:
        self.item = item
        self.user = user

    @cached_property
    def oversees(self) -> bool:
        return access.in_scope(self.user, self.item, OVERSEERS)

    @cached_property
    def may_edit(self) -> bool:
        return access.may_edit(self.user, self.item)

    @cached_property
    def may_log(self) -> bool:
        return access.may_log(self.user, self.item)

    @cached_property
    def may_review(self) -> bool:
        return access.may_review(self.user, self.item)

    @cached_property
    def may_confirm(self) -> bool:
        return access.may_confirm(self.user, self.item)

    @cached_property
    def may_archive(self) -> bool:
        return access.may_archive(self.user, self.item)

    @cached_property
    def may_comment(self) -> bool:
        return access.may_comment(self.user, self.item)

    @cached_property
    def watches(self) -> bool:
        return watches(self.user, self.item)

    @property
    def may_submit(self) -> bool:
        return self.may_edit and self.item.review_state in {ReviewState.DRAFT, ReviewState.RETURNED}

    @property
    def may_withdraw(self) -> bool:
        return self.item.author_id == self.user.pk and self.item.review_state == ReviewState.SUBMITTED

    @property
    def may_judge(self) -> bool:
        """Publish or return the item itself; not one's own while four-eyes is on, which the act itself asks."""
        return self.may_review and self.item.review_state == ReviewState.SUBMITTED

    @property
    def may_confirm_owner(self) -> bool:
        return self.may_confirm and self.item.owner_id is not None and not self.item.owner_confirmed

    @cached_property
    def timeline(self) -> list[Happening]:
        entries = timeline(self.item, self.user, oversees=self.oversees, moves=self.plan.moves)
        for entry in entries:
            if entry.update is not None:
                entry.acts = [
                    Act(str(label), reverse(f"tracking:{route}", args=[entry.update.pk]))
                    for route, label in self._acts(entry.update)
                ]
        return entries

    def _acts(self, update: Update) -> Iterator[tuple[str, StrPromise]]:
        """Routes and words of what this person may do with an update."""
        own = update.author_id == self.user.pk
        if own and update.is_editable and self.may_log:
            yield "update-edit", _("Edit")
        if own and update.review_state == ReviewState.SUBMITTED:
            yield "update-withdraw", _("Withdraw")
        if update.review_state == ReviewState.SUBMITTED and self.may_log:
            yield "review-ask", _("Ask for a review")
        if not own and update.review_state == ReviewState.SUBMITTED and self.may_review:
            yield "update-review", _("Review")
        if update.review_state == ReviewState.PUBLISHED and self.may_log:
            yield "update-correct", _("Correct")
        if update.review_state == ReviewState.PUBLISHED and self.may_review:
            yield "update-retract", _("Retract")
        if self.may_comment:
            yield "update-comment", _("Comment")

    @cached_property
    def plan(self) -> Plan:
        return read_plan(self.item)

    @property
    def milestones(self) -> list[Step]:
        return self.plan.steps

    @cached_property
    def line(self) -> OwnLine | None:
        """The dated steps on a line of time; None where none is."""
        return own_line(self.milestones, self.item.target_date)

    @cached_property
    def relations(self) -> list[Tie]:
        return relations_of(self.item, self.user)

    @cached_property
    def citations(self) -> list[Cited]:
        return citations_of(self.item)

    @cached_property
    def links(self) -> dict[str, list[Linked]]:
        """What the item is tied to, by role: theme, member, supporter, assignee."""
        by_role: dict[str, list[Linked]] = {}
        for each in links_of(self.item):
            by_role.setdefault(each.role, []).append(each)
        return by_role

    @property
    def days_late(self) -> int:
        due = self.item.next_due
        return max((today() - due).days, 0) if due else 0

    @property
    def days_still(self) -> int:
        """Days since the last sign of life of a stagnant item; 0 where it is not stagnant."""
        after = self.item.stagnant_after
        if after is None or after >= today():
            return 0
        return (today() - after).days + self.item.rhythm_days

    @property
    def risks(self) -> list[str]:
        """Why it is at risk, with the figures."""
        reasons = self.item.risk_reasons
        if not self.days_still:
            return reasons
        words = {"n": self.days_still, "rhythm": self.item.rhythm_days}
        still = ngettext(
            "no substantive update for %(n)d day (rhythm: %(rhythm)d)",
            "no substantive update for %(n)d days (rhythm: %(rhythm)d)",
            self.days_still,
        )
        return [still % words, *reasons[1:]]

    @property
    def has_open_steps(self) -> bool:
        """Some step of the plan still awaits confirmation."""
        return any(not step.milestone.confirmed for step in self.milestones)

    @property
    def start(self) -> str:
        return show(self.item.start_date)

    @property
    def target(self) -> str:
        return show(self.item.target_date)


def item_page(item: TrackedItem, user: Actor) -> ItemPage:
    """The page of an item that this person may see."""
    return ItemPage(item, user)
