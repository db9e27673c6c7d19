"""The seals of the audit trail: whatever happens while they are made, they cover every row and cry no wolf."""

from __future__ import annotations

import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from .installation import BASE_DIR, ON_POSTGRESQL, Installation, installation, sqlite_in

pytestmark = pytest.mark.faults

EVENTS = """
from brics_tracker.core.audit import record_event, seals
from brics_tracker.core.choices import Act
for number in range({number}):
    record_event(Act.EXPORT_MADE, by=None, thing=f"list {{number}}")
"""
# Dies between the seal and what it covers, with both written and neither committed.
DIE_MIDWAY = """
import os, signal, django
django.setup()
from brics_tracker.core.audit import seals
from brics_tracker.core.models import SealedPart
SealedPart.objects.bulk_create = lambda parts: os.kill(os.getpid(), signal.SIGKILL)
seals.seal_trail()
"""
REWRITE = "from brics_tracker.tracking.models import Update; Update.history.update(text='')"
needs_postgresql = pytest.mark.skipif(not ON_POSTGRESQL, reason="SQLite has one writer at a time")


@pytest.fixture(scope="module")
def tracker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One trail that is whole after each test; the control has one of its own."""
    with installation(tmp_path_factory.mktemp("audit")) as made:
        yield made


def add_events(tracker: Installation, number: int) -> None:
    tracker.ask(EVENTS.format(number=number) + "result = None")


def seal(tracker: Installation) -> int:
    made: int = tracker.ask("from brics_tracker.core.audit import seals\nresult = seals.seal_trail()")
    return made


def seals_of(tracker: Installation) -> int:
    [(count,)] = tracker.rows("SELECT COUNT(*) FROM core_auditseal")
    return int(count)


def verify(tracker: Installation) -> subprocess.CompletedProcess[str]:
    return tracker.manage("verify_audit", check=False)


def run(tracker: Installation, expression: str) -> dict[str, Any]:
    answer: dict[str, Any] = tracker.ask(f"from tests.faults import trail\nresult = trail.{expression}")
    return answer


def test_rows_written_while_it_is_sealed_are_covered_and_raise_no_false_alarm(tracker: Installation) -> None:
    answer = run(tracker, "write_while_sealing(writers=6, seconds=4)")
    assert answer["seals"] > 3, "nothing was sealed meanwhile"
    assert answer["rows"] > 50, "nothing was written meanwhile"
    assert (answer["findings"], answer["unsealed"]) == ([], 0)


@needs_postgresql
def test_control_sealing_up_to_the_highest_key_would_cry_wolf(tmp_path: Path) -> None:
    with installation(tmp_path / "careless") as tracker:
        answer = run(tracker, "seal_beside_an_open_transaction(careful=False)")
    assert answer["beside"] == 1
    assert [line.partition(":")[2] for line in answer["findings"]] == [" added after seal 1 was made over its place"]


@needs_postgresql
def test_a_table_that_someone_is_writing_to_waits_for_the_next_seal(tracker: Installation) -> None:
    answer = run(tracker, "seal_beside_an_open_transaction(careful=True)")
    assert answer["keys"][-2:] == ["lower", "higher"]
    assert (answer["beside"], answer["after"]) == (0, 1)
    assert answer["waited"] < 2, "sealing waited for someone who stayed"
    assert (answer["findings"], answer["unsealed"]) == ([], 0)


def test_killed_midway_it_has_sealed_nothing_and_the_next_tick_seals_all(tracker: Installation) -> None:
    seal(tracker)
    before = seals_of(tracker)
    add_events(tracker, 5)
    ended = subprocess.run([sys.executable, "-c", DIE_MIDWAY], cwd=BASE_DIR, env=tracker.environment)
    assert ended.returncode == -signal.SIGKILL
    assert seals_of(tracker) == before
    assert "5 rows wait for the next seal" in verify(tracker).stdout
    assert seal(tracker) == 1
    assert seals_of(tracker) == before + 1
    answer = verify(tracker)
    assert "The audit trail is whole" in answer.stdout
    assert "; 0 rows wait" in answer.stdout


def test_a_trail_that_came_back_from_a_backup_is_whole_on_either_database(
    tracker: Installation, tmp_path: Path
) -> None:
    tracker.ask(
        "from tests.factories import tracking\nresult = tracking.make_update(tracking.make_item(), sources=1).pk"
    )
    seal(tracker)
    before = seals_of(tracker)
    tracker.manage("backup", str(tmp_path / "backup.tar"))
    machines = {"same": ""} | ({"other": sqlite_in(tmp_path / "other")} if ON_POSTGRESQL else {})
    for name, address in machines.items():
        with installation(tmp_path / name, address, empty=True) as machine:
            machine.manage("restore", str(tmp_path / "backup.tar"))
            assert f"The audit trail is whole: {before} seals" in verify(machine).stdout
            add_events(machine, 2)
            assert seal(machine) == 1
            assert verify(machine).returncode == 0
            machine.ask(
                "from brics_tracker.core.models import AuditEvent\nAuditEvent.objects.all()[0].delete()\nresult = 0"
            )
            assert f"removed since seal {before + 1}" in verify(machine).stdout


def test_with_another_key_it_says_so_and_with_the_old_one_beside_it_is_whole(
    tracker: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a restore with a new SECRET_KEY."""
    add_events(tracker, 1)
    seal(tracker)
    with monkeypatch.context() as changed:
        changed.setitem(tracker.environment, "SECRET_KEY", "another")
        answer = verify(tracker)
        assert answer.returncode == 1
        assert "seals were made with the key" in answer.stdout
        changed.setitem(tracker.environment, "AUDIT_KEY", "another,only-for-tests")
        assert verify(tracker).returncode == 0


@needs_postgresql
def test_a_site_prepared_by_its_owner_works_by_a_role_that_rewrites_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the compose file sets it up: the owner prepares, web and workers come in by a role of their own."""
    with installation(tmp_path / "site", empty=True) as site:
        owner = urlsplit(site.database_url)
        role = f"web_{uuid.uuid4().hex[:8]}"
        web = owner._replace(netloc=f"{role}:quiet@{owner.hostname}:{owner.port or 5432}").geturl()
        monkeypatch.setitem(site.environment, "WEB_DATABASE_URL", web)
        site.manage("prepare", "--no-people", "--no-static")
        try:
            monkeypatch.setitem(site.environment, "DATABASE_URL", web)
            assert "rewrite the audit trail" not in site.manage("check", "--deploy", "--database", "default").stderr
            site.ask(
                "from tests.factories import tracking\nresult = tracking.make_update(tracking.make_item(), sources=1).pk"
            )
            assert seal(site) >= 1
            assert verify(site).returncode == 0
            refused = site.manage("shell", "-c", REWRITE, check=False)
            assert "permission denied for table tracking_historicalupdate" in refused.stderr
        finally:
            site._on_server(f'DROP OWNED BY "{role}"', site.database_url)
            site._on_server(f'DROP ROLE "{role}"')
