"""Endpoints of one kind of item: the list, one item, what hangs on it, and the acts on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from . import access
from .api import (
    CommentsView,
    HistoryView,
    ItemsView,
    MilestonesView,
    NoChangeView,
    OfItemView,
    RelationsView,
    StatusesView,
    UpdatesView,
)
from .bodies import MergeBody, NoBody, ReasonBody, SplitBody
from .choices import ItemKind, PlanChoice
from .evidence_api import EvidenceView
from .forms.items import check_members
from .models import Passage, TrackedItem
from .services import items, merging, milestones, splitting
from .writing import Methods, WritingView

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from brics_tracker.accounts.models import User


class KindView(WritingView, ItemsView):
    """Items of one kind, to be read, made and changed; a subclass names its services and what can be sent."""

    made_by: Callable[..., Any]
    changed_by: Callable[..., Any]
    own_body: tuple[str, ...] = ()  # what can be sent of the kind itself

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Make one: a draft, or handed in for review at once."""
        access.require(access.may_create(request.user))
        return self.write_once(self._make, status=201)

    def _make(self) -> TrackedItem:
        body = self.body()
        check_members(all_members=body.get("all_members", False), members=body.get("members", ()))
        more = {name: body.pop(name) for name in ("plan", "submit") if name in body}
        passages, own = body.pop("citations", ()), self._own(body)
        made = type(self).made_by(by=self.writer, fields=body, own=own, passages=passages, **more)
        item: TrackedItem = made.item
        return item

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change what is sent and nothing else; `citations` and other lists are replaced as a whole."""
        item = access.item_to_edit(request, self.kwargs["reference"], self.item_kind)
        with self.matched(item, item) as current:
            body = self.body()
            if {"all_members", "members"} & set(body):
                check_members(
                    all_members=body.get("all_members", current["all_members"]),
                    members=body.get("members", () if current["all_members"] else item.members.all()),
                )
            passages, own = body.pop("citations", None), self._own(body)
            type(self).changed_by(
                getattr(item, item.item_kind), by=self.writer, version=current["version"], changes=body, own=own,
                passages=passages,
            )  # fmt: skip
        return self.answer_row(self.row_of(item))

    def _own(self, body: dict[str, Any]) -> dict[str, Any]:
        return {name: body.pop(name) for name in self.own_body if name in body}


@dataclass(frozen=True, slots=True)
class Act:
    """One act on an item or on what hangs on it: in words, whose it is, what does it, and whether its object must be named as it was read."""

    words: StrOrPromise
    allowed: Callable[[User, Any], bool]
    do: Callable[..., object]
    body: type[Serializer[Any]] = NoBody
    judges: bool = False


def _is_author_or_editor(user: User, item: TrackedItem) -> bool:
    return item.author_id == user.pk or access.may_edit(user, item)


def _merge(
    item: TrackedItem, *, by: User, merge: str, merge_version: int, reason: str,
    values: Mapping[str, str] | None = None, steps: str = PlanChoice.KEEP,
) -> None:  # fmt: skip
    reference = merge.strip().upper()
    other = TrackedItem.objects.visible_to(by).filter(reference=reference).first()
    if other is None:
        raise ValidationError({"merge": items.NO_SUCH_ITEM % {"reference": reference}})
    choice = merging.Choice(reason, values or {}, steps)
    merging.merge_items(item, other, by=by, seen=(None, merge_version), choice=choice)


def _split(
    item: TrackedItem, *, by: User, parts: Sequence[Mapping[str, Any]], reason: str,
    keeps: Sequence[Passage] | None = None, archive: bool = False,
) -> None:  # fmt: skip
    wanted = [
        splitting.Part(
            part["title"], part.get("summary", ""), passages=[passage.pk for passage in part.get("citations", ())],
            milestones=part.get("milestones", ()), updates=part.get("updates", ()),
        )
        for part in parts
    ]  # fmt: skip
    kept = None if keeps is None else [passage.pk for passage in keeps]
    splitting.split_item(item, wanted, by=by, version=None, reason=reason, keeps=kept, archive=archive)


ITEM_ACTS: Mapping[str, Act] = {
    "submit": Act(_("Hand a draft or returned item in for review."), _is_author_or_editor, items.submit_item),
    "withdraw": Act(
        _("Take your own back from review, to go on writing."),
        lambda user, item: item.author_id == user.pk,
        items.withdraw_item,
    ),
    "publish": Act(
        _("Make a submitted item public, as you read it: from today it is tracked."),
        access.may_review,
        items.publish_item,
        judges=True,
    ),
    "return": Act(
        _("Hand a submitted item back to its author, with a reason."),
        access.may_review,
        items.return_item,
        ReasonBody,
        judges=True,
    ),
    "archive": Act(
        _("Take an item out of the lists, with a reason; nothing of it is deleted."),
        access.may_archive,
        items.archive_item,
        ReasonBody,
    ),
    "merge": Act(
        _(
            "Take another item of this sort into this one, as you read both; the other's reference leads here from then on."
        ),
        access.may_merge,
        _merge,
        MergeBody,
        judges=True,
    ),
    "split": Act(
        _("Make items of the parts of this one, as you read it; they are tied to it and in the lists from then on."),
        access.may_merge,
        _split,
        SplitBody,
        judges=True,
    ),
    "restore": Act(_("Bring an archived item back into the lists."), access.may_archive, items.restore_item),
    "confirm-owner": Act(_("Say that the suggested owner is the owner."), access.may_confirm, items.confirm_owner),
    "confirm-plan": Act(
        _("Take every step that waits into the plan that counts."), access.may_confirm, milestones.confirm_plan
    ),
}


class ActingView(WritingView):
    """One act on one thing. What stands so already stays as it is, and that is answered."""

    act: Act = None  # type: ignore[assignment]  # as_view is given it

    @property
    def words(self) -> StrOrPromise:
        """What the act does, for the schema."""
        return self.act.words

    @property
    def bodies(self) -> Mapping[str, type[Serializer[Any]]]:  # type: ignore[override]
        return {"perform": self.act.body}

    @property
    def needs_match(self) -> bool:
        """A judgement names what was read."""
        return self.act.judges

    def carry_out(self, item: TrackedItem, row: Model) -> Response:
        """Do the act on the row, an item or what hangs on it, for this person."""
        if row is item:
            access.require_of(self.act.allowed, self.writer, item)
        else:
            access.require(self.act.allowed(self.writer, row))

        def do() -> Model:
            said = self.body()
            if not self.act.judges:
                self.act.do(row, by=self.writer, **said)
                return row
            with self.matched(item, row):
                self.act.do(row, by=self.writer, **said)
            return row

        return self.write_once(do)


def act_view(kind_view: type[KindView], act: Act) -> Any:
    """An act on items of one kind, answered as the kind's own rows are."""

    class View(ActingView, kind_view):  # type: ignore[valid-type, misc]
        def perform(self, request: Request, *args: Any, **kwargs: Any) -> Response:
            item = access.item_to_read(request, self.kwargs["reference"], self.item_kind)
            return self.carry_out(item, item)

    return View.as_view({"post": "perform"}, act=act)


