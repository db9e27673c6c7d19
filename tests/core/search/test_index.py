"""The index follows its rows by itself: whoever writes them, and after migrations; check_integrity sees when it does not."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection, migrations, models
from django.db.migrations.state import ProjectState

from brics_tracker.accounts.models import User
from brics_tracker.core.search.dialect import dialect
from brics_tracker.core.search.index import differences, ensure_index, loosen_index
from brics_tracker.core.search.sources import sources
from brics_tracker.tracking.models import Document, Passage, TrackedItem
from tests.factories.tracking import make_item
from tests.tracking.search.asking import found

pytestmark = pytest.mark.django_db


def execute(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def test_rows_written_in_bulk_or_by_hand_are_found(reader: User) -> None:
    document = Document.objects.create(key="plan-2030", title="Plan")
    Passage.objects.bulk_create(Passage(document=document, number=n, summary=f"Corridor {n}.") for n in (1, 2))
    execute("UPDATE tracking_passage SET summary = 'Something else' WHERE number = 2")
    assert found(reader, "corridor") == ["passage ¶1"]
    Passage.objects.all().delete()
    assert found(reader, "corridor") == []
    assert list(differences()) == []


def test_a_change_that_touches_no_words_leaves_the_index_alone() -> None:
    """Publishing an update writes its item's status and dates: that costs the index nothing."""
    item = make_item(title="Rail corridor")
    execute("DELETE FROM search_item")
    TrackedItem.objects.filter(pk=item.pk).update(status="agreed", slips=1)
    assert len([line for line in differences() if "item" in line]) == TrackedItem.objects.count()
    TrackedItem.objects.filter(pk=item.pk).update(title="Rail corridors")
    assert not [line for line in differences() if line.startswith(f"I12 search index item {item.pk}:")]


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM search_item",
        "INSERT INTO search_item (id, title, words) VALUES (999999, 'x', 'x')",
        "UPDATE search_item SET title = 'x'",
    ],
)
def test_an_index_that_differs_is_told_and_made_anew(reader: User, damage: str) -> None:
    item = make_item(title="Rail corridor")
    if connection.vendor == "sqlite":
        damage = damage.replace("(id, title, words)", "(rowid, title, text)")
    execute(damage)
    told = list(differences())
    assert told
    assert all(line.startswith("I12 search index item") for line in told)
    out = StringIO()
    call_command("rebuild_search", stdout=out)
    assert f"{len(sources())} search indexes" in out.getvalue()
    assert list(differences()) == []
    assert found(reader, "corridor") == [f"proposal {item.reference}"]


def test_a_lost_trigger_is_told_and_set_again_by_the_next_migration(reader: User) -> None:
    source = sources()["update"]
    trigger = f"{source.index}_0" if connection.vendor == "postgresql" else f"{source.index}_0_insert"
    table = " ON tracking_update" if connection.vendor == "postgresql" else ""
    execute(f"DROP TRIGGER {trigger}{table}")
    assert [line for line in differences() if "not as it is described" in line]
    call_command("migrate", verbosity=0)
    assert list(differences()) == []


def test_what_stands_right_is_not_made_again(reader: User) -> None:
    make_item(title="Rail corridor")
    execute("DELETE FROM search_item")
    ensure_index()
    assert found(reader, "corridor") == []


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL changes a table in place")
@pytest.mark.django_db(transaction=True)
def test_a_table_made_anew_by_a_migration_keeps_its_index(reader: User) -> None:
    """SQLite cannot change a column: Django makes the table again, which would take the triggers with it."""
    item = make_item(title="Rail corridor")
    state = ProjectState.from_apps(TrackedItem._meta.apps)
    longer = migrations.AlterField("trackeditem", "title", models.CharField(max_length=333))
    after = state.clone()
    longer.state_forwards("tracking", after)
    loosen_index(plan=[longer])
    with connection.schema_editor() as editor:
        longer.database_forwards("tracking", editor, state, after)
    with connection.schema_editor() as editor:
        longer.database_backwards("tracking", editor, after, state)
    ensure_index()
    assert list(differences()) == []
    TrackedItem.objects.filter(pk=item.pk).update(title="Grain reserve")
    assert found(reader, "reserve") == [f"proposal {item.reference}"]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite deletes row by row")
@pytest.mark.django_db(transaction=True)
def test_a_table_emptied_at_once_empties_its_index(reader: User) -> None:
    make_item(title="Rail corridor")
    call_command("flush", interactive=False, verbosity=0)
    assert list(differences()) == []


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no roles")
def test_whoever_may_use_the_index_still_may_after_it_was_made_anew() -> None:
    execute("CREATE ROLE index_reader")
    execute("GRANT SELECT ON search_item TO index_reader")
    call_command("rebuild_search", stdout=StringIO())
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_table_privilege('index_reader', 'search_item', 'SELECT')")
        assert cursor.fetchone() == (True,)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="part of SQLite")
def test_without_pg_trgm_all_else_is_found(reader: User, monkeypatch: pytest.MonkeyPatch) -> None:
    item = make_item(title="Rail corridor")
    execute("DROP EXTENSION IF EXISTS pg_trgm CASCADE")
    monkeypatch.setattr(dialect(), "prepare", lambda: None)  # as where making it is not permitted
    call_command("rebuild_search", stdout=StringIO())
    assert found(reader, "corridor") == [f"proposal {item.reference}"]
    assert list(differences()) == []
