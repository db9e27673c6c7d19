"""Who gets into the administration, and through which door."""

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from brics_tracker.accounts.admin_site import OWN_APPS, AdministrationSite
from brics_tracker.accounts.models import User
from tests.accounts.conftest import give_password, try_to_sign_in
from tests.factories.accounts import make_user
from tests.factories.core import make_theme

pytestmark = pytest.mark.django_db
PATHS = ["/admin/", "/admin/accounts/user/", "/admin/accounts/user/add/", "/admin/core/job/", "/admin/no/such/page/"]


@pytest.mark.parametrize("path", PATHS)
def test_nobody_is_sent_to_the_one_sign_in_page(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 302
    assert answer["Location"] == f"/accounts/login/?next={path}"


@pytest.mark.parametrize("path", [*PATHS, "/admin/login/"])
@pytest.mark.parametrize("role", ["", "reader", "analyst", "reviewer"])
def test_others_are_refused(client: Client, role: str, path: str) -> None:
    client.force_login(make_user(role=role))
    assert client.get(path).status_code == 403
    assert client.post(path).status_code == 403


def test_an_administrator_within_a_theme_is_refused(client: Client) -> None:
    client.force_login(make_user(role="administrator", themes=[make_theme("EN")]))
    assert client.get("/admin/").status_code == 403


def test_the_administrator_comes_back_to_the_page_that_was_asked_for(client: Client, administrator: User) -> None:
    give_password(administrator)
    wanted = client.get("/admin/core/theme/")["Location"]
    answer = client.post(
        wanted, {"login": administrator.email, "password": "a long and quiet river", "next": "/admin/core/theme/"}
    )
    assert answer["Location"] == "/admin/core/theme/"
    assert client.get("/admin/core/theme/").status_code == 200


def test_its_own_sign_in_address_only_leads_to_ours(client: Client, administrator: User) -> None:
    assert client.get("/admin/login/?next=/admin/core/theme/")["Location"] == "/accounts/login/?next=/admin/core/theme/"
    assert client.get("/admin/login/?next=https://evil.example/")["Location"] == "/accounts/login/?next=/admin/"
    assert client.post("/admin/login/", {"username": administrator.email, "password": "x"}).status_code == 302
    client.force_login(administrator)
    assert client.get("/admin/login/?next=//evil.example/")["Location"] == "/admin/"


def test_rights_taken_away_end_at_the_next_request(client: Client, administrator: User) -> None:
    make_user("second", role="administrator")
    client.force_login(administrator)
    assert client.get("/admin/").status_code == 200
    administrator.grants.all().delete()
    assert client.get("/admin/").status_code == 403


def test_an_administrator_who_is_guessed_at_is_throttled_there_too(client: Client, administrator: User) -> None:
    give_password(administrator)
    for _guess in range(5):
        try_to_sign_in(client, administrator.email, "a wrong guess", next="/admin/")
    try_to_sign_in(client, administrator.email, next="/admin/")
    assert client.get("/admin/").status_code == 302


def test_only_our_own_tables_have_a_page() -> None:
    assert isinstance(admin.site._wrapped if hasattr(admin.site, "_wrapped") else admin.site, AdministrationSite)
    foreign = [model for model, page in admin.site._registry.items() if not type(page).__module__.startswith(OWN_APPS)]
    assert foreign == []


@pytest.mark.parametrize("name", ["logout", "password_change", "password_change_done"])
def test_its_other_addresses_lead_to_ours(client: Client, administrator: User, name: str) -> None:
    client.force_login(administrator)
    assert client.get(reverse(f"admin:{name}"))["Location"].startswith("/accounts/")


def test_the_first_page_is_grouped_by_purpose(client: Client, administrator: User) -> None:
    client.force_login(administrator)
    answer = client.get("/admin/")
    groups = [str(group["name"]) for group in answer.context["app_list"]]
    assert groups[0] == "People"
    assert "More" not in groups, "every list has its place: see GROUPS in admin_site.py"
