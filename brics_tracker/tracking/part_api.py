"""Endpoints of one update, one milestone, one relation, wherever its item stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from brics_tracker.core.rows import Row

from . import access, entries, rows
from .api_moments import MILESTONE_CHANGED, dropped_drafts, dropped_steps
from .bodies import ChangedMilestoneBody, CommentBody, NoBody, PublishBody, ReasonBody, ReviewerBody, UpdateBody
from .item_api import Act, ActingView
from .models import Comment, Milestone, Relation, TrackedItem, Update
from .serializers import CommentSerializer, MilestoneSerializer, RelationSerializer, UpdateSerializer
from .services import conversation, items, milestones, progress, updates
from .writing import Methods, WritingView


class UpdateView(WritingView):
    """Entries of progress of all items, by number: public ones, and drafts that you may see."""

    changed = "updated_at"
    serializer_class = UpdateSerializer
    queryset = Update.objects.none()
    bodies = {"partial_update": UpdateBody}

    def get_queryset(self) -> QuerySet[Update]:
        return Update.objects.visible_to(self.request.user)

    def gone(self) -> Sequence[QuerySet[Any, Any]]:
        return (dropped_drafts(self.request.user),)

    def rows(self, page: QuerySet[Update]) -> list[Row]:
        return rows.update_rows(page, self.request.user)

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change your own draft or returned update: what is sent and nothing else; new sources are added."""
        update = access.update_to_edit(request, self.kwargs["pk"])
        with self.matched(update.item, update) as current:
            entries.revise(update, self.body(), by=self.writer, version=current["version"])
        return self.answer_row(self.row_of(update))

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Throw away your own draft that was never handed in; its sources stay with the item."""
        update = access.update_to_edit(request, self.kwargs["pk"])
        with self.matched(update.item, update):
            updates.delete_draft(update, by=self.writer)
        return Response(status=204)


class UpdateActView(ActingView, UpdateView):  # type: ignore[misc] # an act has one body, whatever the action
    """One act on one update."""

    def perform(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        update = access.update_to_read(request, self.kwargs["pk"])
        return self.carry_out(update.item, update)


def _is_author(user: Any, update: Update) -> bool:
    return bool(update.author_id == user.pk)


def _is_author_who_logs(user: Any, update: Update) -> bool:
    return _is_author(user, update) and access.may_log(user, update.item)


def _may_review(user: Any, update: Update) -> bool:
    return access.may_review(user, update.item)


UPDATE_ACTS: Mapping[str, Act] = {
    "submit": Act(_("Hand your draft or returned update in for review."), _is_author_who_logs, updates.submit_update),
    "withdraw": Act(_("Take your own back from review, to go on writing."), _is_author, updates.withdraw_update),
    "publish": Act(
        _("Make a submitted update public, as you read it, and let it move its item."),
        _may_review,
        updates.publish_update,
        PublishBody,
        judges=True,
    ),
    "return": Act(
        _("Hand a submitted update back to its author, with a reason."),
        _may_review,
        updates.return_update,
        ReasonBody,
        judges=True,
    ),
    "ask-review": Act(
        _("Ask a reviewer by name to look at what waits for review."),
        access.may_ask_review,
        conversation.ask_review,
        ReviewerBody,
    ),
    "retract": Act(
        _("Take a published update out of the reckoning, with a reason; it stays readable."),
        _may_review,
        updates.retract_update,
        ReasonBody,
        judges=True,
    ),
}


class CorrectView(UpdateView):
    """A correction of a published update."""

    bodies = {"create": NoBody}

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Start a correction: a draft of your own that says what the published update says. The one under way, if any."""
        update = access.update_to_correct(request, self.kwargs["pk"])
        return self.write_once(lambda: self._correct(update), status=201)

    def _correct(self, update: Update) -> Update:
        self.body()
        return progress.correct_update(update, by=self.writer)


