"""Every address, every method, every person: who gets what, and that nothing but what is sent to change something does."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection, connections, transaction
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import path, reverse
from pytest_django import DjangoDbBlocker

from tests.factories.second_factor import sign_in_fresh

from .matrix import ADMINISTRATION, PEOPLE, Line, lines, registered_models, undeclared
from .world import World, build_world

pytestmark = pytest.mark.django_db  # the register itself is the module's; the mark has the database made

FORM = "application/x-www-form-urlencoded"
# Django's and allauth's own views answer any other method as a GET; what they write is watched all the same.
READS_ANYTHING = ("admin:", "account_", "mfa_", "set_language")
# Logging each of the thousands of requests takes a third of the time.
UNLOGGED = [each for each in settings.MIDDLEWARE if "structlog" not in each]
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
WRITING = ("POST", "PATCH", "DELETE")
REFUSED = {"in", "401", "403", "404", "405"}
WRITES = re.compile(
    r"^\s*(INSERT INTO|UPDATE|DELETE FROM) \"(?!accounts_browsersession|django_admin_log)", re.IGNORECASE
)
# Giving these away is the one thing that a GET writes: who fetched what is on record.
FETCHES = {"tracking:evidence-file", "reports:file", "exports:file", "api:report-detail", "api:evidence-file"}
LINES = lines()
ADDRESSES = sorted({(line.route, line.about) for line in LINES})


@dataclass
class Walker:
    """One browser per person over one register; what a request changes is undone after it."""

    world: World
    clients: dict[str, Client]
    asked: int = 0
    written: list[str] = field(default_factory=list)

    def ask(self, person: str, method: str, address: str, **headers: str) -> str:
        """The answer as the matrix writes it; `written` holds what the request wrote."""
        client = self.clients[person]
        cookies = {name: morsel.value for name, morsel in client.cookies.items()}
        self.asked += 1
        self.written.clear()
        cache.clear()  # nobody is slowed down for what others asked
        public = override_settings(PUBLIC_READ=True) if person == "visitor" else nullcontext()
        with public, undone(), connection.execute_wrapper(self._watch):
            answer: Any = client.generic(method, address, content_type=FORM, headers=headers or None)
            if answer.streaming:
                b"".join(answer.streaming_content)
            answer.close()
        client.cookies.load(cookies)
        return said(answer)

    def _watch(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if WRITES.match(sql):
            self.written.append(sql[:80])
        return execute(sql, params, many, context)


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def said(answer: HttpResponse) -> str:
    if answer.status_code not in {301, 302, 303}:
        return str(answer.status_code)
    return "in" if answer["Location"].split("?")[0] == reverse("account_login") else "go"


@pytest.fixture(autouse=True)
def _own_files() -> None:
    """The register's files belong to the module: it has a folder of its own."""


@pytest.fixture(scope="module")
def walker(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Walker]:
    with (
        override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("files"), MIDDLEWARE=UNLOGGED),
        django_db_blocker.unblock(),
        # Each marked test closes its connection at the end, and on PostgreSQL the module's transaction with it.
        patch.object(connections["default"], "close"),
        undone(),
    ):
        world = build_world()
        logging.disable(logging.CRITICAL)  # thousands of refusals are meant; an error shows as a 500
        yield Walker(world, {name: browser(world, name) for name in PEOPLE})
        logging.disable(logging.NOTSET)


def browser(world: World, name: str) -> Client:
    """A browser signed in as that person; the deactivated one signed in while that was still allowed."""
    client = Client(raise_request_exception=False)
    if person := world.person(name):
        sign_in_fresh(client, person)
    return client


def test_every_address_has_its_lines() -> None:
    assert undeclared(LINES) == [], "declare who may do what there, in tests/architecture/matrix.py"


def test_a_new_address_without_a_line_is_found() -> None:
    urls = type("urls", (), {"urlpatterns": [path("secret/", lambda request: HttpResponse(), name="secret")]})
    with override_settings(ROOT_URLCONF=urls):
        assert undeclared(LINES) == ["secret"]


def test_every_model_of_the_administration_is_declared() -> None:
    assert registered_models() == set(ADMINISTRATION)


