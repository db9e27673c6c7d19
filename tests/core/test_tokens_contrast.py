"""Every pair of colours that meets on a page can be told apart, in both themes (WCAG 2.2: 4.5 for text, 3 for marks)."""

import pytest

from brics_tracker.core.charts import tokens
from brics_tracker.core.marks import STATUS_DISCS

GROUNDS = ["paper", "sheet", "well", "hover"]
STATUSES = [f"s-{status}" for status in STATUS_DISCS]
TEXT = ["ink", "ink-2", "ink-3", "link", "error", "done", *STATUSES]
MARKS = ["focus", "edge", "accent", "fill"]
NOT_PAIRED = {"line", "line-2"}  # hairlines that only part rows; nothing is read from them
THEMES = {"light": 0, "dark": 1}


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_the_measure_is_the_standard_one() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("token", TEXT)
def test_text_can_be_read(token: str, ground: str, theme: str) -> None:
    at = THEMES[theme]
    assert contrast(tokens()[token][at], tokens()[ground][at]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("token", MARKS)
def test_marks_and_focus_can_be_seen(token: str, ground: str, theme: str) -> None:
    at = THEMES[theme]
    assert contrast(tokens()[token][at], tokens()[ground][at]) >= 3


@pytest.mark.parametrize("theme", THEMES)
def test_the_word_on_a_button_can_be_read(theme: str) -> None:
    at = THEMES[theme]
    assert contrast(tokens()["on-accent"][at], tokens()["accent"][at]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_a_word_that_was_found_can_be_read(theme: str) -> None:
    at = THEMES[theme]
    assert contrast(tokens()["ink"][at], tokens()["mark"][at]) >= 4.5


def test_no_colour_is_left_unmeasured() -> None:
    assert set(tokens()) == {*GROUNDS, *TEXT, *MARKS, "on-accent", "mark", *NOT_PAIRED}
