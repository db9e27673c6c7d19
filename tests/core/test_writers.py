"""Each format says what the list says: typed, whole, and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
import subprocess
import sys
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.conf import settings as django_settings
from django.core.exceptions import ValidationError
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from brics_tracker.core import workbook
from brics_tracker.core.children import ChildStopped, Limits, never
from brics_tracker.core.export import Column, table
from brics_tracker.core.tables import About, Table
from brics_tracker.core.writers import WRITERS, XlsxWriter, neutralise_cell

Row = dict[str, Any]
TEXT = Column("text", "Text", "text")
# Whatever a database may hold: everything but lone surrogates.
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
BEGINNINGS = st.sampled_from(["", "=", "+", "-", "@", "\t", "\r", "\n", "  =", "＝", "'", "_x0041_", '"', ";"])


def bytes_of(format: str, made: Table) -> bytes:
    return b"".join(WRITERS[format]().write(made))


def csv_of(made: Table) -> list[list[str]]:
    text = bytes_of("csv", made).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def json_of(made: Table) -> Any:
    return json.loads(bytes_of("json", made))


def book_of(made: Table) -> Any:
    return openpyxl.load_workbook(io.BytesIO(bytes_of("xlsx", made)))


def as_excel_reads(text: str) -> str:
    """The reader of these tests leaves the format's own escapes as they are."""
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), text)


def texts(values: Sequence[str | None]) -> Table:
    return table([{"text": value} for value in values], [TEXT])


class TestCells:
    @pytest.mark.parametrize(
        "text",
        [
            "=1+1",
            "+1",
            "-1",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            "\n=1",
            "  =1",
            "=cmd|' /C calc'!A0",
            "＝1",
            "－1",
            "＠x",
            "-",
        ],
    )
    def test_text_that_a_spreadsheet_would_run_is_quoted(self, text: str) -> None:
        assert str(neutralise_cell(text)).startswith("'")

    @pytest.mark.parametrize("number", [-5, -0.5, Decimal("-12.50"), 0, 100])
    def test_numbers_stay_numbers_even_when_negative(self, number: Any) -> None:
        assert neutralise_cell(number) == number

    @pytest.mark.parametrize(
        ("value", "cell"),
        [
            (None, ""),
            ("", ""),
            ("plain = text", "plain = text"),
            (True, "true"),
            (False, "false"),
            (dt.date(2030, 1, 2), "2030-01-02"),
            (dt.datetime(2030, 1, 2, 3, 4, 5, tzinfo=dt.UTC), "2030-01-02T03:04:05Z"),
            (["a", "b"], "a; b"),
            (["=a"], "'=a"),
            ("bell\x07", "bell"),
            ("\x00=1", "'=1"),
        ],
    )
    def test_everything_else_is_written_plainly(self, value: object, cell: object) -> None:
        assert neutralise_cell(value) == cell


