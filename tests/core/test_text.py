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


@pytest.mark.parametrize("unseen", ["\u200b\u200b", "\u2060 \ufeff", "\u3164", "\u2800", "\U000e0041"])
def test_it_refuses_text_of_which_nothing_can_be_seen(unseen: str) -> None:
    with pytest.raises(ValidationError, match="Nothing of this text can be seen"):
        clean_text(unseen)


def test_it_refuses_what_stands_for_broken_bytes() -> None:
    with pytest.raises(ValidationError, match="Character 2 could not be read"):
        clean_text("a\ufffdb")


@pytest.mark.parametrize("mark", "\u202a\u202d\u202e\u2066\u2068\u2069")
def test_no_text_holds_a_mark_that_turns_the_writing_round(mark: str) -> None:
    with pytest.raises(ValidationError, match=r"Character 10 .*turns the writing round"):
        clean_text(f"Ordinary {mark}txet neddih words")


@pytest.mark.parametrize("plain", ["می‌خواهم", "עברית \u200f(abc)", "👩‍🔬", "Café"])
def test_a_line_of_any_script_is_left_alone(plain: str) -> None:
    assert clean_text(plain) == plain


def test_line_ends_become_one_and_letters_are_composed() -> None:
    assert clean_text("a\r\nb\rc\x85d") == "a\nb\nc\nd"
    assert clean_text("e\u0301") == "\u00e9"


def test_cleaning_twice_changes_nothing() -> None:
    once = clean_text("A\u030a\r\n\r\n")
    assert clean_text(once) == once
