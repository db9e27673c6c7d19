"""Mixes of settings that would lose data or open a door are named before the first request."""

from typing import Any

import pytest
from django.conf import LazySettings

from brics_tracker.core import checks


class Answer:
    """A PostgreSQL connection that reports given settings."""

    vendor = "postgresql"

    def __init__(self, **values: str) -> None:
        self.values = values

    def cursor(self) -> "Answer":
        return self

    def __enter__(self) -> "Answer":
        return self

    def __exit__(self, *args: object) -> None:
        return None

    def execute(self, statement: str) -> None:
        self.asked = statement

    def fetchall(self) -> list[tuple[str, str]]:
        return list(self.values.items())


def ids(found: list[Any]) -> list[str]:
    return [message.id for message in found]


def postgresql_with(monkeypatch: pytest.MonkeyPatch, **values: str) -> list[str]:
    monkeypatch.setattr(checks, "connections", {"default": Answer(**values)})
    return ids(checks.postgresql_keeps_what_it_acknowledges(None, databases=["default"]))


@pytest.mark.parametrize("name", ["fsync", "synchronous_commit"])
def test_a_database_that_may_lose_acknowledged_writes_is_refused(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    values = {"fsync": "on", "synchronous_commit": "on"} | {name: "off"}
    assert postgresql_with(monkeypatch, **values) == ["core.E001"]


def test_a_sound_database_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    assert postgresql_with(monkeypatch, fsync="on", synchronous_commit="on") == []


def test_a_public_host_without_encryption_is_refused(settings: LazySettings) -> None:
    settings.SITE_IS_SECURE, settings.SITE_URL = False, "http://tracker.example.org"
    settings.ALLOWED_HOSTS = ["tracker.example.org", "localhost"]
    assert ids(checks.a_public_site_is_encrypted(None)) == ["core.E002"]


@pytest.mark.parametrize("hosts", [["localhost", "127.0.0.1", "[::1]"], ["tracker.localhost"]])
def test_a_site_of_this_machine_may_go_without(settings: LazySettings, hosts: list[str]) -> None:
    settings.SITE_IS_SECURE, settings.ALLOWED_HOSTS = False, hosts
    assert checks.a_public_site_is_encrypted(None) == []


def test_an_encrypted_site_may_be_public(settings: LazySettings) -> None:
    settings.SITE_IS_SECURE, settings.ALLOWED_HOSTS = True, ["tracker.example.org"]
    assert checks.a_public_site_is_encrypted(None) == []


def test_a_site_address_that_the_site_does_not_answer_is_refused(settings: LazySettings) -> None:
    settings.SITE_URL, settings.ALLOWED_HOSTS = "https://other.example.org", ["tracker.example.org"]
    assert ids(checks.the_site_address_is_an_allowed_host(None)) == ["core.E003"]
    settings.ALLOWED_HOSTS = [".example.org"]
    assert checks.the_site_address_is_an_allowed_host(None) == []


def test_many_processes_without_a_shared_cache_are_warned_of(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.REDIS_URL = ""
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", "django.db.backends.postgresql")
    assert ids(checks.many_processes_share_one_cache(None)) == ["core.W001"]
    settings.REDIS_URL = "redis://localhost"
    assert checks.many_processes_share_one_cache(None) == []


def test_debugging_on_an_encrypted_site_is_refused(settings: LazySettings) -> None:
    settings.DEBUG, settings.SITE_IS_SECURE = True, True
    assert ids(checks.no_debugging_in_production(None)) == ["core.E004"]