class TestCsv:
    columns = (Column("name", "Name", "name"), Column("n", "Number", lambda row: row["n"]))

    def test_it_is_rfc_4180_in_utf_8_with_a_mark(self) -> None:
        rows = [{"name": 'He said "no", and\nleft', "n": 1}, {"name": "Связь 金砖", "n": -2}]
        body = bytes_of("csv", table(rows, self.columns))
        assert body.startswith(b"\xef\xbb\xbfName,Number\r\n")
        assert '"He said ""no"", and\nleft",1\r\nСвязь 金砖,-2\r\n'.encode() in body

    def test_an_empty_list_has_its_heading(self) -> None:
        assert bytes_of("csv", table([], self.columns)) == b"\xef\xbb\xbfName,Number\r\n"

    def test_one_bad_cell_among_many_is_quoted(self) -> None:
        """Columns that look harmless are written as they are; one cell that is not must still be seen."""
        values = ["plain"] * 500 + ["=1+1", "bell\x07", " -1", ""] + ["plain"] * 500
        assert [row[0] for row in csv_of(texts(values))[501:505]] == ["'=1+1", "bell", "' -1", ""]

    def test_days_moments_lists_and_nothing(self) -> None:
        moment = dt.datetime(2030, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
        row = {"a": dt.date(2030, 1, 2), "b": moment, "c": ["x", "y"], "d": None, "e": True, "f": Decimal("-1.50")}
        made = table([row, row | {"a": None, "c": ["=x"]}], [Column(key, key, key) for key in row])
        assert csv_of(made)[1:] == [
            ["2030-01-02", "2030-01-02T03:04:05Z", "x; y", "", "true", "-1.50"],
            ["", "2030-01-02T03:04:05Z", "'=x", "", "true", "-1.50"],
        ]


class TestJson:
    def test_rows_have_codes_and_names_and_the_file_says_what_it_is(self) -> None:
        row = {"s": "Agreed", "c": "agreed", "p": Decimal("12.5"), "d": dt.date(2030, 1, 2), "n": None, "l": ["a"]}
        columns = [Column("status", "Status", "s", code="c"), *(Column(key, key, key) for key in "pdnl")]
        made = json_of(table([row], columns, About(title="Proposals", filters=[("Status", "Agreed")], person="Ana")))
        assert made["rows"] == [
            {"status": "agreed", "status_name": "Agreed", "p": 12.5, "d": "2030-01-02", "n": None, "l": ["a"]}
        ]
        about = made["about"]
        assert (about["list"], about["filter"], about["person"], about["count"]) == (
            "Proposals",
            "Status: Agreed",
            "Ana",
            1,
        )
        assert about["version"] == f"BRICS Tracker {django_settings.VERSION}"
        assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", about["made_at"])

    def test_an_empty_list_is_whole(self) -> None:
        assert json_of(texts([]))["rows"] == []


class TestXlsx:
    def test_cells_have_their_types(self) -> None:
        moment = dt.datetime(2030, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
        row = {"day": dt.date(2030, 1, 2), "moment": moment, "n": 7, "p": Decimal("12.5"), "yes": True, "none": None,
               "text": "2030", "list": ["a", "b"], "partial": "2011-04"}  # fmt: skip
        sheet = book_of(table([row], [Column(key, key, key) for key in row])).worksheets[0]
        day, at, n, percent, yes, none, text, listed, partial = sheet[2]
        assert (day.value, day.is_date, day.number_format) == (dt.datetime(2030, 1, 2), True, "yyyy-mm-dd")
        assert (at.value, at.number_format) == (dt.datetime(2030, 1, 2, 3, 4, 5), "yyyy-mm-dd hh:mm:ss")
        assert [each.value for each in (n, percent, yes, none)] == [7, 12.5, True, None]
        assert [(each.value, each.data_type) for each in (text, listed, partial)] == [
            ("2030", "s"), ("a; b", "s"), ("2011-04", "s"),
        ]  # fmt: skip

    def test_days_of_which_spreadsheets_disagree_are_text(self) -> None:
        made = table([{"d": dt.date(1899, 12, 31)}, {"d": dt.date(1900, 3, 1)}], [Column("d", "D", "d")])
        cells = [row[0].value for row in book_of(made).worksheets[0].iter_rows(min_row=2)]
        assert cells == ["1899-12-31", dt.datetime(1900, 3, 1)]

    def test_the_head_stays_and_filters(self) -> None:
        sheet = book_of(table([{"a": "x", "b": "y"}] * 3, [Column(key, key, key) for key in "ab"])).worksheets[0]
        assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:B4")
        assert sheet["A1"].font.bold

    def test_addresses_are_links(self) -> None:
        made = table(
            [{"a": "https://t/proposals/EN-01/"}, {"a": "javascript:x"}], [Column("a", "A", "a", is_address=True)]
        )
        sheet = book_of(made).worksheets[0]
        assert sheet["A2"].hyperlink.target == "https://t/proposals/EN-01/"
        assert sheet["A2"].value == "https://t/proposals/EN-01/"
        assert (sheet["A3"].hyperlink, sheet["A3"].value) == (None, "javascript:x")

    def test_far_down_addresses_are_text_and_the_second_sheet_says_so(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(workbook, "LINKED_ROWS", 2)
        made = table([{"a": f"https://t/{n}/"} for n in range(3)], [Column("a", "A", "a", is_address=True)])
        data, about = book_of(made).worksheets
        assert [bool(data[f"A{line}"].hyperlink) for line in (2, 3, 4)] == [True, True, False]
        assert data["A4"].value == "https://t/2/"
        assert "first 2 rows" in [row[1].value for row in about.iter_rows()][-1]

    def test_a_second_sheet_says_what_it_is(self) -> None:
        about = About(title="Proposals: energy", filters=[("Status", "Agreed"), ("Theme", "EN Energy")], person="=Ana",
                      order="Due, ascending", address="https://t/proposals/?status=agreed")  # fmt: skip
        data, said = book_of(table([{"text": "a"}, {"text": "b"}], [TEXT], about)).worksheets
        assert (data.title, said.title) == ("Proposals  energy", "About")
        facts = {row[0].value: row[1].value for row in said.iter_rows()}
        assert facts["List"] == "Proposals: energy"
        assert facts["Filter"] == "Status: Agreed; Theme: EN Energy"
        assert facts["Order"] == "Due, ascending"
        assert facts["For"] == "=Ana"
        assert facts["Address"] == "https://t/proposals/?status=agreed"
        assert facts["Made by"] == f"BRICS Tracker {django_settings.VERSION}"
        assert abs(facts["Made (UTC)"] - dt.datetime.now(dt.UTC).replace(tzinfo=None)) < dt.timedelta(minutes=1)
        assert facts["Rows"] == 2
        assert said["B5"].data_type == "s"

    def test_the_demonstration_says_so(self, settings: Any) -> None:
        settings.DEMO = True
        assert "invented" in [row[1].value for row in book_of(texts(["a"])).worksheets[1].iter_rows()][-2]

    @pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "  =1", "＝1", "=cmd|' /C calc'!A0", "{=1}"])
    def test_what_begins_like_a_formula_is_text_and_stays_text(self, text: str) -> None:
        cell = book_of(texts([text])).worksheets[0]["A2"]
        assert (cell.value, cell.data_type) == (text, "s")
        assert cell.quotePrefix is not text.startswith("{")

    def test_more_text_than_a_cell_holds_is_cut(self) -> None:
        assert len(book_of(texts(["金" * 40_000])).worksheets[0]["A2"].value) == 32_767

    def test_an_empty_list_has_its_head(self) -> None:
        sheet = book_of(texts([])).worksheets[0]
        assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [["Text"]]

    def test_right_to_left_languages_get_sheets_that_run_that_way(self) -> None:
        with translation.override("ar"):
            assert [sheet.sheet_view.rightToLeft for sheet in book_of(texts(["a"]))] == [True, True]

    def test_a_child_process_makes_the_same(self, tmp_path: Path) -> None:
        made = tmp_path / "made.xlsx"
        rows = [{"t": "=a", "d": dt.date(2030, 1, 2), "n": 1.5, "a": "https://t/"}] * 3
        columns = [Column(key, key, key, is_address=key == "a") for key in "tdna"]
        XlsxWriter().make(table(rows, columns), made, never)
        here, there = book_of(table(rows, columns)).worksheets[0], openpyxl.load_workbook(made).worksheets[0]
        assert [[c.value for c in row] for row in there.iter_rows()] == [
            [c.value for c in row] for row in here.iter_rows()
        ]
        assert there["D4"].hyperlink.target == "https://t/"

    def test_a_child_that_needs_too_much_fails_in_words(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(XlsxWriter, "limits", Limits(output_mb=0))
        with pytest.raises(ValidationError, match=r"could not be made.*more than 0 MB"):
            XlsxWriter().make(texts(["a"]), tmp_path / "made.xlsx", never)

    def test_a_child_whose_work_is_no_longer_wanted_ends(self, tmp_path: Path) -> None:
        with pytest.raises(ChildStopped):
            XlsxWriter().make(texts(["a"]), tmp_path / "made.xlsx", lambda: True)


class TestAnyText:
    """Property: whatever someone wrote comes out as it went in, and runs nowhere."""

    values = st.lists(st.builds(str.__add__, BEGINNINGS, ANY_TEXT), min_size=1, max_size=8)

    @given(values)
    @settings(max_examples=100, deadline=None)
    def test_in_csv(self, values: list[str]) -> None:
        cells = [row[0] if row else "" for row in csv_of(texts(values))[1:]]
        for value, cell in zip(values, cells, strict=True):
            plain = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", "", value)
            assert cell in {plain, f"'{plain}"}
            assert cell.lstrip(" ")[:1] not in set("=+-@\t\r\n＝＋－＠")

    @given(values)
    @settings(max_examples=100, deadline=None)
    def test_in_json(self, values: list[str]) -> None:
        assert [row["text"] for row in json_of(texts(values))["rows"]] == values

    @given(values)
    @settings(max_examples=60, deadline=None)
    def test_in_xlsx(self, values: list[str]) -> None:
        sheet = book_of(texts(values)).worksheets[0]
        for line, value in enumerate(values, start=2):
            cell = sheet.cell(line, 1)
            assert as_excel_reads(cell.value or "") == workbook.clean(value)
            assert cell.data_type in {"s", "n"}  # "n" is an empty one
            if value.lstrip(" ")[:1] in set("=+-@＝＋－＠"):
                assert cell.quotePrefix


GROWTH = """
import resource, sys
sys.path.insert(0, {base!r})
import os, django
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
django.setup()
from brics_tracker.core.export import Column, table
from brics_tracker.core.writers import WRITERS
columns = [Column(key, key, key, is_address=key == "g") for key in "abcdefg"]
def rows(n):
    for i in range(n):
        yield {{key: f"https://t/{{key}}/{{i}}/" for key in "abcdefg"}}
def write(format, n):
    return sum(map(len, WRITERS[format]().write(table(rows(n), columns))))
write({format!r}, 2000)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
write({format!r}, 30000)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""


@pytest.mark.parametrize("format", ["csv", "json", "xlsx"])
def test_memory_does_not_grow_with_the_rows(format: str) -> None:
    """30,000 rows of seven columns, in a process of their own: what is left is links and buffers."""
    script = GROWTH.format(base=str(django_settings.BASE_DIR), format=format)
    grown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert float(grown.stdout) < (30 if format == "xlsx" else 8)