def item_routes(noun: str, kind: ItemKind, view: type[KindView]) -> list[URLPattern]:
    """The addresses of one kind of item: list, one, what hangs on one, and the acts on one."""
    read: Methods = {"get": "list"}
    told: Methods = {"post": "create"}
    written: Methods = {"get": "list", "post": "create"}
    hanging: dict[str, tuple[type[OfItemView], Methods]] = {
        "updates": (UpdatesView, written), "milestones": (MilestonesView, written), "evidence": (EvidenceView, written),
        "relations": (RelationsView, written), "comments": (CommentsView, written), "statuses": (StatusesView, read),
        "history": (HistoryView, read), "no-change": (NoChangeView, told),
    }  # fmt: skip
    one = f"{noun}/<slug:reference>/"
    return [
        path(f"{noun}/", view.as_view(written), name=f"{kind}-list"),
        path(one, view.as_view({"get": "retrieve", "patch": "partial_update"}), name=f"{kind}-detail"),
        *(
            path(f"{one}{name}/", each.as_view(methods, item_kind=kind), name=f"{kind}-{name}")
            for name, (each, methods) in hanging.items()
        ),
        *(path(f"{one}{name}/", act_view(view, act), name=f"{kind}-{name}") for name, act in ITEM_ACTS.items()),
    ]
