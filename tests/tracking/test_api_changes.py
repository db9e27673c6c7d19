"""Lists in the order of change: a copy that asks again and again has every row as it is, and none that is gone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from brics_tracker.accounts.models import User
from brics_tracker.core import api_changes
from brics_tracker.core.models import Member, MembershipSpell, Organisation, Theme
from brics_tracker.tracking.services import evidence, items, milestones, updates
from tests.factories import accounts as people
from tests.factories.core import make_member, make_organisation, make_theme
from tests.factories.mechanisms import make_mechanism
from tests.factories.tracking import (
    make_document,
    make_draft,
    make_evidence,
    make_item,
    make_milestone,
    make_system,
    publish_item,
)
from tests.growth import queries_of
from tests.openapi import check_answer
from tests.program import Program

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_once() -> Iterator[None]:
    """What was saved a moment ago counts as settled: nobody else writes in a test."""
    with patch.object(api_changes, "MARGIN", dt.timedelta(0)):
        yield


@pytest.fixture
def program(analyst: User) -> Program:
    return Program(analyst, "read")


class Copy:
    """A reader's copy of one list."""

    def __init__(self, program: Program, path: str, schema: str = "") -> None:
        self.program, self.path, self.schema = program, path, f"/api/v1/{schema or path}"
        self.cursor = ""
        self.rows: dict[Any, dict[str, Any]] = {}

    def catch_up(self, size: int = 3) -> list[Any]:
        """Ask until there is no more; the keys that came, in order."""
        came = []
        while True:
            answer = self.program.get(f"{self.path}?cursor={self.cursor}&page_size={size}")
            body = check_answer(answer, self.schema)
            for row in body["results"]:
                key = row.get("id") or row.get("reference") or row.get("code") or row.get("key") or row.get("number")
                self.rows[key] = row
                came.append(key)
            for key in body["gone"]:
                self.rows.pop(key, None)
            self.cursor = body["cursor"]
            if body["next"] is None:
                return came

    def is_whole(self, everything: str = "") -> bool:
        """Is it what the list itself answers now?"""
        there = self.program.get(f"{self.path}?page_size=500{everything}").json()["results"]
        return sorted(map(str, self.rows.values())) == sorted(map(str, there))


def test_every_list_is_followed_through_its_changes(analyst: User, administrator: User) -> None:
    """One reader with a copy of each list; after every act each copy is brought up to date and is whole."""
    people.make_grant(analyst, "reviewer")
    reader = people.make_user("judge", role="reviewer")
    program = Program(reader, "read")
    energy, brazil, council = make_theme("EN"), make_member("BR"), make_organisation("council")
    passages = list(make_document("article-2023").passages.all())
    item, other = make_item(theme=energy), make_item(theme=energy)
    mechanism = make_mechanism("Bank")
    step = make_milestone(item)
    hanging = f"proposals/{item.reference}"
    copies = [
        Copy(program, path, schema)
        for path, schema in {
            "proposals/": "", "mechanisms/": "", "items/": "", "updates/": "", "milestones/": "", "evidence/": "",
            "members/": "", "organisations/": "", "themes/": "", "documents/": "", "meetings/": "",
            "documents/article-2023/passages/": "documents/{key}/passages/",
            **{f"{hanging}/{name}/": f"proposals/{{reference}}/{name}/" for name in ("updates", "milestones", "evidence", "relations")},
        }.items()
    ]  # fmt: skip
    for copy in copies:
        copy.catch_up()
    made: dict[str, Any] = {}
    hidden = make_item(theme=energy, by=analyst, published=False)
    hidden_step = make_milestone(hidden)

    def spell() -> Any:
        entry = MembershipSpell(member=brazil, kind="member", started="2009", sources=[])
        entry.save()

    acts: dict[str, Any] = {
        "an item changes": lambda: items.edit_item(item, by=analyst, version=None, changes={"title": "New"}),
        "its citations": lambda: items.set_citations(item, passages[:1], by=analyst),
        "archived": lambda: items.archive_item(other, by=administrator, reason="Twice."),
        "a hidden item is published with its plan": lambda: publish_item(items.submit_item(_cited(hidden, passages, analyst), by=analyst)),
        "a draft": lambda: made.update(draft=make_draft(item, by=analyst)),
        "thrown away": lambda: updates.delete_draft(made["draft"], by=analyst),
        "a source with an update": lambda: made.update(
            update=make_draft(item, by=analyst), source=make_evidence(item, by=analyst)
        ),
        "joined": lambda: evidence.use_evidence(made["update"], made["source"], by=analyst),
        "handed in": lambda: updates.submit_update(made["update"], by=analyst),
        "published": lambda: updates.publish_update(made["update"], by=reader),
        "a step moves": lambda: milestones.edit_milestone(
            step, by=analyst, version=None, changes={"due": dt.date(2032, 1, 1)}, reason="Later."
        ),
        "a step dropped": lambda: milestones.drop_milestone(step, by=analyst, reason="No."),
        "a tie": lambda: made.update(tie=items.relate(item, mechanism.item, kind="part_of", by=make_system())),
        "undone": lambda: items.unrelate(made["tie"], by=make_system()),
        "a spell": spell,
        "an organisation": lambda: _rename(council),
        "a theme": lambda: _rename(energy),
        "a member": lambda: _rename(brazil),
        "a paragraph": lambda: _summarise(passages[0]),
    }  # fmt: skip
    for name, act in acts.items():
        act()
        for copy in copies:
            copy.catch_up()
            whole = "&archived=all" if copy.path in {"proposals/", "mechanisms/", "items/"} else ""
            assert copy.is_whole(whole), (name, copy.path)
    assert hidden_step.pk in next(copy for copy in copies if copy.path == "milestones/").rows
    assert next(copy for copy in copies if copy.path == "items/").rows[other.reference]["archived"]


