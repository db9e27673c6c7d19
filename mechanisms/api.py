"""Endpoints of mechanisms and meetings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from brics_tracker.core.api_changes import last_change, recorded
from brics_tracker.core.api_views import RowView
from brics_tracker.core.models import Organisation
from brics_tracker.core.ordering import text
from brics_tracker.core.rows import Among, Many, Row, read_rows
from brics_tracker.tracking.api import ITEM_SORTS
from brics_tracker.tracking.bodies import ItemBody, Key, Line, NewItem, PartialDate, Text
from brics_tracker.tracking.choices import ItemKind, RelationKind
from brics_tracker.tracking.item_api import KindView, item_routes
from brics_tracker.tracking.models import Relation, TrackedItem
from brics_tracker.tracking.serializers import ItemSerializer

from . import services
from .choices import MechanismKind, MeetingKind, Track
from .filters import MechanismFilterSet, MeetingFilterSet
from .forms import MOST_SOURCES
from .models import Mechanism, Meeting, MeetingDate


class MechanismSerializer(ItemSerializer):
    """An institution or standing arrangement."""

    acronym = serializers.CharField(help_text=_("Acronym."))
    kind = serializers.ChoiceField(MechanismKind.choices, help_text=_("Kind of mechanism."))
    track = serializers.ChoiceField(Track.choices, help_text=_("Track of cooperation."))
    founded = serializers.CharField(
        allow_null=True, help_text=_("Founded: a year, month or day; null where not known.")
    )
    founding_event = serializers.CharField(help_text=_("Where or how it was founded."))
    body = serializers.CharField(
        allow_null=True, help_text=_("Key of the organisation that it also is; null for none.")
    )
    sources = serializers.ListField(child=serializers.CharField(), help_text=_("Other sources: addresses or titles."))
    note = serializers.CharField(help_text=_("Note."))
    part_of = serializers.CharField(allow_null=True, help_text=_("Reference of what it is part of; null for none."))


class MechanismBody(ItemBody):
    """What a mechanism can be sent."""

    acronym = Line(max_length=30, allow_blank=True, required=False, help_text=_("Acronym."))
    kind = serializers.ChoiceField(MechanismKind.choices, help_text=_("Kind of mechanism."))
    track = serializers.ChoiceField(Track.choices, help_text=_("Track of cooperation."))
    founded = PartialDate(
        allow_null=True, required=False, help_text=_("Founded: a year, month or day; null for unknown.")
    )
    founding_event = Line(max_length=300, allow_blank=True, required=False, help_text=_("Where or how it was founded."))
    body = Key(
        Organisation, "key", allow_null=True, required=False,
        help_text=_("Key of the organisation that it also is; null for none."),
    )  # fmt: skip
    sources = serializers.ListField(
        child=Line(max_length=600), max_length=MOST_SOURCES, required=False,
        help_text=_("All its other sources: addresses or titles."),
    )  # fmt: skip
    note = Text(max_length=4000, allow_blank=True, required=False, help_text=_("Note."))


class NewMechanismBody(NewItem, MechanismBody):
    """A new mechanism."""


class MechanismsView(KindView):
    """Mechanisms that you may see, by reference unless sorted otherwise."""

    item_kind = ItemKind.MECHANISM
    own = {
        name: f"mechanism__{way}"
        for name, way in {
            "acronym": "acronym", "kind": "kind", "track": "track", "founded": "founded",
            "founding_event": "founding_event", "body": "body__key", "sources": "sources", "note": "note",
        }.items()
    }  # fmt: skip
    serializer_class = MechanismSerializer
    bodies = {"create": NewMechanismBody, "partial_update": MechanismBody}
    own_body = ("acronym", "kind", "track", "founded", "founding_event", "body", "sources", "note")
    made_by, changed_by = services.create_mechanism, services.edit_mechanism
    filterset_class = MechanismFilterSet
    sortable = {
        **ITEM_SORTS,
        "kind": ("mechanism__kind",),
        "track": ("mechanism__track",),
        "founded": (text("mechanism__founded"),),
    }

    def many(self) -> Sequence[Many]:
        return (Many("part_of", self._wholes),)

    def rows(self, page: QuerySet[TrackedItem]) -> list[Row]:
        return [
            row | {"founded": row["founded"] or None, "part_of": row["part_of"][0] if row["part_of"] else None}
            for row in super().rows(page)
        ]

    def _wholes(self, ids: Sequence[int]) -> list[tuple[int, str]]:
        """What each is part of, as far as the person may see it."""
        visible = TrackedItem.objects.visible_to(self.request.user).values("pk")
        ties = Relation.objects.filter(Among("source_id", ids), kind=RelationKind.PART_OF, target__in=visible)
        return list(ties.order_by("pk").values_list("source_id", "target__reference"))


class DateClaimSerializer(serializers.Serializer[Any]):
    started = serializers.CharField(help_text=_("From: a year, month or day."))
    ended = serializers.CharField(allow_null=True, help_text=_("To; null for the same day or not known."))
    source = serializers.CharField(help_text=_("Who says so."))  # type: ignore[assignment]
    note = serializers.CharField(help_text=_("Note."))
    preferred = serializers.BooleanField(help_text=_("Whether this claim is the one shown."))


class MeetingSerializer(serializers.Serializer[Any]):
    """A session of a mechanism, or of an area where no mechanism is known."""

    key = serializers.CharField(help_text=_("Key."))
    number = serializers.IntegerField(allow_null=True, help_text=_("Number of a summit; null for other meetings."))
    title = serializers.CharField(help_text=_("Title."))
    kind = serializers.ChoiceField(MeetingKind.choices, help_text=_("Kind of meeting."))
    area = serializers.CharField(help_text=_("Area."))
    track = serializers.ChoiceField(Track.choices, help_text=_("Track of cooperation."))
    mechanism = serializers.CharField(
        allow_null=True, help_text=_("Reference of the mechanism; null where none is known.")
    )
    started = serializers.CharField(allow_null=True, help_text=_("From, by the preferred claim: a year, month or day."))
    ended = serializers.CharField(allow_null=True, help_text=_("To, by the preferred claim."))
    format = serializers.CharField(help_text=_("In person, by video or otherwise."))
    place = serializers.CharField(help_text=_("Place."))
    chair = serializers.CharField(allow_null=True, help_text=_("ISO code of the country in the chair."))
    declaration = serializers.CharField(help_text=_("Its declaration."))
    dates = DateClaimSerializer(many=True, help_text=_("What each source says of its dates; they may disagree."))
    sources = serializers.ListField(child=serializers.CharField(), help_text=_("Where this is said."))
    note = serializers.CharField(help_text=_("Note."))
    url = serializers.URLField(help_text=_("Its address in this API."))


class MeetingsView(RowView):
    """Meetings, newest first, each with every claim of its dates."""

    serializer_class = MeetingSerializer
    changed = last_change(recorded(Meeting, "id"), recorded(MeetingDate, "meeting"))
    filterset_class = MeetingFilterSet
    queryset = Meeting.objects.none()
    lookup_field = "key"
    sortable = {
        "started": (text("started"),),
        "title": ("title",),
        "kind": ("kind",),
        "track": ("track",),
        "place": (text("place"),),
    }
    usual_order = ("-started", "title", "pk")

    def get_queryset(self) -> QuerySet[Meeting]:
        return Meeting.objects.visible_to(self.request.user)

    def rows(self, page: QuerySet[Meeting]) -> list[Row]:
        names = ("key", "number", "title", "kind", "area", "track", "format", "place", "declaration", "sources", "note")
        paths = (*names, "started", "ended", "chair__code", "mechanism_id")
        read = read_rows(page, paths, (Many("dates", _dates),))
        mechanisms = Mechanism.objects.visible_to(self.request.user).filter(
            pk__in={row["mechanism_id"] for row in read}
        )
        references = dict(mechanisms.values_list("pk", "item__reference"))
        listed = self.address(reverse("api:meeting-list"))
        return [
            {name: row[name] for name in names}
            | {
                "mechanism": references.get(row["mechanism_id"]),
                "started": row["started"] or None,
                "ended": row["ended"] or None,
                "chair": row["chair__code"],
                "dates": row["dates"],
                "url": f"{listed}{row['key']}/",
            }
            for row in read
        ]


def _dates(ids: Sequence[int]) -> list[tuple[int, Row]]:
    claims = MeetingDate.objects.filter(Among("meeting_id", ids)).order_by("-preferred", "started", "pk")
    return [
        (meeting, {"started": started, "ended": ended or None, "source": source, "note": note, "preferred": preferred})
        for meeting, started, ended, source, note, preferred in claims.values_list(
            "meeting_id", "started", "ended", "source", "note", "preferred"
        )
    ]


routes = [
    *item_routes("mechanisms", ItemKind.MECHANISM, MechanismsView),
    path("meetings/", MeetingsView.as_view({"get": "list"}), name="meeting-list"),
    path("meetings/<slug:key>/", MeetingsView.as_view({"get": "retrieve"}), name="meeting-detail"),
]