@pytest.mark.parametrize(("route", "about"), ADDRESSES)
def test_everyone_gets_what_is_declared(
    walker: Walker, route: str, about: str, record_property: Callable[[str, object], None]
) -> None:
    here = {line.method: line for line in LINES if (line.route, line.about) == (route, about)}
    elsewhere = {line.method for line in LINES if line.route == route} - set(here)
    address = next(iter(here.values())).address(walker.world)
    before, wrong = walker.asked, []
    for method in METHODS:
        if method in elsewhere:
            continue
        for person in askers(route, method):
            answer = walker.ask(person, method, address)
            expected = expectation(here, method, person)
            if answer not in expected:
                wrong.append(f"{method} by {person}: {answer}, not {' or '.join(sorted(expected))}")
            if method == "GET" and answer == "200" and is_fetch(route, about):
                recorded = [sql for sql in walker.written if sql.startswith('INSERT INTO "core_auditevent"')]
                if walker.written != recorded or len(recorded) != (person != "visitor"):
                    wrong.append(f"{method} by {person} is not on record once: {walker.written}")
            elif walker.written and (method not in WRITING or answer in REFUSED):
                wrong.append(f"{method} by {person} answered {answer} and wrote: {walker.written}")
    record_property("requests", walker.asked - before)
    assert wrong == [], "\n".join([address, *wrong])


def is_fetch(route: str, about: str) -> bool:
    return route in FETCHES or "export=" in about


def askers(route: str, method: str) -> tuple[str, ...]:
    """Everyone; for methods that the administration does not know, one who may enter it and one who may not."""
    spared = route.startswith("admin:") and method not in {"GET", "POST"}
    return ("reader", "administrator") if spared else PEOPLE


def expectation(here: dict[str, Line], method: str, person: str) -> set[str]:
    """The declared answer. A method that no line names does not exist, for whoever gets as far as that."""
    if method in here:
        return {here[method].answers[person]}
    told = {line.answers[person] for line in here.values()}
    if next(iter(here.values())).route.startswith(READS_ANYTHING):
        return told | {"405"}
    return {"405"} | (told & REFUSED)


@pytest.mark.parametrize("person", [name for name in PEOPLE if name not in {"nobody", "visitor"}])
def test_a_token_reads_what_its_owner_reads_and_writes_nothing(
    walker: Walker, person: str, record_property: Callable[[str, object], None]
) -> None:
    before, wrong = walker.asked, []
    token = walker.world.texts[person]
    walker.clients["script"] = Client(raise_request_exception=False)
    for line in LINES:
        if line.route.startswith("api:"):
            address = line.address(walker.world)
            for method in ("GET", *WRITING):
                answer = walker.ask("script", method, address, authorization=f"Bearer {token}")
                expected = (
                    {line.answers[person]} if method == line.method == "GET" else {"200", "401", "403", "404", "405"}
                )
                if answer not in expected or (walker.written and method != "GET"):
                    wrong.append(f"{method} {address}: {answer}, not {' or '.join(sorted(expected))}: {walker.written}")
    record_property("requests", walker.asked - before)
    assert wrong == []


@pytest.mark.parametrize("person", [name for name in PEOPLE if name not in {"nobody", "visitor"}])
def test_a_token_that_writes_may_do_what_its_owner_may(
    walker: Walker, person: str, record_property: Callable[[str, object], None]
) -> None:
    before, wrong = walker.asked, []
    token = walker.world.writing[person]
    walker.clients["script"] = Client(raise_request_exception=False)
    for line in LINES:
        if line.route.startswith("api:") and line.method in WRITING:
            answer = walker.ask("script", line.method, line.address(walker.world), authorization=f"Bearer {token}")
            if answer != line.answers[person]:
                wrong.append(f"{line.label}: {answer}, not {line.answers[person]}")
    record_property("requests", walker.asked - before)
    assert wrong == []


def test_a_token_opens_no_page(walker: Walker) -> None:
    """Programs have the API; pages know people by their session only."""
    walker.clients["script"] = Client(raise_request_exception=False)
    bearer = f"Bearer {walker.world.texts['administrator']}"
    answers = {walker.ask("script", "GET", page, authorization=bearer) for page in ("/", "/proposals/", "/admin/")}
    assert answers == {"in"}
