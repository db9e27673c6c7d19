"""Whatever is done to a sealed row, behind the product's back, is found and named."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from unittest.mock import patch

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.db import connections
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from brics_tracker.core.audit import marks, record_event, seals, verifying
from brics_tracker.core.audit.tables import recorded_tables
from brics_tracker.core.choices import Act
from brics_tracker.core.models import AuditEvent, AuditSeal, SealedPart
from tests.architecture.test_matrix import undone

from .trail import alter, copy, fill_trail, found, remove, run

pytestmark = pytest.mark.django_db
EVENT = AuditEvent._meta.db_table


@pytest.fixture(scope="module", autouse=True)
def _trail(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """One sealed register for the module; each test undoes what it did."""
    with (
        override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("files")),
        django_db_blocker.unblock(),
        patch.object(connections["default"], "close"),
        undone(),
    ):
        fill_trail()
        seals.seal_trail()
        yield


@pytest.fixture(autouse=True)
def _own_files() -> None:
    """The register's files belong to the module."""


def events(number: int) -> list[AuditEvent]:
    return [record_event(Act.EXPORT_MADE, by=None, thing=f"list {n}") for n in range(number)]


def verify(*arguments: str) -> str:
    out = StringIO()
    call_command("verify_audit", *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize("table", sorted(recorded_tables()))
def test_an_altered_a_removed_and_an_added_row_is_named(table: str) -> None:
    model = recorded_tables()[table]
    pk = model._base_manager.order_by("pk").values_list("pk", flat=True)[0]
    assert found() == []
    with undone():
        alter(model, pk)
        assert found() == [f"{table} {pk}: altered since seal 1"]
    with undone():
        remove(model, pk)
        assert found() == [f"{table} {pk}: removed since seal 1"]
    with undone():
        copy(model, pk, -5)
        assert found() == [f"{table} -5: added after seal 1 was made over its place"]
    assert found() == []


class TestTheCommand:
    def test_it_says_that_all_is_whole(self) -> None:
        assert "The audit trail is whole: 1 seals" in verify()

    def test_it_fails_with_each_finding_on_a_line(self, capsys: pytest.CaptureFixture[str]) -> None:
        first, second = recorded_tables()["accounts_historicaluser"]._base_manager.order_by("pk")[:2]
        alter(type(first), first.pk)
        remove(type(second), second.pk)
        out = StringIO()
        with pytest.raises(CommandError, match="2 findings"):
            call_command("verify_audit", stdout=out)
        assert out.getvalue().splitlines()[:2] == [
            f"accounts_historicaluser {first.pk}: altered since seal 1",
            f"accounts_historicaluser {second.pk}: removed since seal 1",
        ]

    def test_rows_that_wait_for_a_seal_are_counted(self) -> None:
        events(3)
        assert "3 rows wait for the next seal" in verify()

    def test_a_trail_cut_off_with_its_seals_is_found_by_what_was_noted_elsewhere(self) -> None:
        events(2)
        seals.seal_trail()
        noted = str(AuditSeal.objects.last())
        assert "is whole" in verify("--known", noted)
        run("DELETE FROM core_sealedpart WHERE seal_id = 2")
        run("DELETE FROM core_auditseal WHERE number = 2")
        run("DELETE FROM core_auditevent WHERE key LIKE 'list %%'")
        assert found() == []
        with pytest.raises(CommandError, match="1 findings"):
            verify("--known", noted)

    @pytest.mark.parametrize("noted", ["1", "1:abc", "x:" + "0" * 64])
    def test_what_is_no_seal_is_refused(self, noted: str) -> None:
        with pytest.raises(CommandError, match="NUMBER:VALUE"):
            verify("--known", noted)

    def test_the_integrity_check_looks_at_the_last_seals(self) -> None:
        assert list(verifying.recent_seals()) == []
        user = recorded_tables()["accounts_historicaluser"]._base_manager.order_by("pk")[0]
        alter(type(user), user.pk)
        assert list(verifying.recent_seals()) == [
            f"I3 audit trail: accounts_historicaluser {user.pk}: altered since seal 1"
        ]


class TestTheSeals:
    @pytest.fixture(autouse=True)
    def _three(self) -> None:
        for _seal in range(2):
            events(2)
            seals.seal_trail()
        assert AuditSeal.objects.count() == 3
        assert found() == []

    @pytest.mark.parametrize("column", ["made_at", "key_name", "previous", "value", "columns"])
    def test_no_field_of_a_seal_can_be_changed(self, column: str) -> None:
        other = {"made_at": "2020-01-01 00:00:00+00:00", "columns": '{"core_auditevent": ["at"]}'}
        run(f'UPDATE core_auditseal SET "{column}" = %s WHERE number = 2', other.get(column, "0" * 8))  # noqa: S608
        assert any("seal" in line for line in found())

    @pytest.mark.parametrize("change", ["through = through + 1", "after = after - 1", "marks = substr(marks, 1, 20)"])
    def test_nor_what_it_covers(self, change: str) -> None:
        run(f"UPDATE core_sealedpart SET {change} WHERE seal_id = 2")  # noqa: S608
        assert "seal 2: altered" in found()

    def test_a_seal_taken_out_is_missed(self) -> None:
        run("DELETE FROM core_sealedpart WHERE seal_id = 2")
        run("DELETE FROM core_auditseal WHERE number = 2")
        assert "seals 2 to 2: removed" in found()

    def test_what_a_seal_covers_cannot_be_taken_out_either(self) -> None:
        run("DELETE FROM core_sealedpart WHERE seal_id = 3")
        run("DELETE FROM core_auditevent WHERE id = (SELECT MAX(id) FROM core_auditevent)")
        assert found() == ["seal 3: altered"]

    def test_whoever_lacks_the_key_cannot_seal_again(self, settings: LazySettings) -> None:
        """Alters a row and makes all seals anew, by the product's own code but with a key of their own."""
        event = AuditEvent.objects.earliest("pk")
        key_name = AuditSeal.objects.get(number=1).key_name
        alter(AuditEvent, event.pk)
        run("DELETE FROM core_sealedpart")
        run("DELETE FROM core_auditseal")
        real, settings.AUDIT_KEY = settings.AUDIT_KEY, ["a guess"]
        seals.seal_trail()
        assert found() == []
        settings.AUDIT_KEY = real
        assert found() == [
            f"1 seals were made with the key {marks.Key('a guess').name}, which is not in AUDIT_KEY here"
        ]
        AuditSeal.objects.update(key_name=key_name)
        assert "seal 1: altered" in found()

    def test_a_new_key_goes_on_where_the_old_one_sealed(self, settings: LazySettings) -> None:
        settings.AUDIT_KEY = ["new", *settings.AUDIT_KEY]
        events(1)
        seals.seal_trail()
        assert found() == []
        alter(AuditEvent, AuditEvent.objects.earliest("pk").pk)
        assert len(found()) == 1


class TestColumnsThatComeAndGo:
    def test_a_column_added_later_is_no_change_of_what_was_sealed_before(self, monkeypatch: pytest.MonkeyPatch) -> None:
        real = marks.columns_of
        with monkeypatch.context() as before:
            before.setattr(marks, "columns_of", lambda model: [name for name in real(model) if name != "words"])
            first, second = events(2)
            seals.seal_trail()
        third = events(1)[0]
        seals.seal_trail()
        assert found() == []
        AuditEvent.objects.filter(pk=first.pk).update(words="filled by the migration that added it")
        assert found() == []
        AuditEvent.objects.filter(pk__in=[second.pk, third.pk]).update(key="changed")
        AuditEvent.objects.filter(pk=third.pk).update(words="changed")
        assert found() == [
            f"{EVENT} {second.pk}: altered since seal 2", f"{EVENT} {third.pk}: altered since seal 3",
        ]  # fmt: skip

    def test_rows_with_a_column_that_is_gone_are_still_counted(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(verifying, "_are_columns", lambda columns, model: model is not AuditEvent)
        event = AuditEvent.objects.earliest("pk")
        alter(AuditEvent, event.pk)
        trail = verifying.Verification()
        assert list(trail.findings()) == []
        assert trail.notes == [f"{EVENT}: columns were removed since seal 1, so its rows are only counted"]
        remove(AuditEvent, event.pk)
        assert found() == [f"{EVENT} {event.pk}: removed since seal 1"]

    def test_a_table_that_is_gone_is_noted(self, monkeypatch: pytest.MonkeyPatch) -> None:
        left = {name: model for name, model in recorded_tables().items() if name != EVENT}
        monkeypatch.setattr(verifying, "recorded_tables", lambda: left)
        trail = verifying.Verification()
        assert list(trail.findings()) == []
        assert trail.notes == [f"{EVENT}: this version has no such table, so its rows are not compared"]


class TestSealing:
    def test_what_is_sealed_is_sealed_once(self) -> None:
        assert seals.seal_trail() == 0
        events(1)
        assert seals.seal_trail() == 1
        assert seals.seal_trail() == 0

    def test_many_rows_take_many_seals_and_none_is_left_out(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(seals, "ROWS_OF_A_PART", 3)
        monkeypatch.setattr(seals, "ROWS_OF_A_SEAL", 7)
        monkeypatch.setattr(verifying, "ROWS_AT_ONCE", 5)
        run("DELETE FROM core_sealedpart")
        run("DELETE FROM core_auditseal")
        made = events(20)
        assert seals.seal_trail() > 10
        assert verifying.unsealed() == 0
        assert max(len(part.marks) // 16 for part in SealedPart.objects.all()) == 3
        assert found() == []
        remove(AuditEvent, made[11].pk)
        assert [line.split(":")[0] for line in found()] == [f"{EVENT} {made[11].pk}"]

    def test_the_second_of_two_who_make_the_same_seal_finds_it_made(self, monkeypatch: pytest.MonkeyPatch) -> None:
        events(1)
        real = seals._new_columns

        def meanwhile(parts: list[SealedPart]) -> dict[str, list[str]]:
            monkeypatch.setattr(seals, "_new_columns", real)
            assert seals.seal_trail() == 1
            return real(parts)

        monkeypatch.setattr(seals, "_new_columns", meanwhile)
        assert seals.seal_trail() == 0
        assert AuditSeal.objects.count() == 2
        assert found() == []

    def test_a_tick_leaves_the_rest_to_the_next(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(seals, "ROWS_OF_A_SEAL", 1)
        monkeypatch.setattr(seals, "LONGEST", -1.0)
        events(2)
        assert seals.seal_trail() == 0
        monkeypatch.setattr(seals, "LONGEST", 10.0)
        assert seals.seal_trail() == 2
        assert found() == []
