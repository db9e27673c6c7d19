"""Reports through the API."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from brics_tracker.accounts.models import User
from reports.models import Report, ReportDefinition, ReportFile, Snapshot
from tests.growth import queries_of
from tests.openapi import check_answer

pytestmark = pytest.mark.django_db
LIST = "/api/v1/reports/"


@pytest.fixture
def api(client: Client, reader: User) -> Client:
    client.force_login(reader)
    return client


def make_report(number: int, definition: str = "regular") -> Report:
    kind, _made = ReportDefinition.objects.get_or_create(
        key=definition, defaults={"title": definition.title(), "starts_on": dt.date(2030, 1, 1)}
    )
    start = dt.date(2030, 1, 7) + dt.timedelta(weeks=number)
    now = timezone.now() + dt.timedelta(minutes=number)
    report = Report.objects.create(
        definition=kind, number=f"2030-W{number:02}", period_start=start, period_end=start + dt.timedelta(days=6),
        cut_off=now, frozen_at=now,
    )  # fmt: skip
    Snapshot.objects.create(report=report, tables=[{"key": "themes", "rows": [[number]]}], sha256=f"{number:064}")
    ReportFile.objects.create(report=report, format="pdf", file=f"reports/{number}.pdf", size=9, sha256="b" * 64)
    return report


def test_newest_first_with_the_formats_each_exists_in(api: Client) -> None:
    make_report(1), make_report(2)
    newest, oldest = check_answer(api.get(LIST), LIST)["results"]
    assert (newest["number"], newest["definition"], newest["period_start"]) == ("2030-W02", "regular", "2030-01-21")
    assert [(each["format"], each["size"]) for each in newest["files"]] == [("pdf", 9)]
    assert oldest["url"] == f"http://testserver{LIST}2030-W01/"


def test_one_with_its_tables_and_a_tag_of_their_content(api: Client) -> None:
    make_report(1)
    response = api.get(f"{LIST}2030-W01/")
    body = check_answer(response, f"{LIST}{{number}}/")
    assert body["tables"] == [{"key": "themes", "rows": [[1]]}]
    assert response["ETag"] == f'"{1:064}"'


def test_by_definition(api: Client) -> None:
    make_report(1), make_report(2, "other")
    assert [row["number"] for row in api.get(f"{LIST}?definition=other").json()["results"]] == ["2030-W02"]
    assert list(api.get(f"{LIST}?definition=none").json()["errors"]) == ["definition"]


def test_its_queries_do_not_grow(api: Client) -> None:
    for number in range(2):
        make_report(number)
    few = queries_of(lambda: api.get(LIST))
    for number in range(2, 12):
        make_report(number)
    assert queries_of(lambda: api.get(LIST)) == few
