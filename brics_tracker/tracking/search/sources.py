"""What of the spine can be found: items of each kind, updates, evidence, documents and their paragraphs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from brics_tracker.accounts import access
from brics_tracker.core.search.sources import About, Columns, Kind, Source
from brics_tracker.tracking.choices import ItemKind, ReviewState
from brics_tracker.tracking.models import Comment, Document, Evidence, Passage, TrackedItem, Update
from brics_tracker.tracking.models.items import ROOMS

if TYPE_CHECKING:
    from brics_tracker.accounts.access import Actor

ITEM = ("reference", "title", "item_kind", "status", "review_state", "archived_at", "merged_into")
PLURALS = {
    ItemKind.PROPOSAL: _("proposals"),
    ItemKind.MECHANISM: _("mechanisms"),
    ItemKind.ACTIVITY: _("activities"),
}


# --- items -----------------------------------------------------------------------------------------------
def items() -> Source:
    """Tracked items: reference, title and summary; what else is searched of a kind, its app adds."""
    return Source(
        "item",
        Columns("tracking.TrackedItem", title="title", names=("reference",), text=("summary",)),
        tuple(_item_kind(kind, plural) for kind, plural in PLURALS.items()),
    )


def _item_kind(kind: ItemKind, plural: StrOrPromise) -> Kind:
    def rows(user: Actor) -> QuerySet[TrackedItem]:
        return TrackedItem.objects.visible_to(user).filter(item_kind=kind)

    return Kind(kind.value, kind.label, plural, rows, about_items, day="tracked_since", item="", weight=2.0)


def about_items(keys: Sequence[int], user: Actor) -> dict[int, About]:
    rows = TrackedItem.objects.filter(pk__in=keys).values("pk", "tracked_since", *ITEM)
    return {
        row["pk"]: _of_item(row, str(row["tracked_since"] or ""), apart=_unlike_public(row["review_state"]))
        for row in rows
    }


def _of_item(row: dict[str, Any], day: str, *, path: str = "", anchor: str = "", apart: Sequence[Any] = ()) -> About:
    """What is told of an item, or (with a path to the item's columns, ITEM) of something that hangs on one."""
    item = {name: row[f"{path}{name}"] for name in ITEM}
    return About(
        url=reverse(f"{ROOMS[item['item_kind']]}:detail", args=[item["reference"]]) + anchor,
        within=item["title"] if path else "",
        reference=item["reference"],
        status=item["status"],
        day=day,
        notes=(*apart, *_out_of_lists(item)),
    )


def _out_of_lists(item: dict[str, Any]) -> list[StrOrPromise]:
    if item["merged_into"]:
        return [_("merged into another, where this leads")]
    return [_("archived")] if item["archived_at"] else []


def _unlike_public(state: str) -> list[StrOrPromise]:
    """What sets it apart from what is public and counts."""
    return [] if state == ReviewState.PUBLISHED else [ReviewState(state).label]


# --- what hangs on items ---------------------------------------------------------------------------------
def updates() -> Source:
    return Source("update", Columns("tracking.Update", text=("text", "reason", "retraction_reason")), (
        Kind("update", _("update"), _("updates"), Update.objects.visible_to, about_updates, day="happened", item="item"),
    ))  # fmt: skip


def about_updates(keys: Sequence[int], user: Actor) -> dict[int, About]:
    item = [f"item__{name}" for name in ITEM]
    rows = Update.objects.filter(pk__in=keys).values("pk", "happened", *item, state=F("review_state"))
    return {
        row["pk"]: _of_item(
            row, row["happened"], path="item__", anchor=f"#update-{row['pk']}", apart=_unlike_public(row["state"])
        )
        for row in rows
    }


def evidence() -> Source:
    columns = Columns("tracking.Evidence", title="title", names=("publisher",), text=("quote", "url"))
    return Source("evidence", columns, (
        Kind("evidence", _("evidence"), _("evidence"), Evidence.objects.visible_to, about_evidence,
             day="source_date", item="item"),
    ))  # fmt: skip


def about_evidence(keys: Sequence[int], user: Actor) -> dict[int, About]:
    """It stands under the updates that use it; the newest of those that the person sees is where its link leads."""
    item = [f"item__{name}" for name in ITEM]
    links = Evidence.updates.through.objects.filter(evidence__in=keys, update__in=Update.objects.visible_to(user))
    places = dict(links.order_by("update").values_list("evidence", "update"))  # the last of each stays
    rows = Evidence.objects.filter(pk__in=keys).values("pk", "source_date", "confidential", *item)
    return {
        row["pk"]: _of_item(
            row,
            row["source_date"],
            path="item__",
            anchor=f"#update-{places[row['pk']]}" if row["pk"] in places else "",
            apart=[_("confidential")] if row["confidential"] else [],
        )
        for row in rows
    }


def comments() -> Source:
    return Source("comment", Columns("tracking.Comment", text=("text",)), (
        Kind("comment", _("comment"), _("comments"), _standing_comments, about_comments, day="created_at", item="item",
             weight=0.7),
    ))  # fmt: skip


def _standing_comments(user: Actor) -> QuerySet[Comment]:
    return Comment.objects.visible_to(user).filter(removed_at__isnull=True)


def about_comments(keys: Sequence[int], user: Actor) -> dict[int, About]:
    item = [f"item__{name}" for name in ITEM]
    rows = Comment.objects.filter(pk__in=keys).values("pk", "created_at", "author__name", *item)
    return {
        row["pk"]: _of_item(
            row,
            timezone.localdate(row["created_at"]).isoformat(),
            path="item__",
            anchor=f"#comment-{row['pk']}",
            apart=[row["author__name"]],
        )
        for row in rows
    }


# --- documents -------------------------------------------------------------------------------------------
def documents() -> Source:
    columns = Columns("tracking.Document", title="title", names=("key",), text=("publisher", "author", "note"))
    return Source("document", columns, (
        Kind("document", _("document"), _("documents"), _for_readers(Document), about_documents, day="date"),
    ))  # fmt: skip


def about_documents(keys: Sequence[int], user: Actor) -> dict[int, About]:
    return {
        document.pk: About(url=document.get_absolute_url(), day=document.date)
        for document in Document.objects.filter(pk__in=keys)
    }


def passages() -> Source:
    columns = Columns("tracking.Passage", title="heading", text=("text", "summary"))
    return Source("passage", columns, (
        Kind("passage", _("paragraph"), _("paragraphs"), _for_readers(Passage), about_passages, day="document__date"),
    ))  # fmt: skip


def about_passages(keys: Sequence[int], user: Actor) -> dict[int, About]:
    return {
        passage.pk: About(
            url=f"{passage.document.get_absolute_url()}#p{passage.number}",
            within=passage.document.title,
            reference=f"¶{passage.number}",
            day=passage.document.date,
        )
        for passage in Passage.objects.filter(pk__in=keys).select_related("document")
    }


def _for_readers(model: type[Any]) -> Callable[[Actor], QuerySet[Any]]:
    """Public facts to whoever may read the register."""
    return lambda user: model.objects.all() if access.may_read(user) else model.objects.none()
