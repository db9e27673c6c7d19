"""The figures of a report: as the register stood at the cut-off, whatever has been done since."""

import datetime as dt
import random
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from brics_tracker.accounts.models import User
from brics_tracker.tracking.models import StatusChange, TrackedItem
from brics_tracker.tracking.services import items, milestones, updates
from brics_tracker.tracking.workflow import DROPPED
from reports.builders import items as item_lists
from reports.builders import updates as update_lists
from reports.builders.tables import ThemeRow
from reports.builders.themes import mean_of
from tests.factories.accounts import make_user
from tests.factories.core import make_organisation, make_theme
from tests.factories.tracking import make_evidence, make_item, make_milestone, make_system, make_update

from .builders import MONDAY, WEDNESDAY, WEEK, build_tables

pytestmark = pytest.mark.django_db
BEFORE = WEDNESDAY - dt.timedelta(days=20)


def theme_row(code: str, **options: Any) -> ThemeRow:
    tables, _states = build_tables(**options)
    return next(row for row in tables.themes["proposal"] if row.code == code)


def references(listing: Any) -> list[str]:
    return [row.reference for row in listing.rows]


# --- status by theme ------------------------------------------------------------------------------


def test_each_item_is_counted_once_under_the_root_of_its_lead_theme() -> None:
    trade, root, other = make_theme("TC-TRADE", parent=make_theme("TC")), make_theme("TC"), make_theme("EC")
    with time_machine.travel(WEDNESDAY):
        make_item(theme=trade, themes=[root, other])
        make_item(theme=other)
    tables, _states = build_tables()
    assert [(row.code, row.total) for row in tables.themes["proposal"]] == [("EC", 1), ("TC", 1)]
    assert tables.totals.items == {"proposal": 2}
    assert tables.overall["proposal"].total == 2


def test_no_data_is_not_zero_and_dropped_items_stay_out_of_the_mean() -> None:
    with time_machine.travel(WEDNESDAY):
        for percent in (None, Decimal(0), Decimal("33.33")):
            item = make_item()
            if percent is not None:
                make_update(item, percent_claimed=percent)
        rejected = make_item()
        make_update(rejected, status_claimed="rejected", percent_claimed=Decimal("90"))
    row = theme_row("EN")
    assert (row.total, row.counted, row.with_data) == (4, 3, 2)
    assert row.mean == 16.7
    assert row.statuses["rejected"] == 1


def test_a_theme_without_data_has_no_mean() -> None:
    with time_machine.travel(WEDNESDAY):
        make_item()
    row = theme_row("EN")
    assert (row.mean, row.with_data) == (None, 0)


@given(st.lists(st.integers(0, 10_000)))
def test_a_mean_is_the_plain_mean_half_up(hundredths: list[int]) -> None:
    mean = mean_of(sum(hundredths), len(hundredths))
    if not hundredths:
        assert mean is None
    else:
        # In tenths of a percent, by whole numbers alone.
        tenths = (2 * sum(hundredths) + 10 * len(hundredths)) // (20 * len(hundredths))
        assert mean == tenths / 10


def test_figures_equal_a_plain_statement_over_random_items(seeded_register: list[TrackedItem]) -> None:
    tables, _states = build_tables()
    shown = {change.item_id: change for change in StatusChange.objects.filter(until=None)}
    for row in tables.themes["proposal"]:
        mine = [item for item in seeded_register if item.lead_theme.code == row.code]
        states = [shown[item.pk] for item in mine]
        percents = [s.percent for s in states if s.percent is not None and s.status not in DROPPED]
        assert row.total == len(mine)
        assert row.with_data == len(percents)
        assert row.counted == sum(s.status not in DROPPED for s in states)
        assert row.verified == sum(s.proof == "verified" for s in states)
        assert row.statuses == {status: sum(s.status == status for s in states) for status in row.statuses}
        if percents:
            assert row.mean == pytest.approx(float(sum(percents)) / len(percents), abs=0.05001)


@pytest.fixture
def seeded_register() -> list[TrackedItem]:
    chance = random.Random(20261123)  # noqa: S311 - a seed, no secret
    author, reviewer = make_user(role="analyst"), make_user(role="reviewer")
    made = []
    with time_machine.travel(WEDNESDAY):
        for _n in range(24):
            item = make_item(theme=make_theme(chance.choice(["EN", "EC", "GR"])))
            if chance.random() < 0.7:
                make_update(
                    item, by=author, reviewer=reviewer, sources=chance.choice([0, 1]), checked=False,
                    percent_claimed=Decimal(chance.randrange(10_000)) / 100,
                )  # fmt: skip
            if chance.random() < 0.3:
                status = chance.choice(["discussion", "implementing", "rejected", "superseded", "stalled"])
                make_update(item, by=author, reviewer=reviewer, sources=1, checked=True, status_claimed=status)
            made.append(item)
    return made


def test_a_report_of_some_themes_holds_only_items_led_by_them() -> None:
    root = make_theme("TC")
    with time_machine.travel(WEDNESDAY):
        inside = make_item(theme=make_theme("TC-TRADE", parent=root))
        make_item(theme=make_theme("EC"), themes=[root])
    tables, states = build_tables(themes=[root])
    assert references(tables.new) == [inside.reference] == list(states)


