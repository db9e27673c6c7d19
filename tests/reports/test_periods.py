"""Periods follow each other without gap or overlap, at year's end and in leap years too."""

import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.choices import Period
from reports.periods import DAY, ended_periods, last_ended_period, period_containing

kinds = st.sampled_from(Period.values)
days = st.dates(dt.date(1990, 1, 1), dt.date(2150, 12, 31))


@pytest.mark.parametrize(
    ("kind", "day", "label", "start", "end"),
    [
        ("week", "2026-11-22", "2026-W47", "2026-11-16", "2026-11-22"),
        ("week", "2026-11-23", "2026-W48", "2026-11-23", "2026-11-29"),
        # ISO weeks belong to the year of their Thursday.
        ("week", "2027-01-01", "2026-W53", "2026-12-28", "2027-01-03"),
        ("week", "2024-12-30", "2025-W01", "2024-12-30", "2025-01-05"),
        ("week", "2023-01-01", "2022-W52", "2022-12-26", "2023-01-01"),
        ("month", "2028-02-29", "2028-02", "2028-02-01", "2028-02-29"),
        ("month", "2027-02-10", "2027-02", "2027-02-01", "2027-02-28"),
        ("month", "2026-11-30", "2026-11", "2026-11-01", "2026-11-30"),
        ("quarter", "2028-03-31", "2028-Q1", "2028-01-01", "2028-03-31"),
        ("quarter", "2026-12-31", "2026-Q4", "2026-10-01", "2026-12-31"),
        ("year", "2028-02-29", "2028", "2028-01-01", "2028-12-31"),
    ],
)
def test_a_day_lies_in_its_period(kind: str, day: str, label: str, start: str, end: str) -> None:
    span = period_containing(kind, dt.date.fromisoformat(day))
    assert (span.label, span.start.isoformat(), span.end.isoformat()) == (label, start, end)


@given(kinds, days)
def test_every_day_lies_in_one_period_and_periods_touch(kind: str, day: dt.date) -> None:
    span = period_containing(kind, day)
    assert span.start <= day <= span.end
    assert period_containing(kind, span.start) == span == period_containing(kind, span.end)
    assert span.next.start == span.end + DAY
    assert span.next.previous == span
    assert span.cut_off == span.next.began_at


@given(kinds, days, days)
def test_two_periods_share_a_label_only_when_they_are_the_same(kind: str, one: dt.date, other: dt.date) -> None:
    first, second = period_containing(kind, one), period_containing(kind, other)
    assert (first.label == second.label) == (first == second)


@given(days)
def test_a_week_is_labelled_as_the_calendar_of_iso_says(day: dt.date) -> None:
    year, week, _weekday = day.isocalendar()
    assert period_containing("week", day).label == f"{year}-W{week:02d}"


@given(kinds, st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2150, 1, 1), timezones=st.just(dt.UTC)))
def test_the_last_ended_period_is_over_and_the_next_is_not(kind: str, moment: dt.datetime) -> None:
    span = last_ended_period(kind, moment)
    assert span.cut_off <= moment < span.next.cut_off


def test_a_moment_counts_in_utc_wherever_the_clock_stands() -> None:
    # Monday morning in Beijing is still Sunday in UTC.
    beijing = dt.timezone(dt.timedelta(hours=8))
    assert last_ended_period("week", dt.datetime(2026, 11, 23, 7, tzinfo=beijing)).label == "2026-W46"
    assert last_ended_period("week", dt.datetime(2026, 11, 23, 8, tzinfo=beijing)).label == "2026-W47"


@given(kinds, st.datetimes(dt.datetime(2000, 1, 1), dt.datetime(2100, 1, 1), timezones=st.just(dt.UTC)), days)
def test_missed_periods_come_oldest_first_and_bounded(kind: str, moment: dt.datetime, starts_on: dt.date) -> None:
    spans = ended_periods(kind, moment, starts_on=starts_on, at_most=8)
    assert len(spans) <= 8
    assert all(span.start >= starts_on and span.cut_off <= moment for span in spans)
    assert all(later == earlier.next for earlier, later in pairwise(spans))
    if spans:
        assert spans[-1] == last_ended_period(kind, moment)


def test_an_unknown_period_is_refused() -> None:
    with pytest.raises(ValueError, match="fortnight"):
        period_containing("fortnight", dt.date(2026, 1, 1))
