"""Any list as a file."""

import csv
import datetime as dt
import io
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import BadRequest
from django.test import RequestFactory

from brics_tracker.core.export import Column, export_response, neutralise_cell
from brics_tracker.tracking.columns import address_column, item_columns
from proposals.models import Proposal
from tests.factories.core import make_member, make_organisation, make_theme
from tests.factories.tracking import make_document, make_proposal
from tests.growth import queries_of

REQUEST = RequestFactory().get("/")


def rows_of(response: Any) -> list[dict[str, str]]:
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


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

    def write(self, rows: list[dict[str, Any]]) -> bytes:
        return b"".join(export_response(REQUEST, rows, self.columns, "csv", "things"))

    def test_it_is_rfc_4180_in_utf_8_with_a_mark(self) -> None:
        body = self.write([{"name": 'He said "no", and\nleft', "n": 1}, {"name": "Связь 金砖", "n": -2}])
        assert body.startswith(b"\xef\xbb\xbfName,Number\r\n")
        assert '"He said ""no"", and\nleft",1\r\nСвязь 金砖,-2\r\n'.encode() in body

    def test_it_is_a_download_named_after_the_list_and_the_day(self) -> None:
        response = export_response(REQUEST, [], self.columns, "csv", "things")
        assert response["Content-Type"] == "text/csv; charset=utf-8"
        assert response["Content-Disposition"].startswith('attachment; filename="things-2')
        assert response.streaming

    def test_an_empty_list_has_its_heading(self) -> None:
        assert self.write([]) == b"\xef\xbb\xbfName,Number\r\n"

    @pytest.mark.parametrize("format", ["exe", "", "../csv", "x" * 1000])
    def test_an_unknown_format_is_a_bad_request(self, format: str) -> None:
        with pytest.raises(BadRequest):
            export_response(REQUEST, [], self.columns, format, "things")


def export_proposals(columns: str = "reference title status owner themes members percent citations") -> Any:
    known = item_columns("item__")
    chosen = [known[key] for key in columns.split()]
    rows = Proposal.objects.order_by("item__reference_number")
    return export_response(REQUEST, rows, [*chosen, address_column("http://t/proposals/", "item__")], "csv", "p")


@pytest.mark.django_db
class TestItems:
    def test_names_and_codes_stand_side_by_side_and_the_address_at_the_end(self) -> None:
        energy, members = make_theme("EN", name="Energy"), [make_member("BR"), make_member("CN")]
        document = make_document("declaration-2030")
        make_proposal(
            theme=energy, members=members, title="=Build it", owner=make_organisation("ndb"),
            passages=[document.passages.get(number=2)],
        )  # fmt: skip
        (row,) = rows_of(export_proposals())
        assert row["Reference"] == "EN-01"
        assert row["Title"] == "'=Build it"
        assert (row["Status"], row["Status (code)"]) == ("Proposed", "proposed")
        assert (row["Owner"], row["Owner (code)"]) == ("Organisation ndb", "ndb")
        assert (row["Themes"], row["Themes (code)"]) == ("Energy", "EN")
        assert (row["Members"], row["Members (code)"]) == ("Country BR; Country CN", "BR; CN")
        assert row["Progress in percent"] == ""
        assert row["Source"] == "declaration-2030 ¶2"
        assert row["Address"] == "http://t/proposals/EN-01/"

    def test_only_the_chosen_columns_in_the_chosen_order(self) -> None:
        make_proposal()
        (row,) = rows_of(export_proposals("title reference"))
        assert list(row) == ["Title", "Reference", "Address"]

    def test_all_members_are_said_as_such(self) -> None:
        make_proposal(all_members=True)
        (row,) = rows_of(export_proposals("members"))
        assert (row["Members"], row["Members (code)"]) == ("all members", "all")

    def test_every_shared_column_can_be_written(self) -> None:
        make_proposal()
        assert len(rows_of(export_proposals(" ".join(item_columns("item__"))))) == 1

    def test_its_queries_do_not_grow(self) -> None:
        for _n in range(2):
            make_proposal(members=[make_member("BR")])
        few = queries_of(export_proposals)
        for _n in range(10):
            make_proposal(members=[make_member("BR"), make_member("CN")], themes=[make_theme("EC")])
        assert queries_of(export_proposals) == few

    def test_rows_beyond_one_chunk_are_whole(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("brics_tracker.core.rows.CHUNK", 3)
        for _n in range(7):
            make_proposal(members=[make_member("BR")])
        rows = rows_of(export_proposals())
        assert [row["Reference"] for row in rows] == [f"EN-0{n}" for n in range(1, 8)]
        assert all(row["Members (code)"] == "BR" for row in rows)