# --- as of the cut-off ----------------------------------------------------------------------------


def test_a_late_run_gives_the_figures_of_a_punctual_one(analyst: User, reviewer: User) -> None:
    with time_machine.travel(BEFORE):
        item, other = make_item(), make_item()
        step = make_milestone(item, due=dt.date(2026, 11, 10))
        make_milestone(other, due=dt.date(2026, 12, 10), title="Second reading")
    with time_machine.travel(WEDNESDAY):
        moved = make_update(item, by=analyst, reviewer=reviewer, status_claimed="discussion")
        make_update(other, by=analyst, reviewer=reviewer, text="Nothing much.")
    with time_machine.travel(MONDAY):
        punctual = build_tables()
    with time_machine.travel(MONDAY + dt.timedelta(days=40)):
        updates.retract_update(moved, by=reviewer, reason="mistaken")
        make_update(other, by=analyst, reviewer=reviewer, status_claimed="implementing")
        milestones.edit_milestone(
            step, by=analyst, version=None, changes={"due": dt.date(2027, 3, 1)}, reason="the meeting was put off"
        )
        make_item()
        items.archive_item(other, by=make_user(role="administrator"), reason="doubled")
        late = build_tables()
    row = punctual[0].published.rows[0]
    assert (row.status_before, row.status_after) == ("proposed", "discussion")
    # What was known only later is marked in the one place where it must be; all figures are the same.
    assert late[0].published.rows[0].retracted_since
    object.__setattr__(late[0].published.rows[0], "retracted_since", False)
    assert late == punctual
    assert references(punctual[0].overdue) == [item.reference]
    assert punctual[0].milestones.rows[0].milestone == "Second reading"


def test_what_no_record_is_kept_of_is_said_to_be_unknown(analyst: User) -> None:
    with time_machine.travel(BEFORE):
        item = make_item()
        make_milestone(item, due=dt.date(2026, 11, 10))
    with time_machine.travel(MONDAY + dt.timedelta(days=1)):
        items.edit_item(item, by=analyst, version=None, changes={"title": "Another title"})
        item.history.filter(history_date__lt=MONDAY).delete()
        tables, _states = build_tables()
    assert tables.totals.unknown_dates == 1
    assert tables.overdue.total == 0


def test_the_moment_of_the_cut_off_belongs_to_the_next_period() -> None:
    with time_machine.travel(WEEK.cut_off, tick=False):
        make_item()
    assert build_tables()[0].totals.items == {}
    assert build_tables(WEEK.next)[0].totals.new == 1


# --- published ------------------------------------------------------------------------------------


def test_an_update_stands_with_its_step_proof_and_open_sources(analyst: User, reviewer: User) -> None:
    with time_machine.travel(BEFORE):
        item = make_item(title="Link the grids")
        make_update(item, by=analyst, reviewer=reviewer, percent_claimed=Decimal("20"))
    with time_machine.travel(WEDNESDAY):
        update = make_update(item, by=analyst, state="draft", status_claimed="agreed", text="They **signed** <b>it</b>.",
                             happened="2026-11", percent_claimed=Decimal("40"))  # fmt: skip
        make_evidence(item, by=analyst, update=update)
        make_evidence(item, by=analyst, update=update, confidential=True)
        updates.submit_update(update, by=analyst)
        updates.publish_update(update, by=reviewer, evidence_checked=True)
    row = build_tables()[0].published.rows[0]
    assert (row.reference, row.title, row.happened) == (item.reference, "Link the grids", "2026-11")
    assert (row.status_before, row.status_after) == ("proposed", "agreed")
    assert (row.percent_before, row.percent_after) == (20.0, 40.0)
    assert (row.proof, row.evidence) == ("verified", 1)
    assert row.link == f"/proposals/{item.reference}/#update-{update.pk}"
    assert "They signed" in row.text
    assert "**" not in row.text


def test_what_is_not_published_or_was_taken_back_in_time_is_not_listed(analyst: User, reviewer: User) -> None:
    with time_machine.travel(BEFORE):
        item = make_item()
        make_update(item, by=analyst, reviewer=reviewer, text="Before the period.")
    with time_machine.travel(WEDNESDAY):
        make_update(item, by=analyst, state="submitted", text="Not yet read.")
        make_item(published=False)
        gone = make_update(item, by=analyst, reviewer=reviewer, text="Wrong.")
        updates.retract_update(gone, by=reviewer, reason="another bank was meant")
    tables, _states = build_tables()
    assert tables.published.total == 0
    assert [row.reason for row in tables.retracted.rows] == ["another bank was meant"]
    assert tables.totals.new == 0


def test_late_news_that_moved_nothing_shows_no_step(analyst: User, reviewer: User) -> None:
    with time_machine.travel(BEFORE):
        item = make_item()
        make_update(item, by=analyst, reviewer=reviewer, status_claimed="implementing", happened="2026-05")
    with time_machine.travel(WEDNESDAY):
        make_update(item, by=analyst, reviewer=reviewer, status_claimed="discussion", happened="2025")
    row = build_tables()[0].published.rows[0]
    assert (row.status_before, row.status_after) == ("", "")


