"""Lists of the spine: items of any kind, what hangs on an item, documents and their paragraphs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import NullIf
from django.urls import path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from brics_tracker.core.api import RegisterFilters
from brics_tracker.core.api_changes import last_change, recorded
from brics_tracker.core.api_views import RowsView, RowView
from brics_tracker.core.ordering import text
from brics_tracker.core.rows import Many, Row, read_rows

from . import access, entries, rows
from .access import document_to_read, item_to_read
from .api_moments import (
    COMMENT_CHANGED,
    MILESTONE_CHANGED,
    RELATION_CHANGED,
    dropped_drafts,
    dropped_steps,
    undone_ties,
)
from .bodies import MilestoneBody, NewCommentBody, NewUpdateBody, NoBody, RelationBody
from .choices import ItemKind
from .filters import AnyItemFilterSet
from .models import Comment, Document, Milestone, Passage, Relation, StatusChange, TrackedItem, Update
from .selectors import history_of
from .serializers import (
    CommentSerializer,
    DocumentSerializer,
    ItemSerializer,
    MilestoneSerializer,
    PassageSerializer,
    RelationSerializer,
    StatusChangeSerializer,
    TrailSerializer,
    UpdateSerializer,
)
from .services import conversation, items, milestones, updates
from .services.items import named_item
from .writing import WritingView

ITEM_SORTS: dict[str, Sequence[str | NullIf]] = {
    "reference": ("reference_prefix", "reference_number"),
    "title": ("title",),
    "status": ("status",),
    "proof": ("proof",),
    "percent": ("percent",),
    "priority": ("priority",),
    "owner": ("owner__name",),
    "next_due": ("next_due",),
    "target_date": (text("target_date"),),
    "updated_at": ("updated_at",),
}


class ItemsView(RowView):
    """Tracked items of every kind: what they have in common."""

    item_kind: ItemKind | None = None
    own: Mapping[str, str] = {}  # columns of the kind itself: key by path from the tracked item
    serializer_class: Any = ItemSerializer
    changed = "updated_at"
    filterset_class: Any = AnyItemFilterSet
    lookup_field = "reference"
    sortable = ITEM_SORTS
    usual_order = ("reference_prefix", "reference_number")

    def get_queryset(self) -> QuerySet[TrackedItem]:
        items = TrackedItem.objects.visible_to(self.request.user)
        return items.filter(item_kind=self.item_kind) if self.item_kind else items

    def row_or_404(self) -> Row:
        """Raises Moved for one that was merged into another; that one is in the lists still, with `archived`."""
        row = super().row_or_404()
        if row["merged_into"]:
            access.lead_on(TrackedItem.objects.get(reference=row["reference"]))
        return row

    def many(self) -> Sequence[Many]:
        """What else of this kind hangs on its rows."""
        return ()

    def rows(self, page: QuerySet[TrackedItem]) -> list[Row]:
        return rows.item_rows(page, self.address, self.own, self.many())


class OfItemView(WritingView):
    """A list that hangs on one item: whoever may not see the item gets 404, whatever hangs on it."""

    item_kind = ""
    merged_too = False  # is it read of an item that was merged into another?

    @cached_property
    def item(self) -> TrackedItem:
        return item_to_read(self.request, self.kwargs["reference"], self.item_kind, merged_too=self.merged_too)


class UpdatesView(OfItemView):
    """Entries of progress, newest first: public ones, and drafts that you may see."""

    serializer_class = UpdateSerializer
    bodies = {"create": NewUpdateBody}
    changed = "updated_at"
    queryset = Update.objects.none()
    usual_order = ("-happened", F("published_at").desc(nulls_first=True), "-pk")

    def get_queryset(self) -> QuerySet[Update]:
        return Update.objects.visible_to(self.request.user).filter(item=self.item)

    def gone(self) -> Sequence[QuerySet[Any, Any]]:
        return (dropped_drafts(self.request.user).filter(item=self.item),)

    def rows(self, page: QuerySet[Update]) -> list[Row]:
        return rows.update_rows(page, self.request.user)

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Log progress: a draft, or handed in at once; with its claims and new sources, or not at all."""
        access.require_of(access.may_log, request.user, self.item)
        return self.write_once(self._log, status=201)

    def _log(self) -> Update:
        body = self.body()
        submit = body.pop("submit", False)
        return entries.log(self.item, body, by=self.writer, submit=submit)


class NoChangeView(UpdatesView):
    """ "No change this period" as one act."""

    bodies = {"create": NoBody}

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Report that nothing changed in the period: handed in for review at once."""
        access.require_of(access.may_log, request.user, self.item)
        return self.write_once(self._report, status=201)

    def _report(self) -> Update:
        self.body()
        return updates.report_no_change(self.item, by=self.writer)


class CommentsView(OfItemView):
    """What was said of the item and of those of its updates that you see, oldest first."""

    serializer_class = CommentSerializer
    bodies = {"create": NewCommentBody}
    queryset = Comment.objects.none()
    changed = COMMENT_CHANGED
    usual_order = ("created_at", "pk")

    def get_queryset(self) -> QuerySet[Comment]:
        return Comment.objects.visible_to(self.request.user).filter(item=self.item)

    def rows(self, page: QuerySet[Comment]) -> list[Row]:
        return rows.comment_rows(page)

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Say something about the item, or about one of its updates; whom it mentions and may see it is told."""
        access.require_of(access.may_comment, request.user, self.item)
        return self.write_once(self._say, status=201)

    def _say(self) -> Comment:
        body = self.body()
        update = None
        if number := body.get("update"):
            update = Update.objects.visible_to(self.request.user).filter(item=self.item, pk=number).first()
            if update is None:
                raise ValidationError({"update": _("This item has no such update.")})
        return conversation.add_comment(self.item, by=self.writer, text=body["text"], update=update)


