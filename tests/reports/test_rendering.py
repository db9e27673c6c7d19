"""The same tables as page, PDF, CSV and JSON: nothing lost, nothing run, nothing shown as an empty box."""

import csv
import datetime as dt
import io
import json
from typing import Any

import pypdfium2  # type: ignore[import-untyped]
import pytest
import time_machine
from django.conf import LazySettings
from django.utils import translation

from brics_tracker.accounts.models import User
from brics_tracker.tracking.choices import Proof
from brics_tracker.tracking.workflow import Status
from reports.renderers import data, html, pdf, words
from reports.renderers.layout import sections
from tests.factories.core import make_theme
from tests.factories.tracking import make_item, make_milestone, make_update

from .builders import MONDAY, WEDNESDAY, make_definition, make_report

pytestmark = pytest.mark.django_db
HOSTILE = '<script>alert(1)</script> #strong[x] $y$ "quoted" =1+1'


@pytest.fixture
def tables(analyst: User, reviewer: User) -> dict[str, Any]:
    with time_machine.travel(WEDNESDAY):
        item = make_item(title=f"Link the grids {HOSTILE}", theme=make_theme("EN", name="Energy"))
        make_update(item, by=analyst, reviewer=reviewer, status_claimed="discussion", text=f"Talks began. {HOSTILE}")
        make_milestone(item, title="Text agreed", due=dt.date(2026, 11, 20))
        make_item(title="=HYPERLINK(1)", theme=make_theme("EC", name="Trade"))
    with time_machine.travel(MONDAY):
        frozen: dict[str, Any] = make_report(make_definition()).snapshot.tables
        return frozen


def text_of(content: bytes) -> str:
    document = pypdfium2.PdfDocument(content)
    text = "\n".join(page.get_textpage().get_text_bounded() for page in document)
    document.close()
    return " ".join(text.split())


# --- words ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "said"), [(None, "—"), (0.0, "0\u00a0%"), (54.3, "54.3\u00a0%"), (100.0, "100\u00a0%")]
)
def test_no_data_is_a_dash_and_zero_is_zero(value: float | None, said: str) -> None:
    assert words.percent(value) == said


def test_every_section_of_a_report_is_drawn(tables: dict[str, Any]) -> None:
    assert [section.key for section in sections(tables)] == [
        "themes-proposal", "changes", "published", "overdue", "stagnant", "milestones", "new",
    ]  # fmt: skip
    for section in sections(tables):
        assert all(len(row) == len(section.columns) for row in section.rows)


def test_what_cannot_be_known_is_said(tables: dict[str, Any]) -> None:
    assert not any("cannot be known" in note for note in words.notes(tables))
    tables["totals"]["unknown_dates"] = 3
    assert any("Of 3 items" in note for note in words.notes(tables))


# --- HTML -----------------------------------------------------------------------------------------


def test_the_page_shows_text_of_people_as_text(tables: dict[str, Any]) -> None:
    page = html.page(tables).decode()
    assert "<script" not in page
    assert "Link the grids &lt;script&gt;" in page


def test_a_direction_override_is_shown_as_letters(tables: dict[str, Any]) -> None:
    tables["new"]["rows"][0]["title"] = "abc\u202edef"
    assert "\u202e" not in html.page(tables).decode()
    assert "\u202e" not in json.dumps(pdf.document(tables), ensure_ascii=False)


def test_a_report_of_invented_progress_says_so_wherever_it_is_sent(
    tables: dict[str, Any], settings: LazySettings
) -> None:
    for said in (html.page(tables).decode(), text_of(pdf.draw(tables).content)):
        assert "invented" not in said
    settings.DEMO = True
    with time_machine.travel(MONDAY):
        frozen = make_report(extra=True).snapshot.tables
    settings.DEMO = False  # it was invented wherever it is read later
    assert "the progress on it is invented" in html.page(frozen).decode()
    drawn = text_of(pdf.draw(frozen).content)
    assert "the progress on it is invented" in drawn
    assert "Demonstration: its figures are invented 1 / " in drawn


def test_an_extra_report_before_any_regular_one_says_that_there_is_no_regular_one(tables: dict[str, Any]) -> None:
    drawn = {section.key: section for section in sections(tables)}
    assert drawn["changes"].empty == "There is no regular report of its kind before it to compare with."


