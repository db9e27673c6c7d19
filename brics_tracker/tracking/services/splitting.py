"""Splitting one item into several: new items, and what goes to each of them (docs/adr/0014)."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from brics_tracker.tracking import access
from brics_tracker.tracking.choices import RelationKind
from brics_tracker.tracking.hanging import Way, declared
from brics_tracker.tracking.models import (
    Citation,
    Evidence,
    EvidenceFile,
    ItemSplit,
    Milestone,
    MilestoneClaim,
    Relation,
    TrackedItem,
    Update,
)

from . import items
from .changes import add, lock_item, once, remove, write
from .checks import require_reason
from .evidence import FIELDS as OF_EVIDENCE
from .handing_over import hang_on
from .state import refresh_item
from .values import own_names

if TYPE_CHECKING:
    from brics_tracker.accounts.models import User

MOST = 8  # parts of one split
ORIGIN = 0  # where what is given to no part stays


@dataclass(frozen=True, slots=True)
class Part:
    """One part: its title and summary ("" for that of the whole), and keys of what goes to it.

    passages: paragraphs on which it rests, of those that the whole cites.
    """

    title: str
    summary: str = ""
    passages: Collection[int] = ()
    milestones: Collection[int] = ()
    updates: Collection[int] = ()


@transaction.atomic
def split_item(
    origin: TrackedItem,
    parts: Sequence[Part],
    *,
    by: User,
    version: int | None,
    reason: str,
    keeps: Collection[int] | None = None,
    archive: bool = False,
    form_key: uuid.UUID | None = None,
) -> ItemSplit:
    """Make items of the parts of a public one: administrators in scope. What goes to none stays.

    `keeps`: the paragraphs on which the origin still rests (None: all). `archive`: the origin leaves the lists, and
    the parts succeed it; otherwise they are part of it. The same `form_key` again returns the split already made.
    Raises ValidationError in words, StaleVersion's words where someone changed the item since; PermissionDenied.
    """
    origin = lock_item(origin.pk)
    access.require(access.may_merge(by, origin))

    def make() -> ItemSplit:
        split = _Split(origin, parts, by=by, reason=require_reason(reason))
        split.check(version, keeps, archive=archive)
        return split.carry_out(keeps, archive=archive)

    return once(by, form_key, make)


class _Split:
    """One split, from its check to what is on record of it."""

    def __init__(self, origin: TrackedItem, parts: Sequence[Part], *, by: User, reason: str) -> None:
        self.origin, self.parts, self.by, self.reason = origin, parts, by, reason
        self.because = f"split from {origin.reference}"
        self.updates = _places(parts, "updates", origin.updates.values_list("pk", flat=True))
        steps = origin.milestones.filter(dropped_at=None)
        self.steps = _places(parts, "milestones", steps.values_list("pk", flat=True))

    def check(self, version: int | None, keeps: Collection[int] | None, *, archive: bool) -> None:
        if version is not None and version != self.origin.version:
            raise ValidationError(_("Someone changed this since you opened it. Look at it again."), code="stale")
        if self.origin.archived_at is not None:
            raise ValidationError(_("It is archived; restore it first."))
        if not (2 if archive else 1) <= len(self.parts) <= MOST:
            said = (
                _("Name at least two parts, or let the item stay.") if archive else _("Name between 1 and %(n)d parts.")
            )
            raise ValidationError(said % {"n": MOST})
        titles = [part.title.strip().casefold() for part in self.parts]
        if "" in titles or len(set(titles)) < len(titles):
            raise ValidationError(_("Give each part a title of its own."))
        self._check_sources(keeps, archive=archive)
        self._check_corrections()
        self._check_claims()

    def _check_sources(self, keeps: Collection[int] | None, *, archive: bool) -> None:
        cited = set(self.origin.citations.values_list("passage", flat=True))
        named = {pk for part in self.parts for pk in part.passages} | set(keeps or ())
        if not named <= cited:
            raise ValidationError(_("Choose among the paragraphs that the item cites."))
        if self.origin.item_kind in items.CITING:
            bare = [part.title for part in self.parts if not part.passages]
            if bare:
                raise ValidationError(_("Say on which paragraph “%(title)s” rests.") % {"title": bare[0]})
            if keeps is not None and not keeps and not archive:
                words = {"title": self.origin.reference}
                raise ValidationError(_("Say on which paragraph “%(title)s” rests.") % words)

    def _check_corrections(self) -> None:
        for update in self.origin.updates.exclude(corrects=None).select_related("corrects"):
            if self.updates[update.pk] != self.updates.get(update.corrects_id or 0, ORIGIN):
                said = _("The update of %(day)s was corrected: it and its correction go the same way.")
                raise ValidationError(said % {"day": update.happened}, code="corrections")

    def _check_claims(self) -> None:
        claims = MilestoneClaim.objects.filter(update__item=self.origin).select_related("update", "milestone")
        for claim in claims.order_by("update__happened", "pk"):
            if claim.milestone_id in self.steps and self.updates[claim.update_id] != self.steps[claim.milestone_id]:
                said = _("The update of %(day)s tells of the step “%(step)s”: both go the same way.")
                raise ValidationError(
                    said % {"day": claim.update.happened, "step": claim.milestone.title}, code="claims"
                )

    def carry_out(self, keeps: Collection[int] | None, *, archive: bool) -> ItemSplit:
        now, got = timezone.now(), []
        kind = RelationKind.SUCCEEDS if archive else RelationKind.PART_OF
        made = []
        for number, part in enumerate(self.parts, start=1):
            item = self._make(part, kind)
            made.append(item)
            got.append({"reference": item.reference, **self._give(number, item)})
        if keeps is not None:
            for citation in self.origin.citations.exclude(passage__in=keeps):
                remove(citation, by=self.by)
        for item in made:
            refresh_item(item, by=self.by, because=self.because, at=now)
        edits: dict[str, Any] = {"title": self.origin.title}  # so that it is written and counted whatever went
        if archive:
            edits["archived_at"] = now
        told = "split into " + ", ".join(item.reference for item in made)
        refresh_item(self.origin, by=self.by, because=told, at=now, **edits)
        return ItemSplit.objects.create(origin=self.origin, by=self.by, at=now, reason=self.reason, parts=got)

    def _make(self, part: Part, kind: RelationKind) -> TrackedItem:
        item = items.add_part(
            self.origin, by=self.by, title=part.title.strip(), summary=part.summary.strip() or self.origin.summary
        )
        detail = getattr(self.origin, self.origin.item_kind)
        own = {name: getattr(detail, name) for name in own_names(self.origin)}
        add(type(detail)(item=item, **own), by=self.by)
        for citation in self.origin.citations.filter(passage__in=part.passages):
            copied = {name: getattr(citation, name) for name in ("passage", "quote", "context", "checksum")}
            add(Citation(item=item, **copied), by=self.by)
        add(Relation(source=item, target=self.origin, kind=kind), by=self.by)
        return item

    def _give(self, number: int, item: TrackedItem) -> dict[str, list[int]]:
        """Hand over what was chosen for one part; the keys of what went, by model."""
        steps = [pk for pk, place in self.steps.items() if place == number]
        for position, step in enumerate(Milestone.objects.filter(pk__in=steps).order_by("position", "pk"), start=1):
            write(step, by=self.by, because=self.because, item=item, position=position)
        updates = [pk for pk, place in self.updates.items() if place == number]
        self._give_evidence(updates, item)
        for model, hanging in declared():
            if hanging.way is not Way.MOVES or not (model is Update or _hangs_on_updates(model)):
                continue
            of_updates = {"pk__in" if model is Update else "update__in": updates}
            for row in model._default_manager.filter(**of_updates, **hanging.only).order_by("pk"):
                hang_on(row, hanging, item, by=self.by, because=self.because)
        return {Milestone._meta.label: steps, Update._meta.label: updates}

    def _give_evidence(self, updates: Collection[int], item: TrackedItem) -> None:
        """Sources go with the updates that rest on them; of one on which others rest too, the part gets its own."""
        moving = set(updates)
        for evidence in Evidence.objects.filter(updates__in=updates).distinct().order_by("pk"):
            mine = [update for update in evidence.updates.all() if update.pk in moving]
            if len(mine) == evidence.updates.count():
                write(evidence, by=self.by, because=self.because, item=item)
                continue
            copy = self._copy_evidence(evidence, item)
            evidence.updates.remove(*mine)
            copy.updates.add(*mine)

    def _copy_evidence(self, evidence: Evidence, item: TrackedItem) -> Evidence:
        told = {name: getattr(evidence, name) for name in OF_EVIDENCE}
        copy = add(Evidence(item=item, author=evidence.author, **told), by=self.by)
        # On record since then: pages of past days show it under its update as they did.
        Evidence.objects.filter(pk=copy.pk).update(created_at=evidence.created_at)
        files = ("file", "name", "size", "media_type", "sha256")
        EvidenceFile.objects.bulk_create(
            EvidenceFile(evidence=copy, **{name: getattr(file, name) for name in files})
            for file in evidence.files.order_by("pk")
        )
        return copy


def _places(parts: Sequence[Part], name: str, known: Collection[int]) -> Mapping[int, int]:
    """To which part each row goes, by its key; ORIGIN for what stays. Refuses what is not the item's, or goes twice."""
    places = dict.fromkeys(known, ORIGIN)
    for number, part in enumerate(parts, start=1):
        for pk in getattr(part, name):
            if pk not in places:
                raise ValidationError(_("Choose among what belongs to the item."))
            if places[pk] != ORIGIN:
                raise ValidationError(_("Each update and each step goes to one part."))
            places[pk] = number
    return places


def _hangs_on_updates(model: Any) -> bool:
    """Does each of its rows name one update, whose item it bears too?"""
    try:
        return bool(model._meta.get_field("update").related_model is Update)
    except FieldDoesNotExist:
        return False
