"""A backup comes back with every row and file equal, on either database; a bad one touches nothing."""

from __future__ import annotations

import hashlib
import json
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from .installation import ON_POSTGRESQL, Installation, installation, sqlite_in

pytestmark = pytest.mark.faults
other_database = pytest.mark.skipif(
    not ON_POSTGRESQL, reason="from PostgreSQL to SQLite: tested in the second run of the suite"
)

# Made through the services, with what is hard to carry: moments, partial dates, JSON, other scripts, a file.
PEOPLE_AT_WORK = """
import datetime as dt
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.factories import accounts, tracking
from brics_tracker.core.models import Member, MembershipSpell, CatalogueEntry
accounts.make_user("Ольга").__class__.objects.filter(name="Ольга").update(name="Ольга 王 \\u202eمرحبا")
brazil, _ = Member.objects.get_or_create(code="BR", defaults={"name": "Brazil"})
MembershipSpell.objects.create(member=brazil, kind="member", started="2009-06", sources=["https://example.org", {"b": 1, "a": [1.5, None, True]}])
CatalogueEntry.objects.create(noun="text", key="hard", object_pk="1", loaded={"z": "line\\nbreak \\u2028 and \\ttab", "a": {"ä": 0.1}})
item = tracking.make_item(title="Заголовок")
author = accounts.make_user(role="analyst")
draft = tracking.make_draft(item, by=author)
tracking.make_evidence(item, by=author, update=draft, files=[SimpleUploadedFile("note.txt", b"a note\\n" * 2000, "text/plain")])
tracking.make_update(item, sources=1)
from tests.factories import second_factor
from allauth.socialaccount.models import SocialAccount
from django.test import Client
second_factor.make_app(author)
second_factor.make_passkey(author)
SocialAccount.objects.create(user=author, provider="institution", uid="p-1")
second_factor.sign_in_fresh(Client(), author)
jobs.enqueue("tests.slow", key="waiting", arguments={"span": ["2026-W01", None]})
result = None
"""
# Every row and file as this process sees them.
EVERYTHING = """
from django.apps import apps
from django.conf import settings
from brics_tracker.core.backup import rows
import hashlib, pathlib
files = sorted(path for path in pathlib.Path(settings.MEDIA_ROOT).rglob("*") if path.is_file())
result = {
    "tables": {table: rows.tally(model) for table, model in rows.tables(apps).items()},
    "files": {str(path.relative_to(settings.MEDIA_ROOT)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files},
}
"""


@dataclass
class Saved:
    tracker: Installation
    path: Path
    everything: dict[str, Any]


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Saved]:
    folder = tmp_path_factory.mktemp("saved")
    with installation(folder) as tracker:
        tracker.ask(PEOPLE_AT_WORK)
        path = folder / "backup.tar"
        tracker.manage("backup", str(path))
        everything = tracker.ask(EVERYTHING)
        assert everything["files"], "the fixture made no file"
        yield Saved(tracker, path, everything)


@dataclass
class Restored:
    machine: Installation
    everything: dict[str, Any]
    second: Path


@pytest.fixture(scope="module")
def restored(saved: Saved, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Restored]:
    """The backup on an empty machine: all that came back, and a backup of that, before anybody works there."""
    folder = tmp_path_factory.mktemp("restored")
    with installation(folder / "new", empty=True) as machine:
        machine.manage("restore", str(saved.path))
        everything = machine.ask(EVERYTHING)
        machine.manage("backup", str(folder / "second.tar"))
        yield Restored(machine, everything, folder / "second.tar")


def test_it_comes_back_equal_on_an_empty_machine(saved: Saved, restored: Restored) -> None:
    assert restored.everything == saved.everything


def test_a_second_backup_holds_the_same_rows(saved: Saved, restored: Restored) -> None:
    assert tables_of(restored.second) == tables_of(saved.path)


def test_control_a_changed_row_is_noticed(saved: Saved, restored: Restored) -> None:
    restored.machine.ask("Job.objects.update(reason='changed')\nresult = None")
    assert restored.machine.ask(EVERYTHING) != saved.everything


def test_people_can_go_on_working_on_what_came_back(restored: Restored) -> None:
    restored.machine.ask(
        "from tests.factories import accounts, tracking\n"
        "author = accounts.make_user('later-analyst', role='analyst')\n"
        "reviewer = accounts.make_user('later-reviewer', role='reviewer')\n"
        "result = tracking.make_update(tracking.make_item(), by=author, reviewer=reviewer, sources=1).pk"
    )


@other_database
def test_it_comes_back_equal_on_the_other_database(saved: Saved, tmp_path: Path) -> None:
    with installation(tmp_path / "new", sqlite_in(tmp_path / "new"), empty=True) as machine:
        machine.manage("restore", str(saved.path))
        assert machine.ask(EVERYTHING) == saved.everything


def test_a_damaged_backup_is_refused_before_anything_is_touched(saved: Saved, tmp_path: Path) -> None:
    content = bytearray(saved.path.read_bytes())
    content[len(content) // 2] ^= 0x01
    damaged = tmp_path / "damaged.tar"
    for name, bad in {"altered": bytes(content), "truncated": saved.path.read_bytes()[:-5000]}.items():
        damaged.write_bytes(bad)
        with installation(tmp_path / name, empty=True) as machine:
            ended = machine.manage("restore", str(damaged), check=False)
            assert ended.returncode != 0
            assert "archive" in ended.stderr
            assert "Traceback" not in ended.stderr
            assert [path.name for path in (tmp_path / name).iterdir() if path.name != "tracker.sqlite3"] == []
            assert not tables_in(machine)


def test_an_occupied_database_is_left_as_it_is(saved: Saved) -> None:
    ended = saved.tracker.manage("restore", str(saved.path), check=False)
    assert ended.returncode != 0
    assert "not empty" in ended.stderr
    assert saved.tracker.ask(EVERYTHING) == saved.everything


def test_a_backup_overwrites_nothing(saved: Saved) -> None:
    before = hashlib.sha256(saved.path.read_bytes()).hexdigest()
    ended = saved.tracker.manage("backup", str(saved.path), check=False)
    assert ended.returncode != 0
    assert hashlib.sha256(saved.path.read_bytes()).hexdigest() == before


def test_a_missing_file_is_named(saved: Saved, tmp_path: Path) -> None:
    with installation(tmp_path / "new", empty=True) as machine:
        machine.manage("restore", str(saved.path))
        [name] = saved.everything["files"]
        (tmp_path / "new" / "files" / name).unlink()
        ended = machine.manage("backup", str(tmp_path / "incomplete.tar"), check=False)
        assert ended.returncode != 0
        assert name in ended.stderr
        assert not (tmp_path / "incomplete.tar").exists()
        machine.manage("backup", "--allow-missing", str(tmp_path / "incomplete.tar"))


def tables_of(path: Path) -> Any:
    with tarfile.open(path) as opened:
        manifest = opened.extractfile("manifest.json")
        assert manifest is not None
        return json.load(manifest)["tables"]


def tables_in(machine: Installation) -> list[str]:
    found: list[str] = machine.ask("from django.db import connection\nresult = connection.introspection.table_names()")
    return found
