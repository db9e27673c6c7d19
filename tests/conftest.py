"""People with roles, and what every test may ask for."""

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.test import Client

from brics_tracker.accounts.models import User
from tests.factories import accounts as people


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    """Counts of sign-ins live in the cache; no test inherits another's."""
    cache.clear()


@pytest.fixture(autouse=True)
def _own_files(settings: LazySettings, tmp_path_factory: pytest.TempPathFactory) -> None:
    settings.MEDIA_ROOT = tmp_path_factory.mktemp("files")


@pytest.fixture
def reader(db: None) -> User:
    return people.make_user("reader")


@pytest.fixture
def analyst(db: None) -> User:
    return people.make_user("analyst", role="analyst")


@pytest.fixture
def other_analyst(db: None) -> User:
    return people.make_user("other-analyst", role="analyst")


@pytest.fixture
def reviewer(db: None) -> User:
    return people.make_user("reviewer", role="reviewer")


@pytest.fixture
def administrator(db: None) -> User:
    return people.make_user("administrator", role="administrator")


@pytest.fixture
def sign_in(client: Client) -> object:
    """sign_in(user) -> a client signed in as that person."""

    def _sign_in(user: User) -> Client:
        client.force_login(user)
        return client

    return _sign_in


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How many requests the matrix of rights made, whichever process made them."""
    passed = terminalreporter.getreports("passed")
    asked = sum(number for report in passed for name, number in report.user_properties if name == "requests")
    if asked:
        terminalreporter.write_line(f"matrix of rights: {asked} requests, each answered as declared")
