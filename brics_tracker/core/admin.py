"""Administration of the floor: countries, organisations, themes; jobs and catalogue entries to look at."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.forms import ModelChoiceField
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from . import services
from .admin_base import FreshForm, GuardedAdmin, Inline, LookOnly, RecordedAdmin, actor
from .models import CatalogueEntry, Delivery, Job, Member, MembershipSpell, Organisation, Theme


class SpellInline(Inline):
    model = MembershipSpell
    fields = ["kind", "started", "ended", "first_summit", "sources", "note", "loaded_state"]


@admin.register(Member)
class MemberAdmin(RecordedAdmin):
    list_display = ["name", "code", "standing"]
    search_fields = ["name", "code"]
    list_filter = ["spells__kind"]
    fields = ["code", "name"]
    fixed = ["code"]
    inlines = [SpellInline]
    why_not_deleted = gettext_lazy(
        "Countries and spells are never deleted: end a spell by its last day, or mark it disputed."
    )

    @admin.display(description=gettext_lazy("spells"))
    def standing(self, member: Member) -> str:
        spells = ((spell.get_kind_display(), spell.days) for spell in member.spells.all())
        return format_html_join("; ", "<bdi>{} {}</bdi>", spells)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("spells")

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        for first, second in services.overlapping_spells(form.instance):
            self.message_user(
                request,
                _("These spells overlap; that is right only where the sources differ: %(first)s and %(second)s.")
                % {"first": first, "second": second},
                messages.WARNING,
            )


@admin.register(Organisation)
class OrganisationAdmin(RecordedAdmin):
    list_display = ["name", "acronym", "kind", "member"]
    list_filter = ["kind", "member"]
    list_select_related = ["member"]
    search_fields = ["name", "acronym", "key"]
    fields = ["key", "name", "acronym", "kind", "member", "address", "sources", "note"]
    fixed = ["key"]
    key_from = "name"
    why_not_deleted = gettext_lazy("Organisations are never deleted: what they owned would lose its owner.")


class ThemeForm(FreshForm):
    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        services.check_theme(
            self.instance,
            parent=cleaned.get("parent"),
            valid_from=cleaned.get("valid_from"),
            valid_until=cleaned.get("valid_until"),
        )
        return cleaned


class MergeForm(ActionForm):
    into = ModelChoiceField(Theme.objects.all(), label=gettext_lazy("Merge into:"), required=False)


@admin.register(Theme)
class ThemeAdmin(RecordedAdmin):
    form = ThemeForm
    list_display = ["code", "name", "parent", "valid_from", "valid_until", "position"]
    list_filter = ["parent"]
    list_select_related = ["parent"]
    search_fields = ["code", "name"]
    fields = ["code", "name", "parent", "description", "valid_from", "valid_until", "position"]
    fixed = ["code"]  # references such as EC-07 are made from it
    actions = ["retire", "merge"]
    action_form = MergeForm
    why_not_deleted = gettext_lazy("Themes are never deleted: set “valid until”, and they are offered no more.")

    @admin.action(description=gettext_lazy("Retire as of today"))
    def retire(self, request: HttpRequest, queryset: Any) -> None:
        done = ngettext("%(n)d theme retired.", "%(n)d themes retired.", len(queryset))
        self.each(request, queryset, lambda theme: services.retire_theme(theme, by=actor(request)), done)

    @admin.action(description=gettext_lazy("Merge into the theme chosen beside, and retire"))
    def merge(self, request: HttpRequest, queryset: Any) -> None:
        chosen = request.POST.get("into", "")
        target = Theme.objects.filter(pk=chosen).first() if chosen.isdecimal() else None
        if target is None:
            self.message_user(request, _("Choose the theme to merge into, beside the action."), messages.ERROR)
            return
        done = ngettext("%(n)d theme merged.", "%(n)d themes merged.", len(queryset))
        self.each(request, queryset, lambda theme: services.merge_themes(theme, target, by=actor(request)), done)


@admin.register(Job)
class JobAdmin(LookOnly, GuardedAdmin):
    list_display = ["kind", "key", "state", "progress", "step", "attempts", "owner", "created_at", "finished_at"]
    list_filter = ["state", "kind"]
    list_select_related = ["owner"]
    search_fields = ["kind", "key"]
    date_hierarchy = "created_at"
    fields = [
        "kind", "key", "state", "progress", "step", "reason", "attempts", "cancel_asked", "owner", "arguments",
        "created_at", "sent_at", "heartbeat_at", "finished_at",
    ]  # fmt: skip


@admin.register(Delivery)
class DeliveryAdmin(LookOnly, GuardedAdmin):
    """Mails: what waits, what failed and why."""

    list_display = ["kind", "key", "recipient", "state", "attempts", "reason", "next_at", "sent_at", "created_at"]
    list_filter = ["state", "kind"]
    list_select_related = ["recipient"]
    search_fields = ["key", "recipient__email", "message_id"]
    date_hierarchy = "created_at"
    fields = [
        "kind", "key", "recipient", "state", "attempts", "reason", "message_id", "next_at", "sent_at", "created_at",
    ]  # fmt: skip


@admin.register(CatalogueEntry)
class CatalogueEntryAdmin(LookOnly, GuardedAdmin):
    list_display = ["noun", "key", "object_pk", "updated_at"]
    list_filter = ["noun"]
    search_fields = ["key", "object_pk"]
    fields = ["noun", "key", "object_pk", "loaded", "created_at", "updated_at"]