def test_a_file_of_the_page_leads_back_to_the_site(tables: dict[str, Any], settings: LazySettings) -> None:
    page = html.page(tables).decode()
    assert f'<a href="{settings.SITE_URL}/proposals/' in page
    assert '<a href="/' not in page


def test_a_list_that_was_cut_says_so(tables: dict[str, Any]) -> None:
    tables["new"]["total"] = 5000
    assert "The first 2 of 5,000 are shown." in html.page(tables).decode()


# --- PDF ------------------------------------------------------------------------------------------


def test_the_pdf_holds_what_the_page_holds(tables: dict[str, Any]) -> None:
    text = text_of(pdf.draw(tables).content)
    for said in ("2026-W47-01", "Weekly progress report", "Energy", "Text agreed", "Talks began.", "EN-01"):
        assert said in text
    # Typed text is text, whatever it looks like.
    assert "#strong[x] $y$" in text


def test_the_same_tables_give_the_same_bytes(tables: dict[str, Any]) -> None:
    assert pdf.draw(tables).content == pdf.draw(tables).content


def test_the_pdf_is_tagged_titled_and_in_its_language(tables: dict[str, Any]) -> None:
    content = pdf.draw(tables).content
    document = pypdfium2.PdfDocument(content)
    assert document.get_metadata_dict()["Title"] == "Weekly progress report 2026-W47-01"
    document.close()
    assert b"/MarkInfo" in content
    assert b"/Lang" in content
    assert b"pdfuaid" in content


def test_scripts_with_a_font_are_drawn_and_the_others_are_named(tables: dict[str, Any]) -> None:
    tables["new"]["rows"][0]["title"] = "समझौता اتفاق соглашение"
    assert pdf.draw(tables).missing_scripts == []
    tables["new"]["rows"][1]["title"] = "能源合作 መግባባት end"
    drawing = pdf.draw(tables)
    assert drawing.missing_scripts == ["CJK", "Ethiopic"]
    assert "CJK, Ethiopic" in drawing.note
    text = text_of(drawing.content)
    assert "[…] […] end" in text
    assert "No font for: CJK, Ethiopic." in text


def test_every_status_and_proof_can_be_drawn(tables: dict[str, Any]) -> None:
    row, update = tables["new"]["rows"][0], tables["published"]["rows"][0]
    tables["new"]["rows"] = [{**row, "status": status} for status in Status.values]
    tables["published"]["rows"] = [{**update, "proof": proof} for proof in Proof.values]
    text = text_of(pdf.draw(tables).content)
    assert all(str(label) in text for label in Status.labels)


def test_a_long_report_is_cut_evenly_and_says_so(tables: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "ROWS", 30)
    for name in ("new", "published"):
        tables[name] = {"total": 40, "rows": tables[name]["rows"][:1] * 40}
    drawn = {section["title"]: section for section in pdf.document(tables)["sections"]}
    lengths = [len(section["rows"]) for section in drawn.values()]
    assert sum(lengths) <= 30
    assert len(drawn["Overdue"]["rows"]) == 1
    assert abs(len(drawn["New in the period"]["rows"]) - len(drawn["Published in the period"]["rows"])) <= 1
    assert "of 40 are shown" in drawn["New in the period"]["shortened"]


def test_a_right_to_left_language_is_drawn(tables: dict[str, Any]) -> None:
    with translation.override("ar"):
        assert pdf.document(tables)["lang"] == "ar"
        assert pdf.draw(tables).content.startswith(b"%PDF")


# --- data -----------------------------------------------------------------------------------------


def test_the_csv_holds_every_row_and_runs_nothing(tables: dict[str, Any]) -> None:
    text = b"".join(data.csv(tables)).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    found = {row["Table"] for row in rows}
    assert found == {"themes", "themes-status", "published", "overdue", "new"}
    assert sum(row["Table"] == "new" for row in rows) == 2
    assert {row["Title"][0] for row in rows if "HYPERLINK" in row["Title"]} == {"'"}
    [late] = [row for row in rows if row["Table"] == "overdue"]
    assert (late["Due"], late["Days"], late["Milestone"]) == ("2026-11-20", "3", "Text agreed")


def test_the_json_is_what_the_checksum_is_of(tables: dict[str, Any]) -> None:
    assert json.loads(data.canonical(tables)) == tables
    assert data.canonical(tables) == data.canonical(json.loads(data.canonical(tables)))
