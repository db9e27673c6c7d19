"""Endpoints that take many at once: edits of many items, and many entries of progress. Each row has its own outcome."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers as s
from rest_framework.exceptions import ValidationError as Unreadable
from rest_framework.request import Request
from rest_framework.response import Response

from brics_tracker.core.api_writes import key_of, told_of
from brics_tracker.core.errors import errors_by_field
from brics_tracker.core.models import Organisation, Theme
from brics_tracker.core.rows import Row

from . import access, entries
from .bodies import Body, Key, Keys, Line, NewUpdateBody, NoBody, PartialDate, People, Text
from .choices import Outcome, Phase, Priority
from .models import BulkEdit, TrackedItem, Update
from .services import bulk
from .services.changes import UsedKey, once
from .services.items import named_item
from .writing import WritingView

MOST_UPDATES = 100
NOT_FOUND = "not_found"
OUTCOMES = [*Outcome.choices, (NOT_FOUND, gettext_lazy("not found"))]
VALUES = ("owner", "lead_theme", "phase", "priority", "start_date", "target_date", "rhythm_days")


class ChosenBody(Body):
    reference = Line(max_length=12, help_text=gettext_lazy("Reference of the item."))
    version = s.IntegerField(
        min_value=1, max_value=2**31 - 1, required=False,
        help_text=gettext_lazy("The version that you read; left out, whichever it has."),
    )  # fmt: skip


class EditManyBody(Body):
    """The same change to each of many items; what is left out stays as it is."""

    items = s.ListField(
        child=ChosenBody(), min_length=1, max_length=bulk.MOST, help_text=gettext_lazy("Which items, each once.")
    )
    owner = Key(Organisation, "key", required=False, help_text=gettext_lazy("Key of the organisation that owns them."))
    lead_theme = Key(Theme, "code", required=False, help_text=gettext_lazy("Code of their lead theme."))
    phase = s.ChoiceField(Phase.choices, required=False, help_text=gettext_lazy("Phase of their plan."))
    priority = s.ChoiceField(Priority.choices, required=False, help_text=gettext_lazy("Priority."))
    start_date = PartialDate(required=False, help_text=gettext_lazy("Start: a year, month or day."))
    target_date = PartialDate(required=False, help_text=gettext_lazy("Target: a year, month or day."))
    rhythm_days = s.IntegerField(
        min_value=1, max_value=1100, required=False, help_text=gettext_lazy("Reporting rhythm in days, 1 to 1100.")
    )
    add_themes = Keys(Theme, "code", required=False, help_text=gettext_lazy("Codes of themes to add."))
    drop_themes = Keys(Theme, "code", required=False, help_text=gettext_lazy("Codes of themes to take off."))
    add_assignees = People(required=False, help_text=gettext_lazy("Numbers of people to assign."))
    drop_assignees = People(required=False, help_text=gettext_lazy("Numbers of people to take off."))
    confirm_owner = s.BooleanField(required=False, help_text=gettext_lazy("Confirm the owner."))
    confirm_plan = s.BooleanField(
        required=False, help_text=gettext_lazy("Take every step that waits into the plan that counts.")
    )
    archive = Text(max_length=500, required=False, help_text=gettext_lazy("Archive them, for this reason."))


class EditedFieldSerializer(s.Serializer[Any]):
    field = s.CharField(help_text=gettext_lazy("The field, in words."))
    before = s.CharField(help_text=gettext_lazy("Its value before, in words."))
    after = s.CharField(help_text=gettext_lazy("Its value after, in words."))


class EditedItemSerializer(s.Serializer[Any]):
    reference = s.CharField(help_text=gettext_lazy("Reference of the item."))
    outcome = s.ChoiceField(OUTCOMES, help_text=gettext_lazy("What became, or would become, of the item."))
    detail = s.CharField(help_text=gettext_lazy("Why it was left alone; empty where it was not."))
    changes = EditedFieldSerializer(many=True, help_text=gettext_lazy("What differs."))


class EditOfManySerializer(s.Serializer[Any]):
    """An edit of many items, and what became of each."""

    id = s.IntegerField(allow_null=True, help_text=gettext_lazy("Its number; null for a preview."))
    at = s.DateTimeField(allow_null=True, help_text=gettext_lazy("When it was done; null for a preview."))
    undoes = s.IntegerField(allow_null=True, help_text=gettext_lazy("Number of the edit that it undid; null for none."))
    undone_by = s.IntegerField(
        allow_null=True, help_text=gettext_lazy("Number of the edit that undid it; null for none.")
    )
    rows = EditedItemSerializer(many=True, help_text=gettext_lazy("Each item with its own outcome."))


class EditsOfManyView(WritingView):
    """Edits of many items that you made."""

    serializer_class = EditOfManySerializer
    queryset = BulkEdit.objects.none()
    bodies = {"create": EditManyBody, "preview": EditManyBody, "undo": NoBody}

    def get_queryset(self) -> QuerySet[BulkEdit]:
        user = self.request.user
        return BulkEdit.objects.filter(by=user.pk) if user.is_authenticated else BulkEdit.objects.none()

    def rows(self, page: QuerySet[BulkEdit]) -> list[Row]:
        edits = list(page.select_related("undone_by").prefetch_related("rows__item"))
        visible = set(
            TrackedItem.objects.visible_to(self.request.user)
            .filter(pk__in=[row.item_id for edit in edits for row in edit.rows.all()])
            .values_list("pk", flat=True)
        )
        return [
            {
                "id": edit.pk,
                "at": edit.at,
                "undoes": edit.undoes_id,
                "undone_by": edit.undone_by.pk if hasattr(edit, "undone_by") else None,
                "rows": [
                    _told(row.item, row.outcome, row.changes, row.refusal)
                    for row in edit.rows.all()
                    if row.item_id in visible
                ],
            }
            for edit in edits
        ]

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change many items at once, each by the rules for one: who refuses is left alone and says why, the others
        are changed. The answer is 201 whatever became of the rows."""
        access.require(access.may_create(request.user))
        key_of(request)
        body = self.body()
        answer = self.write_once(lambda: self._edit(body), status=201)
        answer.data["rows"] += [_not_found(reference) for reference in self._choose(body)[1]]
        return answer

    def preview(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What an edit of many items would do to each, refusals and conflicts included; nothing is kept."""
        access.require(access.may_create(request.user))
        key_of(request)
        return Response(self._shown(self.body()))

    def _shown(self, body: Mapping[str, Any]) -> Row:
        chosen, unknown = self._choose(body)
        wanted = _wanted(body)
        if wanted.is_empty:
            raise ValidationError(_("Say what to change."))
        rows = [
            _told(row.item, row.outcome, row.changes, row.refusal)
            for row in bulk.preview_edit(chosen, wanted, by=self.writer)
        ]
        missing = [_not_found(reference) for reference in unknown]
        return {"id": None, "at": None, "undoes": None, "undone_by": None, "rows": [*rows, *missing]}

    def _edit(self, body: Mapping[str, Any]) -> BulkEdit:
        chosen, _missing = self._choose(body)
        if not chosen:
            raise ValidationError({"items": _("None of these items is there.")})
        words = sorted(f"{name}: {_word(value)}" for name, value in body.items() if name != "items" and value)
        return bulk.edit_many(chosen, _wanted(body), by=self.writer, words=words)

    def _choose(self, body: Mapping[str, Any]) -> tuple[dict[int, int | None], list[str]]:
        """The version that was read of each item by its key; references that this person sees none of."""
        asked = {each["reference"].strip().upper(): each.get("version") for each in body["items"]}
        if len(asked) < len(body["items"]):
            raise ValidationError({"items": _("Name each item once.")})
        visible = TrackedItem.objects.visible_to(self.request.user).filter(reference__in=asked)
        found = dict(visible.values_list("reference", "pk"))
        return {found[name]: asked[name] for name in asked if name in found}, [n for n in asked if n not in found]

    def undo(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Set back everything that an edit of yours changed; what someone changed since stays, and is said."""
        self.row_or_404()
        edit = BulkEdit.objects.get(pk=self.kwargs["pk"])
        return self.write_once(lambda: self._undo(edit))

    def _undo(self, edit: BulkEdit) -> BulkEdit:
        self.body()
        return bulk.undo_edit(edit, by=self.writer)


def _wanted(body: Mapping[str, Any]) -> bulk.Wanted:
    return bulk.Wanted(
        values={name: body[name] for name in VALUES if name in body},
        add={"themes": body.get("add_themes", []), "assignees": body.get("add_assignees", [])},
        drop={"themes": body.get("drop_themes", []), "assignees": body.get("drop_assignees", [])},
        confirm_owner=body.get("confirm_owner", False), confirm_plan=body.get("confirm_plan", False),
        archive=body.get("archive", ""),
    )  # fmt: skip


def _word(value: Any) -> str:
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value)


