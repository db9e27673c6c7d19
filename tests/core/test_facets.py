"""Counts beside a list: each is what the list would count, whatever the filter, the person and the day."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.test import Client

from brics_tracker.accounts.exports import list_for
from brics_tracker.accounts.models import User
from brics_tracker.tracking.models import TrackedItem
from tests.factories.core import make_member, make_organisation, make_theme
from tests.factories.mechanisms import make_mechanism
from tests.factories.tracking import make_proposal
from tests.growth import queries_of
from tests.mechanisms.views.helpers import make_meeting

pytestmark = pytest.mark.django_db
STATUSES = ("proposed", "discussion", "agreed", "implementing", "stalled")


def counts(client: Client, address: str) -> list[Any]:
    """(facet, value) for each value shown at that address."""
    answer = client.get(address + ("&" if "?" in address else "?") + "facets=true", headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return [(facet, value) for facet in answer.context["facets"] for value in facet.values]


def count(address: str, person: User) -> int:
    """What the list at that address counts: its view as the export asks it, without drawing the page."""
    return list_for(person, address, "json").count()


def build(seed: int, analyst: User) -> None:
    """A register of a dozen items in which every facet has something to count."""
    chance = random.Random(seed)  # noqa: S311 - the same rows for the same seed
    pillars = [make_theme(code) for code in ("EN", "EC", "GO")]
    areas = [make_theme("EN-GRID", parent=pillars[0]), make_theme("EC-BANK", parent=pillars[1])]
    members = [make_member("BR"), make_member("CN"), make_member("ZA", kind="partner")]
    owners = [make_organisation(f"owner-{n}") for n in range(2)]
    today = dt.date.today()
    for n in range(12):
        proposal = make_proposal(
            title=f"Number {n}", theme=chance.choice(pillars + areas), themes=chance.sample(pillars + areas, 2),
            members=chance.sample(members, chance.randint(0, 2)), all_members=chance.random() < 0.3,
            owner=chance.choice([*owners, None]), kind=chance.choice(("goal", "commitment", "recommendation")),
            phase=chance.choice(("", "immediate", "long")), by=analyst if n < 2 else None, published=n >= 2,
        )  # fmt: skip
        TrackedItem.objects.filter(pk=proposal.item.pk).update(
            status=chance.choice(STATUSES), proof=chance.choice(("claimed", "documented", "verified")), slips=chance.randint(0, 3),
            next_due=chance.choice([None, today - dt.timedelta(days=3), today + dt.timedelta(days=9), today + dt.timedelta(days=90)]),
            stagnant_after=chance.choice([None, today - dt.timedelta(days=1), today + dt.timedelta(days=9)]),
        )  # fmt: skip
    for n in range(4):
        make_mechanism(
            f"Mechanism {n}", track=chance.choice(("leaders", "people")), kind=chance.choice(("bank", "fund"))
        )
        make_meeting(f"m-{n}", started=chance.choice(("2011-04", "2012", "")), chair=chance.choice([*members, None]))


FILTERS = (
    "", "status=agreed", "status=agreed&status=stalled", "theme=EN", "theme=EN-GRID", "member=BR", "member=ZA&overdue=true",
    "owner=none", "owner=owner-1&proof=verified", "stagnant=true&at_risk=true", "due=soon", "kind=goal&phase=immediate",
    "q=1", "stagnant=false", "review=draft", "lead_theme=EC&status=proposed",
)  # fmt: skip


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(2, 12))])
def test_each_count_is_what_its_link_shows(client: Client, analyst: User, reader: User, seed: int) -> None:
    """Over random rows and filters, of three lists, for who sees drafts of their own and who does not."""
    build(seed, analyst)
    checked = 0
    chosen = random.Random(seed).sample(FILTERS, 5)  # noqa: S311 - the same filters for the same seed
    for person in (analyst, reader):
        client.force_login(person)
        for address in [f"/proposals/?{query}" for query in chosen] + [
            "/mechanisms/?track=people", "/meetings/", "/meetings/?chair=BR&kind=other",
        ]:  # fmt: skip
            for facet, value in counts(client, address):
                checked += 1
                if not value.is_set:  # one that is set leads out of its filter
                    assert value.number == count(value.address, person), (person, address, facet.label, value)
    assert checked > 150


def test_a_facet_that_is_filtered_by_still_counts_its_other_values(client: Client, reader: User) -> None:
    for kind in ("goal", "goal", "commitment"):
        make_proposal(kind=kind)
    client.force_login(reader)
    kinds = {
        value.words: value for facet, value in counts(client, "/proposals/?kind=commitment") if facet.label == "Kind"
    }
    assert {words: value.number for words, value in kinds.items()} == {"goal": 2, "commitment": 1}
    assert kinds["commitment"].is_set
    assert "kind" not in parse_qs(urlsplit(kinds["commitment"].address).query)


def test_they_count_a_past_day_as_it_was(client: Client, reader: User) -> None:
    with time_machine.travel(dt.datetime(2025, 3, 1, 12, tzinfo=dt.UTC)):
        make_proposal(kind="goal")
    with time_machine.travel(dt.datetime(2025, 6, 1, 12, tzinfo=dt.UTC)):
        make_proposal(kind="goal")
    client.force_login(reader)
    [(_facet, then)] = [each for each in counts(client, "/proposals/?as_of=2025-04-01") if each[0].label == "Kind"]
    [(_facet, now)] = [each for each in counts(client, "/proposals/") if each[0].label == "Kind"]
    assert (then.number, now.number) == (1, 2)
    assert "as_of=2025-04-01" in then.address


def test_without_script_the_page_draws_them_itself(client: Client, reader: User) -> None:
    make_proposal(kind="goal")
    client.force_login(reader)
    page = client.get("/proposals/?facets=true").content.decode()
    assert "<html" in page
    assert "kind=goal" in page
    assert "facets=true" in client.get("/proposals/").content.decode()


def test_a_filter_that_cannot_be_read_counts_nothing(client: Client, reader: User) -> None:
    make_proposal()
    client.force_login(reader)
    assert counts(client, "/proposals/?status=done") == []


def test_they_take_no_more_queries_for_more_rows(client: Client, reader: User) -> None:
    client.force_login(reader)
    members = [make_member("BR"), make_member("CN")]
    costs = []
    for more in (2, 10):
        for _n in range(more):
            make_proposal(members=members, owner=make_organisation(), theme=make_theme("EN"))
        client.get("/proposals/?facets=true")
        costs.append(queries_of(lambda: client.get("/proposals/?status=proposed&facets=true")))
    assert costs[0] == costs[1]
