"""What pages are drawn with."""

import datetime as dt
import re

import pytest
import time_machine
from django.template import Context, Template
from django.utils import translation

from brics_tracker.core import marks
from brics_tracker.core.templatetags import ui
from brics_tracker.tracking.choices import Proof
from brics_tracker.tracking.workflow import WORKFLOWS, Status

TODAY = "2026-11-21T09:00:00Z"


def draw(source: str, **context: object) -> str:
    return Template("{% load ui %}" + source).render(Context(context))


def test_every_status_has_a_shape_a_word_and_a_colour() -> None:
    assert set(marks.STATUS_DISCS) == set(Status.values)
    for status in Status:
        drawn = ui.status_html(status.value)
        assert f"st-{status.value}" in drawn
        assert str(status.label) in drawn
        assert 'aria-hidden="true"' in drawn


@pytest.mark.parametrize("kind", WORKFLOWS)
def test_within_a_kind_no_two_statuses_look_alike_without_colour(kind: str) -> None:
    shapes = [marks.STATUS_DISCS[status] for status in WORKFLOWS[kind].statuses]
    assert len(shapes) == len(set(shapes))


def test_the_three_proofs_look_different() -> None:
    assert len({re.sub(r"pf-\w+|<span>.*", "", ui.proof_html(proof)) for proof in Proof.values}) == 3


def test_a_word_follows_the_language_of_the_page() -> None:
    with translation.override("en"):
        plain = ui.status_html("agreed")
    with translation.override("en-xa"):
        assert ui.status_html("agreed") != plain


@pytest.mark.parametrize(
    ("percent", "shown"), [(0, "0%"), (0.2, "1%"), (20.4, "20%"), (99.7, "99%"), (100, "100%"), (None, "—")]
)
def test_only_what_is_done_says_all_and_only_the_unbegun_says_none(percent: float | None, shown: str) -> None:
    assert shown in ui.bar_html(percent)
    assert ui.percent_text(percent) == shown


def test_no_data_is_said_and_is_not_zero() -> None:
    drawn = ui.bar_html(None)
    assert "no data" in drawn
    assert "0" not in drawn


@time_machine.travel(TODAY, tick=False)
@pytest.mark.parametrize(
    ("day", "words"),
    [
        ("2026-11-09", "12 days late"),
        ("2026-11-20", "1 day late"),
        ("2026-11-21", "today"),
        ("2026-12-05", "in 14 days"),
    ],
)
def test_what_is_due_says_by_how_much(day: str, words: str) -> None:
    assert words in ui.due_html(dt.date.fromisoformat(day))


@time_machine.travel(TODAY, tick=False)
def test_far_off_it_says_the_day_and_only_on_hover_the_distance() -> None:
    drawn = ui.due_html(dt.date(2027, 3, 31))
    assert "31 Mar 2027" in drawn
    assert 'title="in 130 days"' in drawn


def test_dates_known_to_the_month_or_year_stay_so() -> None:
    assert draw("{% partial_date d %}", d="2011-04") == '<time datetime="2011-04">April 2011</time>'
    assert draw("{% partial_date d %}", d="2011") == '<time datetime="2011">2011</time>'
    assert "no date" in draw("{% partial_date d %}", d="")


def test_an_item_a_row_and_a_bare_day_are_due_alike() -> None:
    class Item:
        next_due = dt.date(2031, 1, 2)

    drawn = {draw("{% due x %}", x=x) for x in (Item(), {"next_due": Item.next_due}, Item.next_due)}
    assert len(drawn) == 1


class TestText:
    def test_addresses_in_a_source_become_links_and_the_rest_is_text(self) -> None:
        drawn = ui.source_html("Press, see https://www.example.org/a?b=1&c=2. <b>Then</b> javascript:alert(1)")
        assert 'href="https://www.example.org/a?b=1&amp;c=2"' in drawn
        assert "&lt;b&gt;" in drawn
        assert 'href="javascript' not in drawn

    def test_marks_that_turn_text_round_are_shown(self) -> None:
        drawn = draw("{{ t|visible }}", t="pdf\u202egpj.exe <b>")
        assert "\u202e" not in drawn
        assert '<span class="control">RLO</span>' in drawn
        assert "&lt;b&gt;" in drawn

    def test_joiners_that_scripts_need_stay(self) -> None:
        assert "می\u200cخواهم" in draw("{{ t|visible }}", t="می\u200cخواهم")
