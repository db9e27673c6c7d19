"""What lists of tracked items show and export: columns by name, for every kind of item."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import cache
from typing import Any

from django.conf import settings
from django.db.models import TextChoices
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from brics_tracker.core.cells import Cell
from brics_tracker.core.clock import past_query
from brics_tracker.core.export import Column
from brics_tracker.core.rows import Links, Row
from brics_tracker.core.templatetags.ui import bar_html, date_html, due_html, proof_html, status_html

from .choices import Phase, Priority, Proof, ReviewState
from .models import Citation, TrackedItem, today
from .workflow import CLOSED, Status

# Each row's list holds (code, name) pairs; of citations (document key, paragraph). Asked by the item's key.
THEMES = Links("themes", TrackedItem.themes.through, "trackeditem_id", "theme", "code", "name", "position")
MEMBERS = Links("members", TrackedItem.members.through, "trackeditem_id", "member", "code", "name")
SUPPORTERS = Links("supporters", TrackedItem.supporters.through, "trackeditem_id", "organisation", "key", "name")
CITATIONS = Links(
    "citations", Citation, "item_id", "passage", "document__key", "document__title", "number",
    sort=lambda link: (link[0], link[2]), shape=lambda link: (link[0], link[2]),
)  # fmt: skip


NONE = SafeString('<span class="mute">—</span>')


def is_overdue(row: Row, day: dt.date, path: str = "") -> bool:
    due = row[f"{path}next_due"]
    return due is not None and due < day


def is_stagnant(row: Row, day: dt.date, path: str = "") -> bool:
    after = row[f"{path}stagnant_after"]
    return after is not None and after < day


def is_at_risk(row: Row, day: dt.date, path: str = "") -> bool:
    """As TrackedItem.risk_reasons has it: stagnant, or slipped repeatedly and still open."""
    slipped = row[f"{path}slips"] >= settings.AT_RISK_SLIPS and row[f"{path}status"] not in CLOSED
    return slipped or is_stagnant(row, day, path)


@cache
def _words(choices: type[TextChoices], language: str | None) -> dict[str, str]:
    """The words of a choice in that language; kept, as each page and each file asks for them."""
    return {"": "", **{value: str(label) for value, label in choices.choices}}


def choice_column(key: str, label: Any, choices: type[TextChoices], path: str, cell: Cell | None = None) -> Column:
    """A column of one of a list of words, with its code beside it."""
    words = _words(choices, get_language())
    return Column(key, label, lambda row: words[row[path]], reads=(path,), code=path, cell=cell)


def _listed(key: str, label: Any, many: Links) -> Column:
    return Column(
        key, label, lambda row: [name for _code, name in row[many.key]], many=(many,),
        code=lambda row: [code for code, _name in row[many.key]],
    )  # fmt: skip


def _members_column(path: str) -> Column:
    everyone, all_members = f"{path}all_members", [str(_("all members"))]
    codes = Cell(
        lambda row: all_members[0] if row[everyone] else " ".join(code for code, _name in row["members"]) or NONE,
        reads=(everyone,), many=(MEMBERS,), css="small",
    )  # fmt: skip
    return Column(
        "members", _("Members"),
        lambda row: all_members if row[everyone] else [name for _code, name in row["members"]],
        reads=(everyone,), many=(MEMBERS,),
        code=lambda row: ["all"] if row[everyone] else [code for code, _name in row["members"]],
        cell=codes,
    )  # fmt: skip


def _owner_column(path: str) -> Column:
    name, confirmed = f"{path}owner__name", f"{path}owner_confirmed"
    unclear = format_html(' <span class="tag">{}</span>', _("to confirm"))

    def draw(row: Row) -> str:
        if not row[name]:
            return NONE
        return format_html("<span>{}{}</span>", row[name], "" if row[confirmed] else unclear)

    return Column("owner", _("Owner"), name, code=f"{path}owner__key", cell=Cell(draw, reads=(name, confirmed)))


def _flag(key: str, label: Any, path: str, test: Callable[[Row, dt.date, str], bool]) -> Column:
    reads = tuple(f"{path}{name}" for name in ("next_due", "stagnant_after", "slips", "status"))
    day = today()
    return Column(key, label, lambda row: test(row, day, path), reads=reads)


def _drawn(path: str, draw: Callable[[Any], str], **more: Any) -> Cell:
    """A cell made of one column's value."""
    return Cell(lambda row: draw(row[path]), reads=(path,), **more)


