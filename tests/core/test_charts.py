import re
from xml.etree import ElementTree

import pytest

from brics_tracker.core.charts import Part, sparkline, stacked_bar, status_parts, tokens
from brics_tracker.tracking.workflow import Status

PARTS = [Part("s-proposed", "Proposed", 14), Part("s-stalled", "Stalled", 2)]


def test_a_bar_says_in_words_what_it_shows() -> None:
    drawn = stacked_bar(PARTS)
    assert 'role="img" aria-label="Proposed 14, Stalled 2"' in drawn
    assert drawn.count("<rect") == drawn.count("<title>") == 2


def test_its_parts_fill_it_in_proportion() -> None:
    starts = [float(x) for x in re.findall(r'x="([\d.]+)%"', stacked_bar(PARTS))]
    assert starts == [0, 87.5]


def test_nothing_is_drawn_for_nothing() -> None:
    assert stacked_bar([]) == stacked_bar(status_parts([("agreed", "Agreed", 0)])) == sparkline([], "x") == ""


def test_every_status_has_a_colour_in_both_themes() -> None:
    assert all(f"s-{status}" in tokens() for status in Status.values)


@pytest.mark.parametrize("drawn", [stacked_bar(PARTS, standalone=True), sparkline([0, 3], "updates", standalone=True)])
def test_in_a_file_it_stands_alone(drawn: str) -> None:
    assert "var(" not in drawn
    assert ElementTree.fromstring(drawn).tag == "{http://www.w3.org/2000/svg}svg"  # noqa: S314 - drawn just now


@pytest.mark.parametrize("drawn", [stacked_bar(PARTS), sparkline([1, 2], "updates")])
def test_on_a_page_it_needs_no_inline_style(drawn: str) -> None:
    assert "style=" not in drawn
    assert "var(--" in drawn


def test_words_in_a_chart_are_escaped() -> None:
    assert "<b>" not in stacked_bar([Part("fill", "<b>", 1)]) + sparkline([1], "<b>")
