"""The account page says who one is here."""

import pytest
from django.test import Client

from brics_tracker.accounts import services
from brics_tracker.accounts.models import User
from tests.factories.accounts import make_grant, make_user
from tests.factories.core import make_theme

pytestmark = pytest.mark.django_db


def test_it_shows_name_roles_and_tokens(client: Client) -> None:
    user = make_user("Ana", role="reviewer", themes=[make_theme("EN", name="Energy")])
    services.create_token(user, "weekly dashboard", days=3, by=user)
    client.force_login(user)
    shown = client.get("/accounts/").content.decode()
    assert "Ana" in shown
    assert "Reviewer within Energy" in shown
    assert "weekly dashboard" in shown


def test_nobody_sees_it_without_signing_in(client: Client) -> None:
    answer = client.get("/accounts/")
    assert answer.status_code == 302
    assert answer["Location"] == "/accounts/login/?next=/accounts/"


def test_the_language_is_remembered_on_record_and_taken_along(client: Client, reader: User) -> None:
    client.force_login(reader)
    answer = client.post("/accounts/language/", {"language": "ar"})
    assert answer.status_code == 302
    reader.refresh_from_db()
    assert reader.language == "ar"
    assert reader.history.first().history_user == reader
    assert client.get("/accounts/").wsgi_request.LANGUAGE_CODE == "ar"
    client.post("/accounts/language/", {"language": ""})
    assert client.get("/accounts/").wsgi_request.LANGUAGE_CODE == "en"


def test_an_unknown_language_is_refused_at_the_field(client: Client, reader: User) -> None:
    client.force_login(reader)
    answer = client.post("/accounts/language/", {"language": "xx"})
    assert answer.status_code == 422
    assert "language" in answer.context["form"].errors


def test_its_queries_do_not_grow(
    client: Client,
    reader: User,
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def queries() -> int:
        client.force_login(reader)
        with CaptureQueriesContext(connection) as seen:
            client.get("/accounts/")
        return len(seen)

    def grow(start: int, stop: int) -> None:
        for number in range(start, stop):
            make_grant(reader, "analyst", themes=[make_theme(f"EN-{number}")])
            services.create_token(reader, f"token {number}", days=1, by=reader)

    grow(0, 2)
    few = queries()
    grow(2, 12)
    assert queries() == few