def item_columns(path: str = "") -> dict[str, Column]:
    """The shared columns by key, in the language and for the day in force; `path` leads from the row to its tracked item ("item__" for its details)."""
    columns = [
        Column("reference", _("Reference"), f"{path}reference", cell=_drawn(f"{path}reference", str, head=_("Ref."), css="ref")),
        Column("title", _("Title"), f"{path}title"),
        Column("summary", _("Summary"), f"{path}summary"),
        choice_column("status", _("Status"), Status, f"{path}status", _drawn(f"{path}status", status_html)),
        choice_column("proof", _("Proof"), Proof, f"{path}proof", _drawn(f"{path}proof", proof_html, css="small")),
        Column(
            "percent", _("Progress in percent"), f"{path}percent",
            cell=_drawn(f"{path}percent", bar_html, head=_("Progress"), sort="progress"),
        ),
        Column("lead_theme", _("Theme"), f"{path}lead_theme__name", code=f"{path}lead_theme__code"),
        _listed("themes", _("Themes"), THEMES),
        _owner_column(path),
        Column("owner_confirmed", _("Owner confirmed"), f"{path}owner_confirmed"),
        _listed("supporters", _("Supporters"), SUPPORTERS),
        _members_column(path),
        choice_column("priority", _("Priority"), Priority, f"{path}priority"),
        choice_column("phase", _("Phase"), Phase, f"{path}phase"),
        Column("start_date", _("Start"), f"{path}start_date", cell=_drawn(f"{path}start_date", date_html)),
        Column("target_date", _("Target"), f"{path}target_date", cell=_drawn(f"{path}target_date", date_html)),
        Column(
            "next_due", _("Next due"), f"{path}next_due", cell=_drawn(f"{path}next_due", due_html, head=_("Due"), sort="due")
        ),
        _flag("overdue", _("Overdue"), path, is_overdue),
        _flag("stagnant", _("Stagnant"), path, is_stagnant),
        _flag("at_risk", _("At risk"), path, is_at_risk),
        Column("last_reported_on", _("Last report"), f"{path}last_reported_on"),
        Column("updated_at", _("Changed"), f"{path}updated_at", cell=_drawn(f"{path}updated_at", date_html, sort="changed")),
        Column(
            "citations", _("Source"),
            lambda row: [f"{document} ¶{number}" for document, number in row["citations"]], many=(CITATIONS,),
        ),
    ]  # fmt: skip
    return {column.key: column for column in columns}


def title_column(root: str, label: Any, acronym: str = "") -> Column:
    """What heads a row of a page's list: the title, which leads to the item's page under `root`, and what sets it apart."""
    day = past_query()

    def draw(row: Row) -> str:
        state = state_of(row)
        return format_html(
            '<a href="{}{}/{}">{}</a>{}{}', root, row["reference"], day, row["title"],
            format_html(' <span class="mute">{}</span>', row[acronym]) if acronym and row[acronym] else "",
            format_html(' <span class="state">{}</span>', state) if state else "",
        )  # fmt: skip

    reads = ("reference", "title", *STATE, *([acronym] if acronym else []))
    return Column("title", _("Title"), "title", cell=Cell(draw, reads=reads, head=label, names_row=True))


STATE = ("review_state", "archived_at", "merged_into_id")  # what state_of reads


def state_of(row: Row) -> str:
    """What sets a row apart from the public ones; "" for those. The row holds STATE."""
    if row["merged_into_id"] is not None:
        return gettext("merged into another")
    if row["archived_at"] is not None:
        return gettext("archived")
    return "" if row["review_state"] == ReviewState.PUBLISHED else str(ReviewState(row["review_state"]).label)


def document_columns(root: str) -> list[Column]:
    """Columns of the list of documents (Coverage); `root` is the absolute address of the list."""
    return [
        Column("key", _("Key"), lambda row: row.document.key),
        Column("title", _("Document"), lambda row: row.document.title),
        Column("publisher", _("Publisher"), lambda row: row.document.publisher),
        Column("date", _("Date"), lambda row: row.document.date),
        Column("paragraphs", _("Paragraphs"), "passages"),
        Column("asking", _("Ask for something"), "asking"),
        Column("tracked", _("Of these tracked"), "tracked"),
        Column("untracked", _("Not yet"), "untracked"),
        Column("address", _("Address"), lambda row: f"{root}{row.document.key}/", is_address=True),
    ]


def waiting_columns(root: str) -> list[Column]:
    """Columns of the updates that wait for review; `root` is the absolute address before an update's number."""
    return [
        Column("reference", _("Reference"), "item__reference"),
        Column("title", _("Title"), "item__title"),
        choice_column("status", _("Status now"), Status, "item__status"),
        choice_column("status_claimed", _("It claims"), Status, "status_claimed"),
        Column("percent_claimed", _("Progress in percent"), "percent_claimed"),
        Column("happened", _("Happened"), "happened"),
        Column("text", _("What happened"), "text"),
        Column("author", _("Author"), "author__name"),
        Column("submitted_at", _("Handed in"), "submitted_at"),
        Column("address", _("Address"), lambda row: f"{root}{row['pk']}/", is_address=True),
    ]


def address_column(root: str, path: str = "") -> Column:
    """Where the record's page is; `root` is the absolute address of the list, made once, not per row."""
    reference = f"{path}reference"
    return Column("address", _("Address"), lambda row: f"{root}{row[reference]}/", reads=(reference,), is_address=True)
