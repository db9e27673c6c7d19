"""What the list of frozen reports shows and exports."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from brics_tracker.core.cells import Cell
from brics_tracker.core.export import Column
from brics_tracker.core.rows import Many, Row
from brics_tracker.core.templatetags.ui import date_html, moment_html, visible_html

from .models import ReportFile


def _files(keys: Sequence[int]) -> Iterable[tuple[int, str]]:
    return ReportFile.objects.filter(report__in=keys).order_by("format").values_list("report_id", "format")


FILES = Many("files", _files)
# Every report is there in these, made from its tables when asked for.
ALWAYS_THERE = ("csv", "json")


def _number_html(row: Row) -> str:
    address = reverse("reports:detail", args=[row["number"]])
    extra = format_html(' <span class="tag">{}</span>', _("extra")) if row["is_extra"] else ""
    return format_html('<a href="{}"><bdi>{}</bdi></a>{}', address, row["number"], extra)


def _files_html(row: Row) -> str:
    """A link for each format, which says to those who only hear it whose file it is."""
    number = row["number"]
    return format_html_join(
        " ", '<a href="{}" download>{}<span class="visually-hidden"> {}</span></a>',
        ((reverse("reports:file", args=[number, format]), format.upper(), number) for format in (*row["files"], *ALWAYS_THERE)),
    )  # fmt: skip


def _period_html(row: Row) -> str:
    return format_html("{} – {}", date_html(row["period_start"]), date_html(row["period_end"]))


def report_columns(root: str) -> list[Column]:
    """Columns of the list of reports; `root` is the absolute address of the list."""
    return [
        Column(
            "number", _("Number"), "number",
            cell=Cell(_number_html, reads=("number", "is_extra"), css="nowrap", names_row=True),
        ),
        Column(
            "title", _("Report"), "definition__title", code="definition__key",
            cell=Cell(lambda row: visible_html(row["definition__title"]), reads=("definition__title",)),
        ),
        Column(
            "period", _("Period"), lambda row: f"{row['period_start']}/{row['period_end']}", reads=("period_start", "period_end"),
            cell=Cell(_period_html, reads=("period_start", "period_end"), css="nowrap"),
        ),
        Column("period_start", _("From"), "period_start"),
        Column("period_end", _("To"), "period_end"),
        Column("cut_off", _("Cut-off"), "cut_off", cell=_moment("cut_off")),
        Column("is_extra", _("Extra"), "is_extra"),
        Column("frozen_at", _("Frozen"), "frozen_at", cell=_moment("frozen_at", "frozen")),
        Column(
            "files", _("Files"), lambda row: [*row["files"], *ALWAYS_THERE], many=(FILES,),
            cell=Cell(_files_html, reads=("number",), many=(FILES,), css="nowrap"),
        ),
        Column("address", _("Address"), lambda row: f"{root}{row['number']}/", reads=("number",), is_address=True),
    ]  # fmt: skip


def _moment(path: str, sort: str = "") -> Cell:
    return Cell(lambda row: moment_html(row[path]), reads=(path,), sort=sort, css="nowrap")
