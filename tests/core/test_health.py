"""Machines that watch learn whether the site lives and whether it can take requests."""

from pathlib import Path

import pytest
from celery import current_app
from django.conf import LazySettings
from django.db.migrations.executor import MigrationExecutor
from django.test import Client

from brics_tracker.core import health


@pytest.fixture(autouse=True)
def _broker(monkeypatch: pytest.MonkeyPatch) -> None:
    # Whether a broker runs beside the tests is not the question here.
    monkeypatch.setitem(health.CHECKS, "broker", lambda: None)


def test_healthz_answers_without_asking_the_database(client: Client) -> None:
    # No database mark: a query would fail this test.
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")


@pytest.mark.django_db
def test_readyz_names_the_parts_that_are_well(client: Client) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["parts"] == dict.fromkeys(["database", "broker", "storage", "migrations"], "ok")


@pytest.mark.django_db
@pytest.mark.parametrize("part", ["database", "broker", "storage", "migrations"])
def test_a_part_that_fails_is_named_and_nothing_more_is_told(
    client: Client, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    def fail() -> None:
        raise ConnectionError("password=hush host=10.1.2.3")

    monkeypatch.setitem(health.CHECKS, part, fail)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["parts"][part] == "failed"
    assert "hush" not in answer.content.decode()


@pytest.mark.django_db
def test_a_folder_that_takes_no_files_is_not_ready(client: Client, settings: LazySettings, tmp_path: Path) -> None:
    occupied = tmp_path / "a-file-where-the-folder-should-be"
    occupied.touch()
    settings.MEDIA_ROOT = occupied
    assert client.get("/readyz").json()["parts"]["storage"] == "failed"


@pytest.mark.django_db
def test_the_probe_leaves_no_file(client: Client, settings: LazySettings) -> None:
    client.get("/readyz")
    assert list(Path(settings.MEDIA_ROOT).iterdir()) == []


@pytest.mark.django_db
def test_a_schema_that_lags_behind_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    health._schema_is_current.cache_clear()
    monkeypatch.setattr(MigrationExecutor, "migration_plan", lambda executor, targets: ["core.0099"])
    with pytest.raises(RuntimeError, match="not applied"):
        health.migrations_are_applied()


def test_a_broker_that_is_away_is_noticed_at_once(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(current_app.conf, "broker_url", "redis://127.0.0.1:1/0")
    monkeypatch.setattr(current_app.conf, "broker_write_url", "redis://127.0.0.1:1/0", raising=False)
    with pytest.raises(Exception, match=r"(?i)connect"):
        health.broker_answers()


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_nobody_may_keep_the_answer(client: Client, path: str) -> None:
    assert "no-store" in client.get(path)["Cache-Control"]