def _told(item: TrackedItem, outcome: str, changes: Sequence[Sequence[str]], refusal: str) -> Row:
    fields = [dict(zip(("field", "before", "after"), change, strict=True)) for change in changes]
    return {"reference": item.reference, "outcome": str(outcome), "detail": refusal, "changes": fields}


def _not_found(reference: str) -> Row:
    said = _("There is no such record, or none that you may see.")
    return {"reference": reference, "outcome": NOT_FOUND, "detail": said, "changes": []}


class LoggedBody(NewUpdateBody):
    """One entry of progress among many."""

    item = Line(max_length=12, help_text=gettext_lazy("Reference of the item."))


@extend_schema_field(LoggedBody)
class RowField(s.DictField):
    """A row that is read by itself later, so that what is wrong with one leaves the others as they are."""


class LogManyBody(Body):
    """Many entries of progress."""

    updates = s.ListField(
        child=RowField(), min_length=1, max_length=MOST_UPDATES,
        help_text=gettext_lazy("Each as an update of one item is sent, with the reference of its `item`."),
    )  # fmt: skip


class LoggedSerializer(s.Serializer[Any]):
    status = s.IntegerField(
        help_text=gettext_lazy("What the row by itself would have been answered: 201, 400, 403, 404 or 409.")
    )
    id = s.IntegerField(allow_null=True, help_text=gettext_lazy("Number of the update; null where none was made."))
    detail = s.CharField(help_text=gettext_lazy("Why it was refused; empty where it was not."))
    errors = s.DictField(  # type: ignore[assignment]
        child=s.ListField(child=s.CharField()), help_text=gettext_lazy("Messages by field.")
    )


