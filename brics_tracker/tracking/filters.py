"""The filters that every list of tracked items shares: page, API and export use the same."""

from __future__ import annotations

import datetime as dt
from typing import Any

import django_filters
from django import forms
from django.core.validators import RegexValidator
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from brics_tracker.core.clock import today
from brics_tracker.core.filters import (
    ListFilterSet,
    NumberFilter,
    SeveralFilter,
    SwitchFilter,
    ThemeFilter,
    WordsFilter,
)
from brics_tracker.core.models import Member, Organisation, Theme

from .access import standing_item
from .choices import ItemKind, Phase, Priority, Proof, ReviewState
from .models import Citation, Document, Relation, TrackedItem
from .querysets import MOVED_DAYS
from .selectors.many import open_questions
from .workflow import WORKFLOWS, Status

DUE = [("overdue", _("Overdue")), ("soon", _("Due soon")), ("none", _("No date"))]
REVIEW = [(state, state.label) for state in (
    ReviewState.PUBLISHED, ReviewState.SUBMITTED, ReviewState.RETURNED, ReviewState.DRAFT,
)]  # fmt: skip
ARCHIVED = [("yes", _("Archived only")), ("all", _("Archived too"))]


def items_to_relate(request: HttpRequest | None) -> QuerySet[TrackedItem]:
    """Items that may be named in ?related=: an item one may not see is as unknown as one that isn't there."""
    if request is None:
        return TrackedItem.objects.none()
    return TrackedItem.objects.visible_to(request.user)


def status_filter(kind: ItemKind | None) -> SeveralFilter:
    """The statuses of one kind of item, or of all; several are or-ed."""
    return SeveralFilter(
        field_name="status",
        label=_("Status"),
        choices=[(status, Status(status).label) for status in (WORKFLOWS[kind].statuses if kind else Status.values)],
        help_text=_("One or several statuses; an item matches when it has one of them."),
    )


