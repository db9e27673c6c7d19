"""A real Chromium against a real server: how it is started, and who is signed in."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import LazySettings, settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

from brics_tracker.accounts.models import User
from tests.factories.second_factor import sign_in_fresh

# Playwright keeps an event loop in this thread; the tests' own queries run beside it, never inside it.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--force-prefers-reduced-motion"]
PATIENCE = 20_000  # milliseconds: the machine may be busy with the other half of the suite

OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """SQLite in a file: the server's threads need connections of their own, as in production."""
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        database.setdefault("TEST", {})["NAME"] = str(tmp_path_factory.mktemp("e2e") / "tracker.sqlite3")


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    found = os.environ.get("CHROMIUM") or next((path for name in NAMES if (path := shutil.which(name))), None)
    if not found:
        pytest.skip(f"no browser: none of {', '.join(NAMES)} is on the path")
    return {"executable_path": found, "args": OPTIONS}


@pytest.fixture(autouse=True)
def _site_url(live_server: LiveServer, settings: LazySettings) -> None:
    settings.CSRF_TRUSTED_ORIGINS = [live_server.url]


@pytest.fixture
def open_page(browser: Browser, live_server: LiveServer) -> Iterator[OpenPage]:
    """open_page(user, **options) -> a page of a browser of that person's own, signed in."""
    opened: list[BrowserContext] = []

    def _open(user: User | None = None, **options: Any) -> Page:
        context = browser.new_context(base_url=live_server.url, **options)
        context.set_default_timeout(PATIENCE)
        if user is not None:
            context.add_cookies(
                [{"name": settings.SESSION_COOKIE_NAME, "value": session_of(user), "url": live_server.url}]
            )
        opened.append(context)
        return context.new_page()

    yield _open
    for context in opened:
        context.close()


def session_of(user: User) -> str:
    return sign_in_fresh(Client(), user).cookies[settings.SESSION_COOKIE_NAME].value
