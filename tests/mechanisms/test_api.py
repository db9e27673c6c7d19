"""Mechanisms and meetings through the API."""

from typing import Any

import pytest
from django.test import Client

from brics_tracker.accounts.models import User
from brics_tracker.tracking.services import items
from mechanisms.models import Meeting, MeetingDate
from tests.factories.core import make_member, make_organisation
from tests.factories.mechanisms import make_mechanism
from tests.factories.tracking import make_system
from tests.growth import queries_of
from tests.openapi import check_answer

pytestmark = pytest.mark.django_db
MECHANISMS, MEETINGS = "/api/v1/mechanisms/", "/api/v1/meetings/"


@pytest.fixture
def api(client: Client, reader: User) -> Client:
    client.force_login(reader)
    return client


def make_meeting(key: str, **fields: Any) -> Meeting:
    values = {"title": f"Meeting {key}", "kind": "summit", "track": "leaders", **fields}
    meeting = Meeting.objects.create(key=key, **values)
    MeetingDate.objects.create(meeting=meeting, started="2011-04-14", source="One source", preferred=True)
    MeetingDate.objects.create(meeting=meeting, started="2011-04-13", source="Another source")
    return meeting


class TestMechanisms:
    def test_a_row_holds_what_the_contract_names(self, api: Client) -> None:
        whole, part = (
            make_mechanism("Whole"),
            make_mechanism("Part", acronym="P", founded="2014-07", body=make_organisation("p")),
        )
        items.relate(part.item, whole.item, kind="part_of", by=make_system())
        first, second = check_answer(api.get(MECHANISMS), MECHANISMS)["results"]
        assert (first["part_of"], first["founded"], first["body"]) == (None, None, None)
        assert {
            "reference": "M-002", "title": "Part", "acronym": "P", "kind": "ministerial", "status": "proposed", "founded": "2014-07",
            "track": "economy_finance", "body": "p", "part_of": "M-001", "members": ["BR"], "themes": ["EN"], "citations": [],
            "url": "http://testserver/api/v1/mechanisms/M-002/",
        }.items() <= second.items()  # fmt: skip
        assert check_answer(api.get(f"{MECHANISMS}M-002/"), f"{MECHANISMS}{{reference}}/") == second

    def test_a_hidden_whole_is_not_named(self, api: Client) -> None:
        hidden, part = make_mechanism("Hidden", published=False), make_mechanism("Part")
        items.relate(part.item, hidden.item, kind="part_of", by=make_system())
        (row,) = api.get(MECHANISMS).json()["results"]
        assert row["part_of"] is None

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("track=people", ["B"]), ("kind=fund", ["B"]), ("founded_from=2014", ["A"]), ("founded_to=2014", ["A", "B"]),
            ("founded_to=2014-06", ["B"]), ("founded_from=2010&founded_to=2012", ["B"]), ("status=proposed", ["A", "B", "C"]),
            ("sort=founded", ["B", "A", "C"]), ("sort=-title", ["C", "B", "A"]),
        ],
    )  # fmt: skip
    def test_filters_and_order(self, api: Client, query: str, found: list[str]) -> None:
        make_mechanism("A", founded="2014-07")
        make_mechanism("B", founded="2011", track="people", kind="fund")
        make_mechanism("C")
        assert [row["title"] for row in check_answer(api.get(f"{MECHANISMS}?{query}"), MECHANISMS)["results"]] == found

    @pytest.mark.parametrize(
        "query", ["founded_from=2014-13", "founded_to=yesterday", "track=x", "status=agreed&status=implementing"]
    )
    def test_a_wrong_value_is_refused_at_its_name(self, api: Client, query: str) -> None:
        body = check_answer(api.get(f"{MECHANISMS}?{query}"), MECHANISMS, 400)
        assert list(body["errors"]) == [query.partition("=")[0]]

    @pytest.mark.parametrize("hanging", ["updates", "milestones", "evidence", "relations", "statuses", "history"])
    def test_what_hangs_on_one(self, api: Client, hanging: str) -> None:
        make_mechanism()
        check_answer(api.get(f"{MECHANISMS}M-001/{hanging}/"), f"{MECHANISMS}{{reference}}/{hanging}/")

    def test_its_queries_do_not_grow(self, api: Client) -> None:
        whole = make_mechanism("Whole")
        items.relate(make_mechanism("Part").item, whole.item, kind="part_of", by=make_system())
        few = queries_of(lambda: api.get(MECHANISMS))
        for number in range(10):
            items.relate(make_mechanism(f"Part {number}").item, whole.item, kind="part_of", by=make_system())
        assert queries_of(lambda: api.get(MECHANISMS)) == few


class TestMeetings:
    def test_two_sources_that_disagree_are_both_shown(self, api: Client) -> None:
        make_meeting("third", number=3, started="2011-04-14", chair=make_member("CN"), mechanism=make_mechanism())
        (row,) = check_answer(api.get(MEETINGS), MEETINGS)["results"]
        assert (row["number"], row["started"], row["chair"], row["mechanism"]) == (3, "2011-04-14", "CN", "M-001")
        assert [(date["source"], date["preferred"]) for date in row["dates"]] == [
            ("One source", True),
            ("Another source", False),
        ]
        assert check_answer(api.get(f"{MEETINGS}third/"), f"{MEETINGS}{{key}}/") == row

    def test_a_hidden_mechanism_is_not_named(self, api: Client) -> None:
        make_meeting("first", mechanism=make_mechanism(published=False))
        assert api.get(MEETINGS).json()["results"][0]["mechanism"] is None
        assert list(api.get(f"{MEETINGS}?mechanism=M-001").json()["errors"]) == ["mechanism"]

    def test_filters(self, api: Client) -> None:
        make_meeting("a", started="2011-04-14", chair=make_member("CN"), mechanism=make_mechanism())
        make_meeting("b", started="2012", kind="forum", track="people", place="New Delhi")
        for query in ("year=2012", "kind=forum", "track=people", "q=delhi"):
            assert [row["key"] for row in api.get(f"{MEETINGS}?{query}").json()["results"]] == ["b"]
        for query in ("year=2011", "chair=CN", "mechanism=M-001"):
            assert [row["key"] for row in api.get(f"{MEETINGS}?{query}").json()["results"]] == ["a"]

    @pytest.mark.parametrize(
        "query", ["year=11", "year=99999999999999999999", "year=x", "chair=XX", "mechanism=M-9", "kind=party"]
    )
    def test_a_wrong_value_is_refused_at_its_name(self, api: Client, query: str) -> None:
        body = check_answer(api.get(f"{MEETINGS}?{query}"), MEETINGS, 400)
        assert list(body["errors"]) == [query.partition("=")[0]]

    def test_its_queries_do_not_grow(self, api: Client) -> None:
        mechanism = make_mechanism()
        for number in range(2):
            make_meeting(f"m{number}", mechanism=mechanism)
        few = queries_of(lambda: api.get(MEETINGS))
        for number in range(2, 12):
            make_meeting(f"m{number}", mechanism=mechanism)
        assert queries_of(lambda: api.get(MEETINGS)) == few