class CommentView(WritingView):
    """Something that was said."""

    serializer_class = CommentSerializer
    queryset = Comment.objects.none()
    bodies = {"partial_update": CommentBody}

    def get_queryset(self) -> QuerySet[Comment]:
        return Comment.objects.visible_to(self.request.user)

    def rows(self, page: QuerySet[Comment]) -> list[Row]:
        return rows.comment_rows(page)

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change your own words; the record keeps the old ones."""
        comment = access.comment_to_change(request, self.kwargs["pk"])
        with self.matched(comment.item, comment) as current:
            said = {"text": current["text"], **self.body()}
            conversation.edit_comment(comment, by=self.writer, version=current["version"], **said)
        return self.answer_row(self.row_of(comment))

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Take your own words away: their place stays, marked, and the record keeps them."""
        comment = access.comment_to_change(request, self.kwargs["pk"])
        with self.matched(comment.item, comment):
            conversation.remove_comment(comment, by=self.writer)
        return Response(status=204)


class MilestoneView(WritingView):
    """Steps of all plans, by number, as long as they stand."""

    changed = MILESTONE_CHANGED
    serializer_class = MilestoneSerializer
    queryset = Milestone.objects.none()
    bodies = {"partial_update": ChangedMilestoneBody}

    def get_queryset(self) -> QuerySet[Milestone]:
        visible = TrackedItem.objects.visible_to(self.request.user)
        return Milestone.objects.filter(dropped_at__isnull=True, item__in=visible)

    def gone(self) -> Sequence[QuerySet[Any, Any]]:
        return (dropped_steps(self.request.user),)

    def rows(self, page: QuerySet[Milestone]) -> list[Row]:
        return rows.milestone_rows(page)

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change what is sent and nothing else; moving a confirmed date needs a reason."""
        milestone = access.milestone_to_edit(request, self.kwargs["pk"])
        with self.matched(milestone.item, milestone) as current:
            body = self.body()
            reason = body.pop("reason", "")
            milestones.edit_milestone(
                milestone, by=self.writer, version=current["version"], changes=body, reason=reason
            )
        return self.answer_row(self.row_of(milestone))


class MilestoneActView(ActingView, MilestoneView):  # type: ignore[misc] # an act has one body, whatever the action
    """One act on one step."""

    def perform(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        milestone = access.milestone_to_edit(request, self.kwargs["pk"])
        return self.carry_out(milestone.item, milestone)


DROP = Act(
    _("Take a step out of the plan, as you read it, with a reason; the record keeps it."),
    lambda user, milestone: access.may_edit(user, milestone.item),
    milestones.drop_milestone,
    ReasonBody,
    judges=True,
)


class RelationView(WritingView):
    """One tie between two items, which is made and undone, never changed."""

    serializer_class = RelationSerializer
    queryset = Relation.objects.none()
    needs_match = False

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Undo a tie; the record keeps it."""
        visible = TrackedItem.objects.visible_to(request.user)
        ties = Relation.objects.select_related("source").filter(source__in=visible, target__in=visible)
        relation = get_object_or_404(ties, pk=self.kwargs["pk"])
        items.unrelate(relation, by=self.writer)
        return Response(status=204)


LIST: Methods = {"get": "list"}
ONE: Methods = {"get": "retrieve", "patch": "partial_update"}
routes = [
    path("updates/", UpdateView.as_view(LIST), name="update-list"),
    path("milestones/", MilestoneView.as_view(LIST), name="milestone-list"),
    path("updates/<int:pk>/", UpdateView.as_view({**ONE, "delete": "destroy"}), name="update-detail"),
    *(
        path(f"updates/<int:pk>/{name}/", UpdateActView.as_view({"post": "perform"}, act=act), name=f"update-{name}")
        for name, act in UPDATE_ACTS.items()
    ),
    path("updates/<int:pk>/correct/", CorrectView.as_view({"post": "create"}), name="update-correct"),
    path("milestones/<int:pk>/drop/", MilestoneActView.as_view({"post": "perform"}, act=DROP), name="milestone-drop"),
    path("comments/<int:pk>/", CommentView.as_view({**ONE, "delete": "destroy"}), name="comment-detail"),
    path("milestones/<int:pk>/", MilestoneView.as_view(ONE), name="milestone-detail"),
    path("relations/<int:pk>/", RelationView.as_view({"delete": "destroy"}), name="relation-detail"),
]