class ItemFilterSet(ListFilterSet):
    """Filters over a tracked item's fields, for querysets of one kind's details or of tracked items themselves.

    A subclass names its model, its kind and its own filters (over its own fields), and declares `status`.
    """

    only_kind: ItemKind | None = None
    path = "item__"  # leads from the row to its tracked item
    detail = ""  # leads back, from the tracked item to its detail

    theme = ThemeFilter(
        method="filter_theme", label=_("Theme"), queryset=Theme.objects.all(), to_field_name="code", empty_label=_("All themes"),
        help_text=_("Code of a theme, as EC; covers what lies below it."),
    )  # fmt: skip
    lead_theme = ThemeFilter(
        method="filter_lead_theme", label=_("Lead theme"), queryset=Theme.objects.all(), to_field_name="code",
        empty_label=_("Any lead theme"), help_text=_("Code of a theme, as EC; items that it, or one below it, leads."),
    )  # fmt: skip
    member = django_filters.ModelChoiceFilter(
        method="filter_member", label=_("Member"), queryset=Member.objects.all(), to_field_name="code", empty_label=_("All members"),
        help_text=_("ISO code of a country, as BR; finds items of all members too while it is one."),
    )  # fmt: skip
    owner = django_filters.ModelChoiceFilter(
        field_name="owner", label=_("Owner"), queryset=Organisation.objects.all(), to_field_name="key", empty_label=_("All owners"),
        null_label=_("No owner"), null_value="none", help_text=_("Key of an organisation; none for items without one."),
    )  # fmt: skip
    proof = django_filters.ChoiceFilter(
        field_name="proof", label=_("Proof"), choices=Proof.choices, empty_label=_("Any proof"),
        help_text=_("How well the status is proved."),
    )  # fmt: skip
    phase = django_filters.ChoiceFilter(
        field_name="phase",
        label=_("Phase"),
        choices=Phase.choices,
        empty_label=_("Any phase"),
        help_text=_("Phase of the plan."),
    )
    priority = django_filters.ChoiceFilter(
        field_name="priority", label=_("Priority"), choices=Priority.choices, empty_label=_("Any priority"), help_text=_("Priority."),
    )  # fmt: skip
    document = django_filters.ModelChoiceFilter(
        method="filter_document", label=_("Document"), queryset=Document.objects.all(), to_field_name="key",
        empty_label=_("All documents"), help_text=_("Key of a document that the item cites, as article-2023."),
    )  # fmt: skip
    paragraph = NumberFilter(
        method="filter_paragraph", label=_("Paragraph"), min_value=1, max_value=100_000,
        help_text=_("Number of the paragraph that the item cites, of the document."),
    )  # fmt: skip
    due = django_filters.ChoiceFilter(
        method="filter_due", label=_("Due"), choices=DUE, empty_label=_("Any date"),
        help_text=_("overdue: its next milestone is late; soon: due within the days that the site counts as soon; none: undated."),
    )  # fmt: skip
    overdue = SwitchFilter(method="filter_overdue", label=_("Overdue"), help_text=_("Its next milestone is late."))
    stagnant = SwitchFilter(
        method="filter_stagnant", label=_("Stagnant"), help_text=_("No substantive update for longer than its rhythm.")
    )
    at_risk = SwitchFilter(
        method="filter_at_risk", label=_("At risk"), help_text=_("Stagnant, or its milestones slipped repeatedly.")
    )
    moved = SwitchFilter(
        method="filter_moved", label=_("Moved in the last 30 days"),
        help_text=_("An update published in the last 30 days changed its status, proof or progress."),
    )  # fmt: skip
    owner_confirmed = SwitchFilter(
        field_name="owner_confirmed", label=_("Owner confirmed"), help_text=_("Whether someone confirmed the owner.")
    )
    to_confirm = SwitchFilter(
        method="filter_to_confirm",
        label=_("To confirm"),
        help_text=_("Its owner or a step of its plan is not confirmed yet."),
    )
    archived = django_filters.ChoiceFilter(
        method="filter_archived", label=_("Archived"), choices=ARCHIVED, empty_label=_("Without archived"),
        help_text=_("yes: archived items only; all: archived and current; left out: current only."),
    )  # fmt: skip
    review = django_filters.ChoiceFilter(
        field_name="review_state", label=_("Review"), choices=REVIEW, empty_label=_("Any"),
        help_text=_("Where the item itself stands in review; of those not published you see your own and those in your scope."),
    )  # fmt: skip
    assignee = django_filters.CharFilter(
        method="filter_assignee", label=_("Assigned to"), max_length=18,
        validators=[RegexValidator(r"^(me|[0-9]+)$", _("Write me, or the number of a person."))],
        help_text=_("me, or the number of a person."),
    )  # fmt: skip
    related = django_filters.ModelChoiceFilter(
        method="filter_related", label=_("Related to"), queryset=items_to_relate, to_field_name="reference",
        widget=forms.TextInput, help_text=_("Reference of an item to which it is tied, either way, as M-012."),
    )  # fmt: skip
    q = WordsFilter(
        columns=("title", "summary", "reference"), label=_("Words in this list"),
        help_text=_("Words that all stand in the reference, title or summary."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shared = {*ItemFilterSet.declared_filters, "status"}
        if on_items := self.queryset.model is TrackedItem:
            self.path = ""
        for name, each in self.filters.items():
            if name not in shared and not on_items:
                continue
            way = self.path if name in shared else self.detail
            each.field_name = each.field_name and way + each.field_name
            if isinstance(each, WordsFilter):
                each.columns = tuple(way + column for column in each.columns)

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().filter_queryset(queryset)
        if self.only_kind:
            # Every row has this kind already; said again, it lets the list indexes of tracked items serve.
            rows = rows.filter(**{f"{self.path}item_kind": self.only_kind})
        if not self.form.cleaned_data.get("archived"):
            rows = rows.filter(**{f"{self.path}archived_at__isnull": True})
        return rows

    def _among(self, rows: QuerySet[Any], items: QuerySet[Any], wanted: bool = True) -> QuerySet[Any]:
        """Rows whose item is (or is not) among these; a subquery, so that nothing doubles."""
        condition = Q(**{f"{self.path}pk__in": items})
        return rows.filter(condition if wanted else ~condition)

    def filter_theme(self, rows: QuerySet[Any], name: str, theme: Theme) -> QuerySet[Any]:
        below = Theme.objects.with_subtree_ids([theme.pk])
        return self._among(rows, TrackedItem.themes.through.objects.filter(theme__in=below).values("trackeditem"))

    def filter_lead_theme(self, rows: QuerySet[Any], name: str, theme: Theme) -> QuerySet[Any]:
        return rows.filter(**{f"{self.path}lead_theme__in": Theme.objects.with_subtree_ids([theme.pk])})

    def filter_member(self, rows: QuerySet[Any], name: str, member: Member) -> QuerySet[Any]:
        named = TrackedItem.members.through.objects.filter(member=member).values("trackeditem")
        condition = Q(**{f"{self.path}pk__in": named})
        if Member.objects.members_on(today()).filter(pk=member.pk).exists():
            condition |= Q(**{f"{self.path}all_members": True})
        return rows.filter(condition)

    def filter_document(self, rows: QuerySet[Any], name: str, document: Document) -> QuerySet[Any]:
        cited = Citation.objects.filter(passage__document=document)
        if number := self.form.cleaned_data.get("paragraph"):
            cited = cited.filter(passage__number=number)
        return self._among(rows, cited.values("item"))

    def filter_paragraph(self, rows: QuerySet[Any], name: str, number: int) -> QuerySet[Any]:
        if self.form.cleaned_data.get("document"):
            return rows  # asked together, of one citation: filter_document
        return self._among(rows, Citation.objects.filter(passage__number=number).values("item"))

    def filter_due(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        if value == "none":
            return rows.filter(**{f"{self.path}next_due__isnull": True})
        items = TrackedItem.objects.overdue() if value == "overdue" else TrackedItem.objects.due_soon()
        return self._among(rows, items.values("pk"))

    def filter_overdue(self, rows: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        return self._among(rows, TrackedItem.objects.overdue().values("pk"), value)

    def filter_stagnant(self, rows: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        return self._among(rows, TrackedItem.objects.stagnant().values("pk"), value)

    def filter_moved(self, rows: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        since = today() - dt.timedelta(days=MOVED_DAYS)
        return self._among(rows, TrackedItem.objects.moved_since(since).values("pk"), value)

    def filter_at_risk(self, rows: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        return self._among(rows, TrackedItem.objects.at_risk().values("pk"), value)

    def filter_to_confirm(self, rows: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        return self._among(rows, open_questions().values("pk"), value)

    def filter_archived(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(**{f"{self.path}archived_at__isnull": False}) if value == "yes" else rows

    def filter_assignee(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        person = int(value) if value != "me" else self.request.user.pk if self.request else None
        # Nobody is assigned nothing: comparing with None would find the items without assignees.
        return rows.none() if person is None else rows.filter(**{f"{self.path}assignees": person})

    def filter_related(self, rows: QuerySet[Any], name: str, item: TrackedItem) -> QuerySet[Any]:
        item = standing_item(item)
        onward = Q(**{f"{self.path}pk__in": Relation.objects.filter(source=item).values("target")})
        back = Q(**{f"{self.path}pk__in": Relation.objects.filter(target=item).values("source")})
        return rows.filter(onward | back)


class AnyItemFilterSet(ItemFilterSet):
    """Items of every kind in one list."""

    status = status_filter(None)
    item_kind = django_filters.ChoiceFilter(
        field_name="item_kind", label=_("Sort of item"), choices=ItemKind.choices, empty_label=_("All sorts"), help_text=_("Sort of item."),
    )  # fmt: skip

    class Meta:
        model = TrackedItem
        fields: list[str] = []
