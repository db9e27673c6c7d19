"""Any list as a file."""

import csv
import io
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import BadRequest
from django.test import RequestFactory

from brics_tracker.core.export import Column, export_response
from brics_tracker.tracking.columns import address_column, item_columns
from proposals.models import Proposal
from tests.factories.core import make_member, make_organisation, make_theme
from tests.factories.tracking import make_document, make_proposal
from tests.growth import queries_of

REQUEST = RequestFactory().get("/")
REQUEST.user = AnonymousUser()


def rows_of(response: Any) -> list[dict[str, str]]:
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def response_of(rows: list[dict[str, Any]] | None = None, format: str = "csv") -> Any:
    return export_response(REQUEST, rows or [], [Column("name", "Name", "name")], format, "things")


class TestResponse:
    def test_it_is_a_download_named_after_the_list_and_the_day(self) -> None:
        response = response_of()
        assert response["Content-Type"] == "text/csv; charset=utf-8"
        assert response["Content-Disposition"].startswith('attachment; filename="things-2')
        assert response.streaming

    @pytest.mark.parametrize(("format", "begins"), [("csv", b"\xef\xbb\xbf"), ("json", b"{"), ("xlsx", b"PK")])
    def test_every_format_comes_from_the_same_call(self, format: str, begins: bytes) -> None:
        response = response_of([{"name": "x"}], format)
        assert response["Content-Disposition"].endswith(f'.{format}"')
        assert b"".join(response.streaming_content).startswith(begins)

    @pytest.mark.parametrize("format", ["exe", "", "../csv", "x" * 1000])
    def test_an_unknown_format_is_a_bad_request(self, format: str) -> None:
        with pytest.raises(BadRequest):
            response_of(format=format)


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
