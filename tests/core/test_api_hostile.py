"""Every parameter of every list with values that no client should send: an answer as described, never a fault."""

from urllib.parse import urlencode

import pytest
from django.test import Client

from brics_tracker.accounts.models import User
from brics_tracker.api import schema
from tests.factories.core import make_member, make_theme
from tests.factories.tracking import make_document, make_item
from tests.openapi import check_answer

pytestmark = pytest.mark.django_db
LISTS = [path for path, methods in schema()["paths"].items() if "{" not in path and "get" in methods]
READ = [path for path, methods in schema()["paths"].items() if "get" in methods]
HANGING = [path for path in READ if path.startswith("/api/v1/proposals/{reference}/")]
HOSTILE = (
    "", "x" * 5000, "'; DROP TABLE core_theme; --", "%_\\", "-1", "9" * 30, "٣", "²", "None", "[]", "\u202eevil", "İ",
    "<script>alert(1)</script>", "../../etc/passwd", "2011-02-30", "\U0001f600",
)  # fmt: skip


@pytest.fixture
def api(client: Client, analyst: User) -> Client:
    make_item(theme=make_theme("EN"), members=[make_member("BR")], passages=list(make_document().passages.all()))
    client.force_login(analyst)
    client.raise_request_exception = True
    return client


@pytest.mark.parametrize("path", [*LISTS, *HANGING])
def test_the_answer_is_as_described(api: Client, path: str) -> None:
    address = path.replace("{reference}", "EN-01")
    for parameter in schema()["paths"][path]["get"].get("parameters", []):
        if parameter["in"] == "path":
            continue
        for value in HOSTILE:
            response = api.get(f"{address}?{urlencode({parameter['name']: value})}")
            assert response.status_code in {200, 400, 404}, (parameter["name"], value, response.status_code)
            check_answer(response, path, response.status_code)


@pytest.mark.parametrize("path", [*LISTS, *HANGING])
@pytest.mark.parametrize("query", ["q=%00", "page=%00", "%00=1", "q=%1b", "sort=%07", "q=%c2%84"])
def test_broken_text_is_refused_before_it_reaches_the_database(api: Client, path: str, query: str) -> None:
    response = api.get(f"{path.replace('{reference}', 'EN-01')}?{query}")
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("value", HOSTILE)
def test_a_name_in_an_address_is_found_or_not(api: Client, value: str) -> None:
    for path in READ:
        if "{" in path:
            name = path[path.index("{") : path.index("}") + 1]
            response = api.get(path.replace(name, urlencode({"": value})[1:]))
            assert response.status_code in {200, 301, 404}, (path, response.status_code)
            if response.status_code != 301:
                assert response["Content-Type"] in {"application/problem+json", "application/json"}
