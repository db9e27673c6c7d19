"""What a person typed, as it is understood."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from brics_tracker.core.search.words import Query, read_query


def terms(query: Query) -> list[str]:
    """Each term as it would be typed."""
    return [f'"{term.text}"' if term.is_phrase else term.text + "*" * term.is_prefix for term in query.terms]


@pytest.mark.parametrize(
    ("typed", "understood"),
    [
        ("grain reserves", ["grain", "reserves"]),
        ('"rail corridors" energy', ['"rail corridors"', "energy"]),
        ("“rail corridors”", ['"rail corridors"']),
        ("«железные дороги» юань", ['"железные дороги"', "юань"]),
        ("post-pandemic and/or EC-07", ['"post pandemic"', '"EC 07"']),
        ("corrid* ab* x*", ["corrid*", "ab", "x"]),
        ("the ministry of trade", ["ministry", "trade"]),
        ("योजना", ["योजना"]),
        ("金砖国家", ["金砖国家"]),
        ("金", ["金"]),
    ],
)
def test_words_phrases_and_beginnings(typed: str, understood: list[str]) -> None:
    assert terms(read_query(typed)) == understood


@pytest.mark.parametrize(
    "typed",
    [
        "grain AND NOT reserves",
        "title:grain",
        "grain NEAR(x)",
        "grain & !rail | (x) <-> y:*",
        "grain'; DROP TABLE x;--",
    ],
)
def test_operators_of_a_database_are_nothing_but_words(typed: str) -> None:
    query = read_query(typed)
    assert all(letter.isalnum() or letter == " " for term in query.terms for letter in term.text)


def test_a_word_after_a_minus_must_not_be_there() -> None:
    query = read_query('rail -freight -"high speed" post-pandemic')
    assert terms(query) == ["rail", '"post pandemic"']
    assert [term.text for term in query.without] == ["freight", "high speed"]


def test_a_quotation_that_never_ends_goes_to_the_end() -> None:
    assert terms(read_query('energy "rail corridors')) == ["energy", '"rail corridors"']


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("x", "short"), ("5", "short"), ("the of", "common"), ('"to be"', "common"), ("-rail", "only_without"),
        ("— & *", "no_words"), ('""', "no_words"), ("-", "no_words"), ("_", "no_words"),
    ],
)  # fmt: skip
def test_nothing_to_look_for_is_said_in_words(typed: str, code: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        read_query(typed)
    assert refusal.value.code == code
    assert refusal.value.messages[0].endswith(".")


def test_widened_every_single_word_is_a_beginning() -> None:
    assert terms(read_query('corrid ab "rail lines" 金砖国家').widened()) == [
        "corrid*",
        "ab",
        '"rail lines"',
        "金砖国家",
    ]
