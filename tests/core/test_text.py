import pytest
from django.core.exceptions import ValidationError

from brics_tracker.core.text import clean_text, is_clean


@pytest.mark.parametrize("broken", ["a\x00b", "\x07", "x\x1b[31m", "\x7f", "\x9b", "\ud800", "tail\udfff"])
def test_it_refuses_what_no_keyboard_writes(broken: str) -> None:
    assert not is_clean(broken)
    with pytest.raises(ValidationError) as refusal:
        clean_text(broken)
    assert refusal.value.code == "control_character"


def test_it_says_which_character_and_where() -> None:
    with pytest.raises(ValidationError, match=r"Character 3 .*U\+0000"):
        clean_text("ab\x00")


@pytest.mark.parametrize("plain", ["", "tab\tand\nline", "नमस्ते", "金砖国家", "می‌خواهم", "👩‍🔬", "<b>&amp;"])
def test_it_leaves_plain_text_of_any_script_alone(plain: str) -> None:
    assert clean_text(plain) == plain


def test_line_ends_become_one_and_letters_are_composed() -> None:
    assert clean_text("a\r\nb\rc\x85d") == "a\nb\nc\nd"
    assert clean_text("e\u0301") == "\u00e9"


def test_cleaning_twice_changes_nothing() -> None:
    once = clean_text("A\u030a\r\n\r\n")
    assert clean_text(once) == once
