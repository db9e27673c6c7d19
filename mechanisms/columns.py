"""What the lists of mechanisms and meetings show and export beside what every item has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from brics_tracker.core.cells import Cell
from brics_tracker.core.export import Column
from brics_tracker.core.partial_dates import show
from brics_tracker.core.rows import Many, Row
from brics_tracker.core.templatetags.ui import source_html
from brics_tracker.tracking.choices import ReviewState
from brics_tracker.tracking.columns import NONE, choice_column

from .choices import MechanismKind, MeetingKind, Track
from .models import MeetingDate
from .selectors import span


def mechanism_columns() -> list[Column]:
    """What a mechanism has of its own."""
    founded = Cell(lambda row: show(row["mechanism__founded"]) or NONE, reads=("mechanism__founded",))
    return [
        Column("acronym", _("Acronym"), "mechanism__acronym"),
        choice_column("kind", _("Kind"), MechanismKind, "mechanism__kind"),
        choice_column("track", _("Track"), Track, "mechanism__track"),
        Column("founded", _("Founded"), "mechanism__founded", cell=founded),
    ]


def _claims(ids: Sequence[int]) -> Iterable[tuple[int, tuple[str, str, str, str, bool]]]:
    found = MeetingDate.objects.filter(meeting__in=ids).order_by("-preferred", "started")
    columns = ("meeting_id", "started", "ended", "source", "note", "preferred")
    return ((row[0], row[1:]) for row in found.values_list(*columns))


CLAIMS = Many("claims", _claims)


def _claims_text(row: Row) -> str:
    """Every date that a source gives, the preferred one first."""
    return "; ".join(
        f"{started}{f'/{ended}' if ended and ended != started else ''} ({source})"
        for started, ended, source, _note, _preferred in row["claims"]
    )


def _dates_html(row: Row) -> str:
    """When it was; where sources disagree, what each of them says."""
    if not row["claims"]:
        return span(row["started"], row["ended"]) or NONE
    disagree = len({claim[:2] for claim in row["claims"]}) > 1
    pieces = []
    for started, ended, source, note, preferred in row["claims"]:
        says = (
            format_html(' <span class="small">{} {}</span>', gettext("says"), source_html(source)) if disagree else ""
        )
        pieces.append(
            format_html('<span class="claim{}">{}{}</span>', "" if preferred else " mute", span(started, ended), says)
        )
        if note:
            pieces.append(format_html('<span class="small mute">{}</span>', note))
    return SafeString("".join(pieces))


_TITLE = ("title", "number", "declaration", "note", "sources")


def _title_html(row: Row, keep_url: str) -> str:
    """Its number and title, what came of it, a note, its sources; for whoever keeps meetings the way to change it."""
    head = (
        format_html('<span class="number" title="{}">{}</span> ', _("Number of the summit"), row["number"])
        if row["number"]
        else ""
    )
    pieces = [format_html("{}{}", head, row["title"])]
    if keep_url:
        label = gettext("Edit %(title)s") % {"title": row["title"]}
        address = f"{keep_url}{row['pk']}/change/"
        pieces.append(format_html(' <a class="small" href="{}" aria-label="{}">{}</a>', address, label, _("Edit")))
    pieces += [
        format_html('<span class="small mute">{}</span>', row[name]) for name in ("declaration", "note") if row[name]
    ]
    if row["sources"]:
        number = len(row["sources"])
        summary = ngettext("%(n)d source", "%(n)d sources", number) % {"n": number}
        listed = format_html_join("", "<li>{}</li>", ((source_html(text),) for text in row["sources"]))
        pieces.append(format_html('<details class="small"><summary>{}</summary><ul>{}</ul></details>', summary, listed))
    return SafeString("".join(pieces))


_MECHANISM = ("mechanism__item__title", "mechanism__item__reference", "mechanism__item__review_state")


def _of_mechanism(row: Row, name: str) -> object:
    """A mechanism still in review is not named by its meetings, which everyone may read."""
    published = row["mechanism__item__review_state"] == ReviewState.PUBLISHED
    return row[f"mechanism__item__{name}"] if published else ""


def _mechanism_html(row: Row) -> str:
    if not _of_mechanism(row, "title"):
        return NONE
    address = reverse("mechanisms:detail", args=[row["mechanism__item__reference"]])
    return format_html('<a href="{}">{}</a>', address, row["mechanism__item__title"])


def _with_mute(path: str, more: str) -> Cell:
    """A column with what another one adds to it, set back."""

    def draw(row: Row) -> str:
        extra = format_html('<span class="small mute"> {}</span>', row[more]) if row[more] else ""
        return format_html("{}{}", row[path] or NONE, extra)

    return Cell(draw, reads=(path, more))


def _kind_html(row: Row) -> str:
    """The kind, and the area where that says more."""
    area = row["area"] if row["area"].lower() != row["kind"] else ""
    extra = format_html('<span class="small mute"> {}</span>', area) if area else ""
    return format_html("{}{}", MeetingKind(row["kind"]).label, extra)


def meeting_columns(keep_url: str = "") -> list[Column]:
    """Columns of the list of meetings; `keep_url`: where this person changes them, if they may."""
    return [
        Column("number", _("Number"), "number"),
        Column(
            "title", _("Title"), "title",
            cell=Cell(lambda row: _title_html(row, keep_url), reads=_TITLE, head=_("Meeting"), names_row=True),
        ),
        choice_column("kind", _("Kind"), MeetingKind, "kind", Cell(_kind_html, reads=("kind", "area"))),
        choice_column("track", _("Track"), Track, "track"),
        Column("area", _("Area"), "area"),
        Column(
            "mechanism", _("Mechanism"), lambda row: _of_mechanism(row, "title"), reads=_MECHANISM,
            code=lambda row: _of_mechanism(row, "reference"), cell=Cell(_mechanism_html, reads=_MECHANISM),
        ),
        Column("started", _("From"), "started", cell=Cell(lambda row: show(row["started"]) or NONE, reads=("started",))),
        Column("ended", _("To"), "ended", cell=Cell(lambda row: show(row["ended"]) or NONE, reads=("ended",))),
        Column(
            "claims", _("Dates by source"), _claims_text, many=(CLAIMS,),
            cell=Cell(_dates_html, reads=("started", "ended"), many=(CLAIMS,), head=_("Date"), sort="date", css="when"),
        ),
        Column("format", _("Format"), "format"),
        Column("place", _("Place"), "place", cell=_with_mute("place", "format")),
        Column("chair", _("Chair"), "chair__name", code="chair__code"),
        Column("declaration", _("Declaration"), "declaration"),
        Column("sources", _("Sources"), "sources"),
        Column("note", _("Note"), "note"),
        Column("key", _("Key"), "key"),
    ]  # fmt: skip