class LoggedManySerializer(s.Serializer[Any]):
    """What became of each entry, in their order."""

    rows = LoggedSerializer(many=True, help_text=gettext_lazy("Each row with its own outcome."))


class LogManyView(WritingView):
    """Progress on many items in one call."""

    serializer_class = LoggedManySerializer
    queryset = Update.objects.none()
    bodies = {"log": LogManyBody}

    def log(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Log progress on many items, each row by itself: what is refused leaves the others as they are. Sent again with
        its key, rows that were made are found and those that were refused are tried again. The answer is 200."""
        access.require(access.may_log_somewhere(request.user))
        key = key_of(request)
        return Response({
            "rows": [self._row(uuid.uuid5(key, str(number)), row) for number, row in enumerate(self.body()["updates"])]
        })  # fmt: skip

    def _row(self, key: uuid.UUID, row: Mapping[str, Any]) -> Row:
        try:
            update = once(self.writer, key, lambda: self._log(row), told=told_of(row))
        except UsedKey as used:
            return _refused(409, used)
        except PermissionDenied as refusal:
            return _refused(403, refusal)
        except Unknown as unknown:
            return _refused(404, unknown)
        except (ValidationError, Unreadable) as refusal:
            return _refused(400, refusal)
        return {"status": int(HTTPStatus.CREATED), "id": update.pk, "detail": "", "errors": {}}

    def _log(self, row: Mapping[str, Any]) -> Update:
        body = LoggedBody(data=row)
        body.is_valid(raise_exception=True)
        said = dict(body.validated_data)
        try:
            item = named_item(self.request.user, said.pop("item"))
        except ValidationError as unknown:
            raise Unknown(unknown) from unknown
        submit = said.pop("submit", False)
        return entries.log(item, said, by=self.writer, submit=submit)


class Unknown(ValidationError):
    """An item that is not there, or not for this person."""


def _refused(status: int, refusal: Exception) -> Row:
    if status == 403:  # the words of a service, or none
        return {"status": status, "id": None, "detail": str(refusal), "errors": {}}
    general, errors = errors_by_field(refusal)
    return {"status": status, "id": None, "detail": " ".join(general), "errors": errors}


routes = [
    path("items/bulk/", EditsOfManyView.as_view({"post": "create"}), name="item-bulk"),
    path("items/bulk/preview/", EditsOfManyView.as_view({"post": "preview"}), name="item-bulk-preview"),
    path("bulk-edits/<int:pk>/", EditsOfManyView.as_view({"get": "retrieve"}), name="bulk-edit-detail"),
    path("bulk-edits/<int:pk>/undo/", EditsOfManyView.as_view({"post": "undo"}), name="bulk-edit-undo"),
    path("updates/bulk/", LogManyView.as_view({"post": "log"}), name="update-bulk"),
]