def test_a_correction_and_no_change_are_marked(analyst: User, reviewer: User) -> None:
    with time_machine.travel(BEFORE):
        item = make_item()
        first = make_update(item, by=analyst, reviewer=reviewer)
    with time_machine.travel(WEDNESDAY):
        second = updates.create_update(
            item, by=analyst, fields={"text": "Rather so.", "happened": "2026-10-28"}, corrects=first
        )
        updates.submit_update(second, by=analyst)
        updates.publish_update(second, by=reviewer)
        still = updates.report_no_change(item, by=analyst)
        updates.publish_update(still, by=reviewer)
    tables, _states = build_tables()
    assert {(row.corrects, row.no_change) for row in tables.published.rows} == {(True, False), (False, True)}
    assert (tables.totals.published, tables.totals.no_change) == (2, 1)


def test_entries_of_the_catalogue_on_new_items_are_counted_not_listed() -> None:
    system = make_system()
    with time_machine.travel(WEDNESDAY):
        make_update(make_item(), by=system, reviewer=system, text="What the article reports.")
    tables, _states = build_tables()
    assert (tables.totals.opening, tables.published.total, tables.new.total) == (1, 0, 1)


# --- late, still, next ----------------------------------------------------------------------------


def test_overdue_names_the_milestone_that_is_waited_for_and_its_owner(analyst: User) -> None:
    bank, ministry = make_organisation("bank"), make_organisation("ministry")
    with time_machine.travel(BEFORE):
        item = make_item(owner=ministry)
        make_milestone(item, title="Sign the charter", due=dt.date(2026, 11, 22), owner=bank)
        make_milestone(item, title="Open the office", due=dt.date(2026, 12, 1))
        dated = make_item(owner=ministry, target_date="2026-10")
        make_item(target_date="2027")
    late = {row.reference: row for row in build_tables()[0].overdue.rows}
    # Due on the last day of the week and not done by its end: one day late.
    assert (late[item.reference].milestone, late[item.reference].days) == ("Sign the charter", 1)
    assert late[item.reference].owner == bank.name
    assert (late[dated.reference].milestone, late[dated.reference].days) == ("", 23)
    assert late[dated.reference].owner == ministry.name
    assert len(late) == 2


def test_next_milestones_are_confirmed_open_and_within_90_days(analyst: User, reviewer: User) -> None:
    with time_machine.travel(BEFORE):
        item, closed = make_item(), make_item()
        soon = make_milestone(item, due=dt.date(2026, 11, 23))
        make_milestone(item, due=dt.date(2027, 2, 22))
        make_milestone(item, due=dt.date(2027, 2, 21), title="On the last day")
        make_milestone(item)
        make_milestone(closed, due=dt.date(2026, 12, 1))
        make_update(closed, by=analyst, reviewer=reviewer, status_claimed="rejected")
    rows = build_tables()[0].milestones.rows
    assert [row.milestone for row in rows] == [soon.title, "On the last day"]
    assert [row.days for row in rows] == [0, 90]


def test_stagnant_says_how_long_it_has_been_quiet(analyst: User, reviewer: User) -> None:
    with time_machine.travel(WEDNESDAY - dt.timedelta(days=100)):
        still, alive = make_item(rhythm_days=60), make_item(rhythm_days=60)
    with time_machine.travel(BEFORE):
        make_update(alive, by=analyst, reviewer=reviewer)
    rows = build_tables()[0].stagnant.rows
    assert references(build_tables()[0].stagnant) == [still.reference]
    assert (rows[0].days, rows[0].quiet_days) == (45, 105)


# --- bounds ---------------------------------------------------------------------------------------


def test_lists_stop_at_their_limit_and_say_the_true_total(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(item_lists, "LIMIT", 2)
    monkeypatch.setattr(update_lists, "LIMIT", 2)
    author, reviewer = make_user(role="analyst"), make_user(role="reviewer")
    with time_machine.travel(WEDNESDAY):
        for _n in range(5):
            make_update(make_item(), by=author, reviewer=reviewer)
    tables, _states = build_tables()
    assert (tables.new.total, len(tables.new.rows)) == (5, 2)
    assert (tables.published.total, len(tables.published.rows)) == (5, 2)


def test_the_number_of_queries_does_not_grow() -> None:
    author, reviewer = make_user(role="analyst"), make_user(role="reviewer")

    def asked(number: int) -> int:
        with time_machine.travel(WEDNESDAY):
            for _n in range(number):
                item = make_item(target_date="2026-10")
                make_milestone(item, due=dt.date(2026, 12, 1))
                make_update(item, by=author, reviewer=reviewer, sources=1, status_claimed="discussion")
        with CaptureQueriesContext(connection) as queries:
            build_tables(previous=("2026-W46-01", {"EN-01": ["proposal", "proposed", 0]}))
        return len(queries)

    assert asked(2) == asked(10)