def _cited(item: Any, passages: Any, by: User) -> Any:
    items.set_citations(item, passages, by=by)
    return item


def _rename(row: Member | Organisation | Theme) -> None:
    row.name += " (renamed)"
    row.save()


def _summarise(passage: Any) -> None:
    passage.summary = "In other words."
    passage.save()


def test_a_reader_without_rights_follows_what_becomes_public(reader: User, analyst: User, reviewer: User) -> None:
    """A source was there long before the update that makes it public: it comes then."""
    item = make_item()
    source = make_evidence(item, by=analyst)
    copy = Copy(Program(reader, "read"), "evidence/")
    assert copy.catch_up() == []
    make_evidence(make_item(), by=analyst)
    update = make_draft(item, by=analyst)
    evidence.use_evidence(update, source, by=analyst)
    assert copy.catch_up() == []
    updates.publish_update(updates.submit_update(update, by=analyst), by=reviewer)
    assert copy.catch_up() == [source.pk]
    draft = make_draft(item, by=analyst)
    drafts = Copy(Program(reader, "read"), "updates/")
    drafts.catch_up()
    updates.delete_draft(draft, by=analyst)
    answer = drafts.program.get(f"updates/?cursor={drafts.cursor}").json()
    assert (answer["gone"], answer["results"]) == ([], [])


def test_what_changed_since_a_moment(analyst: User) -> None:
    program = Program(analyst, "read")
    first = make_item()
    since = program.get(f"proposals/{first.reference}/").json()["updated_at"]
    make_item()
    body = check_answer(program.get(f"items/?updated_since={since}"), "/api/v1/items/")
    assert [row["reference"] for row in body["results"]] == ["EN-01", "EN-02"]
    tomorrow = (dt.date.today() + dt.timedelta(days=1)).isoformat()
    assert program.get(f"items/?updated_since={tomorrow}").json()["count"] == 0


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("cursor=x", "cursor"), ("cursor=-1", "cursor"), ("cursor=99999999999999999-1", None), ("cursor=1-", "cursor"),
        ("cursor=%D9%A1-1", "cursor"), ("updated_since=", "updated_since"), ("updated_since=soon", "updated_since"),
        ("updated_since=0001-01-01T00:00:00%2B14:00", "updated_since"), ("updated_since=2031-02-30", "updated_since"),
        ("updated_since=2031-01-01T00:00:00", "updated_since"), ("cursor=&theme=EN", "theme"), ("cursor=&page=2", "page"),
        ("cursor=&sort=title", "sort"), ("cursor=&updated_since=2031-01-01", "cursor"), ("cursor=&page_size=0", "page_size"),
        ("cursor=&x=1", "x"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_by_name(analyst: User, query: str, field: str | None) -> None:
    answer = Program(analyst, "read").get(f"items/?{query}")
    body = check_answer(answer, "/api/v1/items/", 400 if field else 200)
    assert field is None or field in body["errors"]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=12), size=st.integers(1, 4))
def test_whatever_changes_between_two_pages_the_copy_is_whole(
    program: Program, analyst: User, acts: list[tuple[int, bool]], size: int
) -> None:
    cursor = program.get("items/?cursor=&page_size=500").json()["cursor"]
    rows = [make_item() for _n in range(4)]
    copy: dict[str, int] = {}
    seen: list[tuple[str, int]] = []

    def page() -> bool:
        nonlocal cursor
        body = program.get(f"items/?cursor={cursor}&page_size={size}").json()
        cursor = body["cursor"]
        seen.extend((row["reference"], row["version"]) for row in body["results"])
        copy.update({row["reference"]: row["version"] for row in body["results"]})
        return body["next"] is not None

    for turn, (number, is_read) in enumerate(acts):
        items.edit_item(rows[number], by=analyst, version=None, changes={"title": f"Title {turn}"})
        if is_read:
            page()
    while page():
        pass
    for row in rows:
        row.refresh_from_db()
        assert copy[row.reference] == row.version
    assert len(seen) == len(set(seen)), "a row came twice as it was"


def test_its_queries_do_not_grow(analyst: User) -> None:
    program = Program(analyst, "read")
    for _n in range(2):
        make_item()
    few = queries_of(lambda: program.get("items/?cursor="))
    for _n in range(10):
        make_item()
    assert queries_of(lambda: program.get("items/?cursor=")) == few
