"""Which mechanisms and which meetings: the filters of page, API and export."""

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from brics_tracker.core.filters import ListFilterSet, NumberFilter, PartialDateFilter, WordsFilter
from brics_tracker.core.models import Member
from brics_tracker.tracking.choices import ItemKind
from brics_tracker.tracking.filters import ItemFilterSet, status_filter

from .choices import MechanismKind, MeetingKind, Track
from .models import Mechanism, Meeting


class MechanismFilterSet(ItemFilterSet):
    only_kind = ItemKind.MECHANISM
    detail = "mechanism__"

    status = status_filter(ItemKind.MECHANISM)
    kind = django_filters.ChoiceFilter(
        label=_("Kind"), choices=MechanismKind.choices, empty_label=_("All kinds"), help_text=_("Kind of mechanism.")
    )
    track = django_filters.ChoiceFilter(
        label=_("Track"), choices=Track.choices, empty_label=_("All tracks"), help_text=_("Track of cooperation.")
    )
    founded_from = PartialDateFilter(
        field_name="founded", lookup_expr="gte", label=_("Founded from"), help_text=_("Year, month or day, included.")
    )
    founded_to = PartialDateFilter(
        field_name="founded", lookup_expr="lte", label=_("Founded until"), help_text=_("Year, month or day, included.")
    )

    class Meta:
        model = Mechanism
        fields: list[str] = []


def mechanisms_to_read(request: HttpRequest | None) -> QuerySet[Mechanism]:
    """Mechanisms that may be named in ?mechanism=."""
    return Mechanism.objects.visible_to(request.user).order_by("item__title") if request else Mechanism.objects.none()


class MeetingFilterSet(ListFilterSet):
    kind = django_filters.ChoiceFilter(
        label=_("Kind"), choices=MeetingKind.choices, empty_label=_("All kinds"), help_text=_("Kind of meeting.")
    )
    track = django_filters.ChoiceFilter(
        label=_("Track"), choices=Track.choices, empty_label=_("All tracks"), help_text=_("Track of cooperation.")
    )
    year = NumberFilter(
        method="filter_year", label=_("Year"), min_value=1900, max_value=2199, help_text=_("Year in which it began.")
    )
    chair = django_filters.ModelChoiceFilter(
        label=_("Chair"), queryset=Member.objects.all(), to_field_name="code", empty_label=_("All chairs"),
        help_text=_("ISO code of the country in the chair."),
    )  # fmt: skip
    mechanism = django_filters.ModelChoiceFilter(
        label=_("Mechanism"), queryset=mechanisms_to_read, to_field_name="item__reference", empty_label=_("All mechanisms"),
        widget=forms.TextInput, help_text=_("Reference of the mechanism whose session it is, as M-012."),
    )  # fmt: skip
    q = WordsFilter(
        columns=("title", "area", "place"),
        label=_("Words in this list"),
        help_text=_("Words that all stand in the title, area or place."),
    )

    class Meta:
        model = Meeting
        fields: list[str] = []

    def filter_year(self, rows: QuerySet[Any], name: str, value: int) -> QuerySet[Any]:
        return rows.filter(started__startswith=str(value))
