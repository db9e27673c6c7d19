"""A snapshot as sections of columns and cells: what the HTML page and the PDF both draw.

Reads the snapshot and nothing else; words follow the language that is active.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from brics_tracker.core.partial_dates import show
from brics_tracker.tracking.choices import ItemKind, Proof
from brics_tracker.tracking.workflow import Status

from . import words
from .words import DASH

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its text, and what may be drawn with it."""

    text: str
    link: str = ""
    status: str = ""
    status_before: str = ""
    proof: str = ""
    below: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A heading, and whether its cells are words, numbers or the names of rows."""

    label: str
    kind: str = "text"
    turned: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """One table of the report with its title and what is said about it."""

    key: str
    title: str
    columns: list[Column]
    rows: list[list[Cell]]
    total: int
    empty: str
    intro: list[str] = field(default_factory=list)
    has_sum: bool = False

    @property
    def shortened(self) -> str:
        return "" if self.has_sum else words.shortened(len(self.rows), self.total)


def sections(tables: Mapping[str, Any]) -> list[Section]:
    """The whole report, in the order in which it is read."""
    drawn = [_theme_section(kind, rows, tables["overall"][kind]) for kind, rows in _in_order(tables["themes"])]
    drawn.append(_changes_section(tables["changes"]))
    drawn.append(_published_section(tables["published"]))
    if tables["retracted"]["total"]:
        drawn.append(_retracted_section(tables["retracted"]))
    drawn += [
        _item_section(
            "overdue", _("Overdue"), tables["overdue"], _("Nothing was overdue."),
            [_DUE, _days(_("Days late")), _MILESTONE, _OWNER, _STATUS],
        ),
        _item_section(
            "stagnant", _("Stagnant"), tables["stagnant"], _("Everything had an update within its rhythm."),
            [_days(_("Days beyond rhythm")), _QUIET, _OWNER, _STATUS],
        ),
        _item_section(
            "milestones", _("Next milestones"), tables["milestones"],
            _("No confirmed milestone falls due within %(days)d days.") % {"days": tables["horizon_days"]},
            [_DUE, _MILESTONE, _OWNER, _STATUS],
            intro=[_("Confirmed and due within %(days)d days of the cut-off.") % {"days": tables["horizon_days"]}],
        ),
        _item_section(
            "new", _("New in the period"), tables["new"], _("No item was added."), [_THEME, _OWNER, _STATUS]
        ),
    ]  # fmt: skip
    return drawn


def _in_order(themes: Mapping[str, list[Row]]) -> list[tuple[str, list[Row]]]:
    """JSON keeps no order of keys: proposals first, as the register has them."""
    return [(kind, themes[kind]) for kind in ItemKind.values if kind in themes]


# --- status by theme ------------------------------------------------------------------------------

THEME_TITLES: dict[str, Callable[[], str]] = {
    ItemKind.PROPOSAL: lambda: _("Proposals: status by theme"),
    ItemKind.MECHANISM: lambda: _("Mechanisms: status by theme"),
    ItemKind.ACTIVITY: lambda: _("Activities: status by theme"),
}


def _theme_section(kind: str, rows: list[Row], overall: Row) -> Section:
    # Statuses that no item has would only be columns of zeros.
    statuses = [status for status in Status.values if overall["statuses"].get(status)]
    columns = [
        Column(_("Theme"), "name"),
        Column(_("Items"), "number", turned=True),
        *(Column(str(Status(status).label), "number", turned=True) for status in statuses),
        Column(_("Mean progress"), "number", turned=True),
        Column(_("With data (n)"), "number", turned=True),
        Column(_("Verified"), "number", turned=True),
        Column(_("Overdue"), "number", turned=True),
        Column(_("Stagnant"), "number", turned=True),
    ]
    drawn = [_theme_cells(row, statuses, f"{row['code']} {row['name']}") for row in rows]
    if len(rows) > 1:
        drawn.append(_theme_cells(overall, statuses, _("All themes")))
    return Section(
        f"themes-{kind}", THEME_TITLES[kind](), columns, drawn, total=len(rows), empty="", has_sum=len(rows) > 1
    )


def _theme_cells(row: Row, statuses: list[str], name: str) -> list[Cell]:
    return [
        Cell(name),
        Cell(words.whole(row["total"])),
        *(Cell(words.whole(row["statuses"].get(status, 0))) for status in statuses),
        Cell(words.percent(row["mean"])),
        Cell(words.whole(row["with_data"])),
        Cell(words.whole(row["verified"])),
        Cell(words.whole(row["overdue"])),
        Cell(words.whole(row["stagnant"])),
    ]


# --- lists of items -------------------------------------------------------------------------------

Drawn = tuple[Callable[[], Column], Callable[[Row], Cell]]


def _item(row: Row) -> list[Cell]:
    return [Cell(row["reference"], link=row["link"]), Cell(row["title"])]


def _item_columns() -> list[Column]:
    return [Column(_("Reference"), "name"), Column(_("Title"), "title")]


def _status_cell(row: Row) -> Cell:
    return Cell(str(Status(row["status"]).label), status=row["status"])


def _owner_cell(row: Row) -> Cell:
    unsure = _("to be confirmed") if row["owner"] and not row["owner_confirmed"] else ""
    return Cell(row["owner"] or DASH, below=unsure)


def _days(label: str) -> Drawn:
    return lambda: Column(label, "number"), lambda row: Cell(words.whole(row["days"]))


_STATUS: Drawn = (lambda: Column(_("Status"), "status"), _status_cell)
_OWNER: Drawn = (lambda: Column(_("Owner")), _owner_cell)
_DUE: Drawn = (lambda: Column(_("Due"), "date"), lambda row: Cell(words.day(row["due"])))
_THEME: Drawn = (lambda: Column(_("Theme")), lambda row: Cell(row["theme"]))
_MILESTONE: Drawn = (lambda: Column(_("Milestone")), lambda row: Cell(row["milestone"] or _("target date")))
_QUIET: Drawn = (lambda: Column(_("Days quiet"), "number"), lambda row: Cell(words.whole(row["quiet_days"])))


def _item_section(
    key: str, title: str, listing: Row, empty: str, drawn: list[Drawn], *, intro: list[str] | None = None
) -> Section:
    columns = _item_columns() + [column() for column, _cell in drawn]
    rows = [_item(row) + [cell(row) for _column, cell in drawn] for row in listing["rows"]]
    return Section(key, title, columns, rows, listing["total"], empty, intro or [])


# --- lists of updates, and what changed -----------------------------------------------------------


def _published_section(listing: Row) -> Section:
    columns = [
        *_item_columns(), Column(_("Happened"), "date"), Column(_("Status"), "status"),
        Column(_("Progress"), "number"), Column(_("Proof"), "proof"), Column(_("Evidence"), "number"),
    ]  # fmt: skip
    rows = [
        [
            Cell(row["reference"], link=row["link"]),
            Cell(row["title"], below=row["text"], mark=_mark(row)),
            Cell(show(row["happened"])),
            _step_cell(row["status_before"], row["status_after"]),
            Cell(_progress(row["percent_before"], row["percent_after"])),
            Cell(str(Proof(row["proof"]).label), proof=row["proof"]),
            Cell(words.whole(row["evidence"])),
        ]
        for row in listing["rows"]
    ]
    empty = _("No update was published in the period.")
    return Section("published", _("Published in the period"), columns, rows, listing["total"], empty)


def _progress(before: float | None, after: float | None) -> str:
    if before is None or before == after:
        return words.percent(after)
    return f"{words.percent(before)} → {words.percent(after)}"


def _mark(row: Row) -> str:
    marks = []
    if row["no_change"]:
        marks.append(_("no change this period"))
    if row["corrects"]:
        marks.append(_("corrects an earlier update"))
    if row["retracted_since"]:
        marks.append(_("retracted after the cut-off"))
    return "; ".join(marks)


def _step_cell(before: str, after: str) -> Cell:
    """A step of status, the one status that stayed, or a dash where the update moved nothing."""
    if not after:
        return Cell(DASH)
    if not before or before == after:
        return Cell(str(Status(after).label), status=after)
    text = f"{Status(before).label} → {Status(after).label}"
    return Cell(text, status=after, status_before=before)


def _retracted_section(listing: Row) -> Section:
    columns = [*_item_columns(), Column(_("Happened"), "date"), Column(_("Reason"))]
    rows = [[*_item(row), Cell(show(row["happened"])), Cell(row["reason"])] for row in listing["rows"]]
    return Section("retracted", _("Retracted in the period"), columns, rows, listing["total"], "")


DIRECTIONS: dict[str, Callable[[], str]] = {
    "forward": lambda: _("moved forward"),
    "back": lambda: _("moved back"),
    "paused": lambda: _("paused"),
    "resumed": lambda: _("resumed"),
    "ended": lambda: _("ended without success"),
    "reopened": lambda: _("reopened"),
    "overdue": lambda: _("newly overdue"),
    "caught_up": lambda: _("no longer overdue"),
    "new": lambda: _("new"),
    "left": lambda: _("left the register"),
}


def _changes_section(changes: Row) -> Section:
    columns = [*_item_columns(), Column(_("Change")), Column(_("Status"), "status")]
    rows = [[*_item(row), Cell(DIRECTIONS[row["direction"]]()), _change_cell(row)] for row in changes["rows"]]
    if not changes["since"]:
        empty, intro = _("There is no regular report of its kind before it to compare with."), []
    else:
        empty = _("Nothing stands otherwise than in report %(number)s.") % {"number": changes["since"]}
        intro = [_compared(changes)] if changes["counts"] else []
    title = _("What changed since the report before")
    return Section("changes", title, columns, rows, changes["total"], empty, intro)


def _change_cell(row: Row) -> Cell:
    if row["direction"] in {"overdue", "caught_up"} or not row["status_after"]:
        status = row["status_after"] or row["status_before"]
        return Cell(str(Status(status).label), status=status)
    return _step_cell(row["status_before"], row["status_after"])


def _compared(changes: Row) -> str:
    told = [
        f"{words.whole(changes['counts'][each])} {said()}"
        for each, said in DIRECTIONS.items()
        if changes["counts"].get(each)
    ]
    n = sum(changes["counts"].values())
    return ngettext(
        "Against report %(number)s: %(n)s change (%(told)s).", "Against report %(number)s: %(n)s changes (%(told)s).", n
    ) % {"number": changes["since"], "n": words.whole(n), "told": ", ".join(told)}
