"""Administration of meetings with their date claims. Mechanisms change on their pages."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from brics_tracker.core.admin_base import FreshForm, Inline, RecordedAdmin, actor

from . import services
from .models import Meeting, MeetingDate


class DateForm(FreshForm):
    def validate_constraints(self) -> None:
        """That one claim is preferred is asked of all rows together: one by one, the choice could never move."""


class DateFormSet(BaseInlineFormSet[Any, Any, Any]):
    def clean(self) -> None:
        super().clean()
        preferred = [form for form in self.forms if form.cleaned_data.get("preferred")] if self.is_valid() else []
        if len(preferred) > 1:
            raise ValidationError(_("Only one claim can be the preferred one."))


class DateInline(Inline):
    model = MeetingDate
    form = DateForm
    formset = DateFormSet
    fields = ["started", "ended", "source", "note", "preferred", "loaded_state"]


@admin.register(Meeting)
class MeetingAdmin(RecordedAdmin):
    list_display = ["title", "kind", "track", "started", "place", "chair", "mechanism"]
    list_filter = ["kind", "track", "chair"]
    list_select_related = ["chair", "mechanism__item"]
    search_fields = ["title", "place", "area", "mechanism__item__title"]
    fields = [
        "key", "title", "number", "kind", "track", "area", "mechanism", "format", "place", "chair", "declaration",
        "started", "ended", "sources", "note",
    ]  # fmt: skip
    inlines = [DateInline]
    fixed = ["key"]
    key_from = "title"
    readonly_fields = ["started", "ended"]  # from the preferred claim
    why_not_deleted = _("Meetings are never deleted; say in the note what was wrong.")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "mechanism":
            kwargs["queryset"] = db_field.related_model.objects.select_related("item").order_by("item__title")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        # The claim that is preferred no more is saved before the new one, as the database asks.
        formset.forms.sort(key=lambda row: bool(row.cleaned_data.get("preferred")))
        super().save_formset(request, form, formset, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        services.take_preferred_dates(form.instance, by=actor(request))
