"""Administration of documents; items and what hangs on them to look at: they change through their own pages only."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from brics_tracker.core.admin_base import LookOnly, RecordedAdmin, page_link

from .models import Document, Evidence, Milestone, Passage, TrackedItem, Update

CHANGED_ON_ITS_PAGE = _("This is changed on its own page, where its rules are kept.")


@admin.register(Document)
class DocumentAdmin(RecordedAdmin):
    list_display = ["title", "key", "publisher", "date", "language", page_link]
    search_fields = ["title", "key", "publisher", "author"]
    fields = ["key", "title", "publisher", "author", "date", "language", "address", "note"]
    fixed = ["key"]
    why_not_deleted = _("Documents are never deleted: items rest on their paragraphs.")


@admin.register(Passage)
class PassageAdmin(RecordedAdmin):
    list_display = ["__str__", "level", "heading", "asks"]
    list_filter = ["document", "asks", "level"]
    list_select_related = ["document"]
    search_fields = ["heading", "summary", "document__key"]
    fields = ["document", "number", "level", "heading", "summary", "asks", "reason", "text"]
    fixed = ["document", "number"]
    readonly_fields = ["text"]  # citations hold a checksum of the words, so these are not edited here
    why_not_deleted = _("Passages are never deleted: items rest on them.")


class ItemPart(LookOnly, RecordedAdmin):
    """Something of an item, to look at, with the way to the item's page."""

    why_not_deleted = CHANGED_ON_ITS_PAGE
    list_select_related = ["item"]

    @admin.display(description=_("page"))
    def item_page(self, row: Any) -> str:
        return page_link(row.item)


@admin.register(TrackedItem)
class TrackedItemAdmin(LookOnly, RecordedAdmin):
    list_display = ["reference", "title", "item_kind", "status", "review_state", "updated_at", "page"]
    list_filter = ["item_kind", "review_state", "status", "lead_theme", "archived_at"]
    search_fields = ["reference", "title"]
    list_select_related = ["lead_theme"]
    fields = [
        "page", "reference", "title", "summary", "item_kind", "status", "proof", "percent", "lead_theme", "themes",
        "owner", "owner_confirmed", "owner_reason", "supporters", "members", "all_members", "assignees", "priority",
        "phase", "start_date", "target_date", "rhythm_days", "review_state", "author", "submitted_at", "published_at",
        "published_by", "archived_at", "merged_into", "tracked_since", "next_due", "stagnant_after", "slips", "version",
    ]  # fmt: skip
    why_not_deleted = CHANGED_ON_ITS_PAGE

    @admin.display(description=_("page"))
    def page(self, item: TrackedItem) -> str:
        return page_link(item)


@admin.register(Update)
class UpdateAdmin(ItemPart):
    list_display = ["item", "happened", "review_state", "status_claimed", "author", "published_at", "item_page"]
    list_filter = ["review_state", "status_claimed", "no_change"]
    list_select_related = ["item", "author"]
    search_fields = ["item__reference", "item__title"]
    fields = [
        "item_page", "text", "happened", "status_claimed", "reason", "percent_claimed", "no_change", "wording_only",
        "corrects", "review_state", "author", "submitted_at", "published_at", "published_by", "evidence_checked",
        "retracted_at", "retracted_by", "retraction_reason", "version",
    ]  # fmt: skip


@admin.register(Evidence)
class EvidenceAdmin(ItemPart):
    list_display = ["title", "publisher", "source_date", "reliability", "confidential", "author", "item_page"]
    list_filter = ["reliability", "confidential"]
    list_select_related = ["item", "author"]
    search_fields = ["title", "publisher", "item__reference"]
    fields = [
        "item_page", "title", "url", "publisher", "source_date", "accessed", "quote", "language", "reliability",
        "confidential", "author", "version",
    ]  # fmt: skip


@admin.register(Milestone)
class MilestoneAdmin(ItemPart):
    list_display = ["title", "item", "due", "confirmed", "completed_on", "weight", "item_page"]
    list_filter = ["confirmed", "from_template"]
    search_fields = ["title", "item__reference"]
    fields = [
        "item_page", "title", "owner", "weight", "due", "confirmed", "from_template", "completed_on", "position",
        "dropped_at", "version",
    ]  # fmt: skip
