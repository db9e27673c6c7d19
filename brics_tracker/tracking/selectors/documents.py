"""Documents: how much of each is tracked, and what cites each paragraph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from brics_tracker.tracking.models import Citation, Document, Passage, TrackedItem
from brics_tracker.tracking.models.items import ROOMS

if TYPE_CHECKING:
    from brics_tracker.accounts.access import Actor


@dataclass(frozen=True, slots=True)
class Coverage:
    """A document with how many of its paragraphs ask for something, and how many of those something cites."""

    document: Document
    passages: int
    asking: int
    tracked: int
    cited: int

    @property
    def untracked(self) -> int:
        return self.asking - self.tracked

    @property
    def percent(self) -> int | None:
        """Share of what asks for something that is tracked; None where nothing asks."""
        return self.tracked * 100 // self.asking if self.asking else None


@dataclass(frozen=True, slots=True)
class Citing:
    """An item that rests on a paragraph."""

    reference: str
    title: str
    status: str
    url: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A numbered paragraph and what cites it."""

    passage: Passage
    cited_by: Sequence[Citing]

    @property
    def is_untracked(self) -> bool:
        return self.passage.asks and not self.cited_by

    @property
    def anchor(self) -> str:
        return f"p{self.passage.number}"


class Outline:
    """One document as its page shows it to one person."""

    def __init__(self, document: Document, user: Actor) -> None:
        self.document = document
        self.user = user

    @cached_property
    def paragraphs(self) -> list[Paragraph]:
        """Every paragraph in its order; two queries."""
        cited: dict[int, list[Citing]] = {}
        citations = visible_citations(self.user).filter(passage__document=self.document)
        rows = citations.order_by("item__reference_prefix", "item__reference_number").values_list(
            "passage_id", "item__reference", "item__title", "item__status", "item__item_kind"
        )
        for passage_id, reference, title, status, kind in rows:
            url = reverse(f"{ROOMS[kind]}:detail", args=[reference])
            cited.setdefault(passage_id, []).append(Citing(reference, title, status, url))
        return [Paragraph(passage, cited.get(passage.pk, ())) for passage in self.document.passages.order_by("number")]

    @property
    def untracked(self) -> list[Paragraph]:
        return [each for each in self.paragraphs if each.is_untracked]

    @property
    def headings(self) -> list[Paragraph]:
        """Parts and sections, for the table of contents."""
        return [each for each in self.paragraphs if each.passage.level > 1]

    @property
    def coverage(self) -> Coverage:
        asking = [each for each in self.paragraphs if each.passage.asks]
        return Coverage(
            self.document,
            passages=len(self.paragraphs),
            asking=len(asking),
            tracked=sum(bool(each.cited_by) for each in asking),
            cited=sum(bool(each.cited_by) for each in self.paragraphs),
        )


def visible_citations(user: Actor) -> QuerySet[Citation]:
    """Citations by items that this person may see; an item in draft cites nothing for others."""
    return Citation.objects.filter(TrackedItem.objects.visibility(user, "item__"), item__archived_at__isnull=True)


def coverage_of_documents(user: Actor) -> list[Coverage]:
    """Every document, newest first, with its coverage; two queries."""
    cited = Exists(visible_citations(user).filter(passage=OuterRef("pk")))
    tallies = (
        Passage.objects.annotate(is_cited=cited)
        .values("document")
        .order_by()
        .annotate(
            passages=Count("pk"),
            asking=Count("pk", filter=Q(asks=True)),
            tracked=Count("pk", filter=Q(asks=True, is_cited=True)),
            cited=Count("pk", filter=Q(is_cited=True)),
        )
    )
    by_document = {row[0]: row[1:] for row in tallies.values_list("document", "passages", "asking", "tracked", "cited")}
    return [Coverage(document, *by_document.get(document.pk, (0, 0, 0, 0))) for document in Document.objects.all()]
