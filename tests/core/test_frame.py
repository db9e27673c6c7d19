"""The frame of every page, the pages of errors, and what no template may hold."""

import re
from pathlib import Path

import pytest
from django.conf import LazySettings, settings
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

from brics_tracker.accounts.models import User
from brics_tracker.core.templatetags.navigation import PLACES

ERRORS = ["400.html", "403.html", "403_csrf.html", "404.html", "500.html"]
OURS = sorted(Path(settings.BASE_DIR, "templates").rglob("*.html"))


@pytest.mark.parametrize("name", ERRORS)
def test_a_page_of_errors_needs_no_database_and_no_person(name: str) -> None:
    # No database mark: a query here would fail the test.
    drawn = render_to_string(name)
    assert "<h1>" in drawn
    assert 'href="/"' in drawn


@pytest.mark.parametrize("host", ["evil.example", "a b"])
@pytest.mark.parametrize("address", ["/", "/healthz", "/no/such/address/"])
def test_another_sites_name_is_a_request_that_could_not_be_read(client: Client, host: str, address: str) -> None:
    response = client.get(address, headers={"Host": host})
    assert response.status_code == 400
    assert b"This request could not be read" in response.content
    # What was refused is told in our words: an error of the framework's would name settings.
    assert b"ALLOWED_HOSTS" not in response.content


def test_an_unknown_address_is_said_in_our_look(client: Client) -> None:
    response = client.get("/no/such/address/")
    assert response.status_code == 404
    assert b"There is no such page" in response.content


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.route)
def test_every_place_of_the_rail_exists(place: object) -> None:
    assert reverse(place.route)  # type: ignore[attr-defined]


def rail(page: bytes) -> list[str]:
    found = re.search(r'<nav aria-label="Main">(.*?)</nav>', page.decode(), re.S)
    return re.findall(r">([^<>]+)</a>", found[1]) if found else []


@pytest.mark.django_db
class TestRail:
    def test_a_reader_is_offered_no_review_and_no_administration(self, client: Client, reader: User) -> None:
        client.force_login(reader)
        offered = rail(client.get("/accounts/").content)
        assert {"Overview", "My work", "Proposals"} <= set(offered)
        assert not {"Review", "Administration"} & set(offered)

    def test_a_reviewer_finds_the_queue(self, client: Client, reviewer: User) -> None:
        client.force_login(reviewer)
        assert "Review" in rail(client.get("/accounts/").content)

    def test_an_administrator_finds_the_administration(self, client: Client, administrator: User) -> None:
        client.force_login(administrator)
        assert "Administration" in rail(client.get("/accounts/").content)

    def test_where_one_is_stands_out(self, client: Client, reader: User) -> None:
        client.force_login(reader)
        assert re.search(rb'href="/proposals/"[^>]*aria-current="page"', client.get("/proposals/").content)

    def test_signing_out_is_a_post(self, client: Client, reader: User) -> None:
        client.force_login(reader)
        page = client.get("/accounts/").content.decode()
        assert f'<form method="post" action="{reverse("account_logout")}">' in page

    def test_nobody_is_offered_anything_on_a_closed_site(self, client: Client) -> None:
        assert rail(client.get("/accounts/login/").content) == []

    def test_on_a_public_site_everyone_finds_their_way(self, client: Client, settings: LazySettings) -> None:
        settings.PUBLIC_READ = True
        assert "Proposals" in rail(client.get("/proposals/").content)


@pytest.mark.parametrize("path", OURS, ids=lambda path: str(path.relative_to(settings.BASE_DIR)))
def test_no_template_has_script_or_style_in_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert not re.search(r"<style|\sstyle=|\son(click|change|submit|load|input)=|href=.javascript:", text)


@pytest.mark.parametrize(
    "path", sorted(Path(settings.BASE_DIR, "static/css").glob("*.css")), ids=lambda path: path.name
)
def test_styles_know_no_left_and_right(path: Path) -> None:
    text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.S)
    physical = re.findall(
        r"(?:margin|padding|border)-(?:left|right)\b|(?<![\w-])(?:left|right)\s*:|text-align:\s*(?:left|right)", text
    )
    assert physical == []