class MilestonesView(OfItemView):
    """The plan, in its order, each step with the moves of its due date."""

    serializer_class = MilestoneSerializer
    bodies = {"create": MilestoneBody}
    queryset = Milestone.objects.none()
    changed = MILESTONE_CHANGED
    usual_order = ("position", "pk")

    def get_queryset(self) -> QuerySet[Milestone]:
        return Milestone.objects.filter(item=self.item, dropped_at__isnull=True)

    def gone(self) -> Sequence[QuerySet[Any, Any]]:
        return (dropped_steps(self.request.user).filter(item=self.item),)

    def rows(self, page: QuerySet[Milestone]) -> list[Row]:
        return rows.milestone_rows(page)

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Add a step at the end of the plan; it counts once a reviewer or an administrator has confirmed it."""
        access.require_of(access.may_edit, request.user, self.item)
        return self.write_once(
            lambda: milestones.add_milestone(self.item, by=self.writer, fields=self.body()), status=201
        )


class RelationsView(OfItemView):
    """Ties to other items that you may see."""

    serializer_class = RelationSerializer
    bodies = {"create": RelationBody}
    queryset = Relation.objects.none()
    changed = RELATION_CHANGED
    usual_order = ("kind", "pk")

    def get_queryset(self) -> QuerySet[Relation]:
        visible = TrackedItem.objects.visible_to(self.request.user).values("pk")
        outward = Q(source=self.item, target__in=visible)
        return Relation.objects.filter(outward | Q(target=self.item, source__in=visible))

    def gone(self) -> Sequence[QuerySet[Any, Any]]:
        return (undone_ties(self.request.user).filter(Q(source=self.item) | Q(target=self.item)),)

    def rows(self, page: QuerySet[Relation]) -> list[Row]:
        return rows.relation_rows(page, self.item, self.address)

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Tie this item to another that you may see; the same tie again is the one there is."""
        access.require_of(access.may_edit, request.user, self.item)
        return self.write_once(self._relate, status=201)

    def _relate(self) -> Relation:
        body = self.body()
        try:
            target = named_item(self.request.user, body["target"])
        except ValidationError as unknown:
            raise ValidationError({"target": unknown.messages}) from unknown
        return items.relate(self.item, target, kind=body["kind"], by=self.writer, note=body.get("note", ""))


class StatusesView(OfItemView):
    """What was shown from when until when: status, proof and progress, in order."""

    serializer_class = StatusChangeSerializer
    queryset = StatusChange.objects.none()
    usual_order = ("since", "pk")

    def get_queryset(self) -> QuerySet[StatusChange]:
        return StatusChange.objects.filter(item=self.item)

    def rows(self, page: QuerySet[StatusChange]) -> list[Row]:
        return rows.status_rows(page)


class HistoryView(OfItemView):
    """Every recorded change of the item and of what hangs on it: who, when, why, what it was; newest first."""

    merged_too = True
    serializer_class = TrailSerializer
    queryset = StatusChange.objects.none()
    filter_backends = (RegisterFilters,)

    def get_queryset(self) -> Any:
        return history_of(self.item, self.request.user)

    def rows(self, page: Any) -> list[Row]:
        return [
            {
                "at": entry.at,
                "by": entry.by,
                "what": entry.what,
                "act": entry.act,
                "reason": entry.reason,
                "changes": [{"field": each.label, "before": each.old, "after": each.new} for each in entry.changes],
            }
            for entry in page
        ]


class DocumentsView(RowView):
    """Source and outcome documents, newest first."""

    serializer_class = DocumentSerializer
    queryset = Document.objects.none()
    changed = last_change(recorded(Document, "id"), recorded(Passage, "document"))
    lookup_field = "key"
    usual_order = ("-date", "key")

    def get_queryset(self) -> QuerySet[Document]:
        return Document.objects.annotate(paragraphs=Count("passages"))

    def rows(self, page: QuerySet[Document]) -> list[Row]:
        names = ("key", "title", "publisher", "author", "date", "language", "address", "note", "paragraphs")
        listed, shown = self.address(reverse("api:document-list")), self.address(reverse("tracking:document-list"))
        return [
            {name: row[name] for name in names}
            | {"date": row["date"] or None, "address": row["address"] or None}
            | {"url": f"{listed}{row['key']}/", "page_url": f"{shown}{row['key']}/"}
            for row in read_rows(page, names)
        ]


class PassagesView(RowsView):
    """The paragraphs of a document, in order, each with the address of what cites it."""

    serializer_class = PassageSerializer
    queryset = Passage.objects.none()
    changed = last_change(recorded(Passage, "id"))
    usual_order = ("number",)

    def get_queryset(self) -> QuerySet[Passage]:
        return Passage.objects.filter(document=document_to_read(self.request, self.kwargs["key"]))

    def rows(self, page: QuerySet[Passage]) -> list[Row]:
        names = ("number", "level", "heading", "summary", "asks", "reason")
        cited = f"{self.address(reverse('api:item-list'))}?document={self.kwargs['key']}&paragraph="
        return [
            {name: row[name] for name in names} | {"tracked_url": f"{cited}{row['number']}"}
            for row in read_rows(page, names)
        ]


routes = [
    path("items/", ItemsView.as_view({"get": "list"}), name="item-list"),
    path("documents/", DocumentsView.as_view({"get": "list"}), name="document-list"),
    path("documents/<slug:key>/", DocumentsView.as_view({"get": "retrieve"}), name="document-detail"),
    path("documents/<slug:key>/passages/", PassagesView.as_view({"get": "list"}), name="document-passages"),
]
