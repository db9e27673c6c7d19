"""Proposals through the API: what a row holds, who sees which, what it costs."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from brics_tracker.accounts.models import User
from brics_tracker.tracking.models import TrackedItem
from proposals.models import Proposal
from tests.factories.accounts import make_user
from tests.factories.core import make_member, make_organisation, make_theme
from tests.factories.tracking import make_document, make_proposal
from tests.growth import queries_of
from tests.openapi import check_answer

pytestmark = pytest.mark.django_db
LIST = "/api/v1/proposals/"


@pytest.fixture
def api(client: Client, reader: User) -> Client:
    client.force_login(reader)
    return client


def references(client: Client, query: str = "") -> list[str]:
    return [row["reference"] for row in check_answer(client.get(f"{LIST}?{query}"), LIST)["results"]]


def rich_proposal(**fields: Any) -> Proposal:
    document = make_document("article-2030")
    return make_proposal(
        kind="goal", theme=make_theme("EN"), themes=[make_theme("EC")], members=[make_member("CN"), make_member("BR")],
        owner=make_organisation(), supporters=[make_organisation()], phase="long", target_date="2030-06",
        passages=[document.passages.get(number=3), document.passages.get(number=1)], **fields,
    )  # fmt: skip


def test_a_row_holds_what_the_contract_names(api: Client) -> None:
    proposal = rich_proposal(title="Build", summary="Why.")
    day = dt.date.today() - dt.timedelta(days=3)
    TrackedItem.objects.filter(pk=proposal.pk).update(next_due=day, percent="12.50", slips=2)
    (row,) = check_answer(api.get(LIST), LIST)["results"]
    item = TrackedItem.objects.get(pk=proposal.pk)
    assert item.owner is not None
    assert {
        "reference": "EN-01", "title": "Build", "summary": "Why.", "kind": "goal", "status": "proposed", "proof": "claimed",
        "percent": 12.5, "phase": "long", "priority": "normal", "lead_theme": "EN", "themes": ["EC", "EN"],
        "owner": item.owner.key, "owner_confirmed": False, "supporters": [item.supporters.get().key], "members": ["BR", "CN"],
        "start_date": None, "target_date": "2030-06", "next_due": day.isoformat(), "overdue": True, "stagnant": False,
        "at_risk": True, "version": item.version, "review_state": "published", "archived": False,
        "citations": [{"document": "article-2030", "paragraph": 1}, {"document": "article-2030", "paragraph": 3}],
        "url": "http://testserver/api/v1/proposals/EN-01/", "page_url": "http://testserver/proposals/EN-01/",
    }.items() <= row.items()  # fmt: skip


def test_no_data_is_null_and_never_zero(api: Client) -> None:
    make_proposal()
    (row,) = api.get(LIST).json()["results"]
    assert [row[name] for name in ("percent", "phase", "owner", "target_date", "next_due")] == [None] * 5


def test_all_members_are_those_of_today(api: Client) -> None:
    make_member("BR"), make_member("ZA", until="2020-01-01")
    make_proposal(all_members=True)
    (row,) = api.get(LIST).json()["results"]
    assert (row["all_members"], row["members"]) == (True, ["BR"])


def test_one_is_its_row_of_the_list_with_an_etag_that_follows_its_version(api: Client) -> None:
    proposal = rich_proposal()
    response = api.get(f"{LIST}EN-01/")
    body = check_answer(response, f"{LIST}{{reference}}/")
    assert [body] == api.get(LIST).json()["results"]
    assert response["ETag"] == f'"{proposal.item.version}"'


class TestWhoSeesWhich:
    def test_a_draft_is_seen_by_its_author_and_overseers_in_scope_alone(self, client: Client, analyst: User) -> None:
        make_proposal(by=analyst, published=False, theme=make_theme("EN"))
        elsewhere = make_user(role="reviewer", themes=[make_theme("EC")])
        for person, sees in (
            (analyst, True), (make_user(role="reviewer"), True), (make_user(role="administrator"), True),
            (make_user(), False), (make_user(role="analyst"), False), (elsewhere, False),
        ):  # fmt: skip
            client.force_login(person)
            assert references(client) == (["EN-01"] if sees else [])
            assert client.get(LIST).json()["count"] == int(sees)
            assert client.get(f"{LIST}EN-01/").status_code == (200 if sees else 404)
            for hanging in ("updates", "milestones", "evidence", "relations", "statuses", "history"):
                assert client.get(f"{LIST}EN-01/{hanging}/").status_code == (200 if sees else 404)

    def test_a_mechanism_is_not_found_among_proposals(self, api: Client) -> None:
        make_proposal()
        assert api.get("/api/v1/mechanisms/EN-01/").status_code == 404
        assert api.get("/api/v1/mechanisms/EN-01/updates/").status_code == 404

    @pytest.mark.parametrize("reference", ["EN-99", "en-01", "EN-01x", "x" * 500, "%00", "EN-01'--"])
    def test_a_reference_that_is_none_is_404(self, api: Client, reference: str) -> None:
        make_proposal()
        response = api.get(f"{LIST}{reference}/")
        assert response.status_code == (400 if reference == "%00" else 404)
        assert response["Content-Type"] == "application/problem+json"


class TestFiltersAndOrder:
    def test_the_filters_are_those_of_the_page(self, api: Client) -> None:
        make_proposal(theme=make_theme("EN"), kind="goal")
        make_proposal(theme=make_theme("EC"))
        assert references(api, "theme=EN") == references(api, "kind=goal&status=proposed&status=agreed") == ["EN-01"]
        assert references(api, "owner=none&q=proposal") == ["EC-01", "EN-01"]

    @pytest.mark.parametrize(
        "query",
        [
            "status=done",
            "theme=ZZ",
            "overdue=perhaps",
            "paragraph=x",
            "related=EN-99",
            "kind=goal&kind=founding",
            "sort=-",
        ],
    )
    def test_a_wrong_value_is_refused_at_its_name(self, api: Client, query: str) -> None:
        body = check_answer(api.get(f"{LIST}?{query}"), LIST, 400)
        assert list(body["errors"]) == [query.partition("=")[0]]

    def test_order_either_way_with_the_empty_last(self, api: Client) -> None:
        for title, due in (("a", None), ("b", "2030-01-01"), ("c", "2029-01-01")):
            proposal = make_proposal(title=title)
            TrackedItem.objects.filter(pk=proposal.pk).update(next_due=due)
        assert references(api, "sort=next_due") == ["EN-03", "EN-02", "EN-01"]
        assert references(api, "sort=-next_due") == ["EN-02", "EN-03", "EN-01"]

    def test_references_are_ordered_by_number_not_by_letters(self, api: Client) -> None:
        for _n in range(3):
            make_proposal()
        TrackedItem.objects.filter(reference="EN-02").update(reference="EN-100", reference_number=100)
        assert references(api) == ["EN-01", "EN-03", "EN-100"]


def test_its_queries_do_not_grow(api: Client) -> None:
    for _n in range(2):
        rich_proposal()
    few = queries_of(lambda: api.get(LIST))
    for _n in range(10):
        rich_proposal()
    # session, user, grants, count, rows, what is linked to them, and what the many share (themes) by name
    assert queries_of(lambda: api.get(LIST)) == few == 7
