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
        if not self.is_valid():
            return
        claims = [form.cleaned_data for form in self.forms if form.cleaned_data]
        preferred = sum(bool(claim.get("preferred")) for claim in claims)
        if preferred > 1:
            raise ValidationError(_("Only one claim can be the preferred one."))
        if not preferred and len(claims) > 1:
            raise ValidationError(_("Say which of the claims is the preferred one."))


class DateInline(Inline):
    model = MeetingDate
    form = DateForm
    formset = DateFormSet
    verbose_name_plural = _("Dates, as each source gives them (2011, 2011-04 or 2011-04-14)")
    extra = 1  # where no script can add a row
    fields = ["started", "ended", "source", "note", "preferred", "loaded_state"]


@admin.register(Meeting)
class MeetingAdmin(RecordedAdmin):
    list_display = ["title", "kind", "track", "started", "place", "chair", "mechanism"]
    list_filter = ["kind", "track", "chair"]
    list_select_related = ["chair", "mechanism__item"]
    search_fields = ["title", "place", "area", "key", "mechanism__item__title"]
    fieldsets = [
        (None, {"fields": ["title", "kind", "number", "track", "mechanism", "area"]}),
        (_("Where and who"), {"fields": ["place", "format", "chair"]}),
        (_("What is known of it"), {"fields": ["declaration", "sources", "note"]}),
    ]
    inlines = [DateInline]
    why_not_deleted = _("Meetings are never deleted; say in the note what was wrong.")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "mechanism":
            kwargs["queryset"] = db_field.related_model.objects.select_related("item").order_by("item__title")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.key = services.free_key(obj.title)
        super().save_model(request, obj, form, change)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        # The claim that is preferred no more is saved before the new one, as the database asks.
        formset.forms.sort(key=lambda row: bool(row.cleaned_data.get("preferred")))
        super().save_formset(request, form, formset, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        services.take_preferred_dates(form.instance, by=actor(request))
