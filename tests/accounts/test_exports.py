"""A large list as a file: asked for, made with the rights of whoever asked, kept for its time."""

from __future__ import annotations

import csv
import datetime as dt
import io
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import time_machine
from django.conf import LazySettings
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.utils import timezone

from brics_tracker.accounts import exports
from brics_tracker.accounts.models import User
from brics_tracker.accounts.services import deactivate_user, revoke_grant
from brics_tracker.core import jobs
from brics_tracker.core.choices import JobState
from brics_tracker.core.integrity import expired_exports, files_and_rows
from brics_tracker.core.models import ExportFile, Job
from brics_tracker.core.rows import stream_rows
from brics_tracker.core.writers import CsvWriter, XlsxWriter
from brics_tracker.tracking.services import items
from tests.factories.accounts import make_user
from tests.factories.core import make_member, make_theme
from tests.factories.tracking import make_proposal

pytestmark = pytest.mark.django_db


def ask(user: User, address: str = "/proposals/", format: str = "xlsx", key: uuid.UUID | None = None) -> Job:
    return exports.request_export(address, format, by=user, form_key=key or uuid.uuid4())


def run(job: Job) -> Job:
    jobs.run(job.pk)
    job.refresh_from_db()
    return job


def made(user: User, address: str = "/proposals/", format: str = "xlsx") -> ExportFile:
    job = run(ask(user, address, format))
    assert (job.state, job.reason) == (JobState.DONE, "")
    return ExportFile.objects.get(job=job)


def csv_rows(file: ExportFile) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.file.read().decode("utf-8-sig"), newline="")))


def files_on_the_disk() -> list[Path]:
    root = Path(default_storage.path("."))
    return [path for path in root.rglob("*") if path.is_file()]


class TestAsking:
    def test_the_same_form_twice_asks_once(self, reader: User) -> None:
        key = uuid.uuid4()
        assert ask(reader, key=key).pk == ask(reader, key=key).pk
        assert Job.objects.count() == 1

    @pytest.mark.parametrize(
        "address",
        ["", "/", "/nowhere/", "/proposals/EN-01/", "/admin/", "/accounts/logout/", "https://example.org/", "/proposals/?due=never",
         "/proposals/?status=nonsense", "/proposals/?q=%00", "/proposals/?as_of=tomorrow", "/api/v1/proposals/", "//proposals/", "javascript:/proposals/", "https://example.org/proposals/"],
    )  # fmt: skip
    def test_what_is_no_list_with_a_readable_filter_is_refused(self, reader: User, address: str) -> None:
        with pytest.raises(ValidationError):
            ask(reader, address)
        assert not Job.objects.exists()

    def test_an_unknown_format_is_refused(self, reader: User) -> None:
        with pytest.raises(ValidationError):
            ask(reader, format="exe")

    def test_somebody_with_many_on_their_way_waits(self, reader: User) -> None:
        asked = [ask(reader) for _n in range(exports.MAX_OPEN)]
        with pytest.raises(ValidationError, match="on their way"):
            ask(reader)
        jobs.cancel_job(asked[0], reader)
        ask(reader)
        ask(make_user("someone-else"))


class TestMaking:
    def test_the_file_holds_the_list_as_its_address_says_it(self, reader: User, settings: LazySettings) -> None:
        settings.SITE_URL = "https://tracker.example.org"
        settings.ALLOWED_HOSTS = ["tracker.example.org"]
        for title in ("Grid", "Grain B", "Grain A"):
            make_proposal(title=title, members=[make_member("BR")])
        file = made(reader, "/proposals/?q=grain&sort=-title&columns=all&page=2&export=csv")
        data, about = openpyxl.load_workbook(file.file).worksheets
        head, *rows = data.iter_rows(values_only=True)
        assert [row[head.index("Title")] for row in rows] == ["Grain B", "Grain A"]
        assert rows[0][head.index("Members")] == "Country BR"
        assert rows[0][head.index("Address")].startswith("https://tracker.example.org/proposals/EN-")
        facts = dict(about.iter_rows(values_only=True))
        assert (facts["Filter"], facts["Order"], facts["Rows"]) == ("Words in this list: grain", "Title, descending", 2)
        assert facts["For"] == "reader"
        assert facts["Address"] == "https://tracker.example.org/proposals/?q=grain&sort=-title&columns=all"

    def test_the_row_knows_the_file(self, reader: User) -> None:
        make_proposal()
        file = made(reader)
        assert file.count == 1
        assert file.name == f"proposals-{timezone.localdate().isoformat()}.xlsx"
        assert file.expires_at - file.created_at > dt.timedelta(days=6, hours=23)
        assert list(files_and_rows()) == []

    @pytest.mark.parametrize("format", ["csv", "json", "xlsx"])
    @pytest.mark.parametrize("address", ["/proposals/", "/mechanisms/", "/meetings/", "/reports/"])
    def test_every_list_comes_in_every_format(self, reader: User, address: str, format: str) -> None:
        assert made(reader, address, format).size > 0

    def test_a_past_day_is_as_it_was(self, reader: User) -> None:
        with time_machine.travel("2026-03-01T12:00:00Z"):
            item = make_proposal(title="Old words").item
        with time_machine.travel("2026-03-10T12:00:00Z"):
            author = make_user("editor", role="analyst")
            items.edit_item(item, by=author, version=item.version, changes={"title": "New words"})
            [then] = csv_rows(made(reader, "/proposals/?as_of=2026-03-05", "csv"))
            [now] = csv_rows(made(reader, "/proposals/", "csv"))
        assert (then["Title"], now["Title"]) == ("Old words", "New words")

    def test_it_is_made_in_the_language_it_was_asked_in(self, reader: User) -> None:
        job = ask(reader, format="csv")
        Job.objects.filter(pk=job.pk).update(arguments=job.arguments | {"language": "en-xa"})
        run(job)
        assert "Title" not in ExportFile.objects.get().file.read().decode().splitlines()[0].split(",")

    def test_a_workbook_that_cannot_hold_the_list_is_refused_in_words(
        self, reader: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        make_proposal()
        make_proposal()
        monkeypatch.setattr(XlsxWriter, "max_rows", 1)
        job = run(ask(reader))
        assert job.state == JobState.FAILED
        assert "A workbook holds 1 rows, this list has 2" in job.reason

    def test_its_progress_is_noted_while_rows_are_read(self, reader: User, monkeypatch: pytest.MonkeyPatch) -> None:
        for _n in range(5):
            make_proposal()
        monkeypatch.setattr("brics_tracker.core.rows.CHUNK", 2)
        seen: list[tuple[int, str]] = []
        monkeypatch.setattr(jobs.Progress, "note", lambda self, percent, text="": seen.append((percent, text)))
        monkeypatch.setattr(jobs.Progress, "step", lambda self, percent, text="": None)
        made(reader, format="csv")
        assert seen == [(37, "2 of 5 rows"), (69, "4 of 5 rows"), (85, "5 of 5 rows")]


class TestRights:
    def test_everyone_gets_what_they_see(self, reader: User, reviewer: User) -> None:
        make_proposal(title="Public")
        make_proposal(title="Draft", published=False)
        assert {row["Title"] for row in csv_rows(made(reader, format="csv"))} == {"Public"}
        assert {row["Title"] for row in csv_rows(made(reviewer, format="csv"))} == {"Public", "Draft"}

    def test_a_grant_withdrawn_meanwhile_counts(self, administrator: User) -> None:
        reviewer = make_user("second", role="reviewer")
        make_proposal(title="Draft", published=False)
        job = ask(reviewer, format="csv")
        revoke_grant(reviewer.grants.get(), by=administrator)
        run(job)
        assert csv_rows(ExportFile.objects.get(job=job)) == []

    @pytest.mark.parametrize("public", [False, True])
    def test_nothing_is_made_for_an_account_that_was_shut(
        self, administrator: User, settings: LazySettings, public: bool
    ) -> None:
        settings.PUBLIC_READ = public
        person = make_user("leaver", role="analyst")
        job = ask(person)
        deactivate_user(person, by=administrator)
        assert run(job).state == JobState.FAILED
        assert not ExportFile.objects.exists()
        assert files_on_the_disk() == []


class TestCancelling:
    @pytest.fixture
    def stopping(self, monkeypatch: pytest.MonkeyPatch) -> Callable[[Job], None]:
        """stopping(job): its cancelling is asked for while its rows are read, as another process would ask."""

        def stop(job: Job) -> None:
            def write(self: Any, table: Any) -> Iterator[bytes]:
                Job.objects.filter(pk=job.pk).update(cancel_asked=True, reason="Cancelled by reader.")
                for _chunk in table.chunks:
                    pytest.fail("it goes on reading")
                yield b""

            monkeypatch.setattr(CsvWriter, "write", write)
            monkeypatch.setattr(jobs.Progress, "should_stop", lambda self: True)

        return stop

    def test_a_cancelled_one_leaves_nothing_and_can_be_run_again(
        self, reader: User, stopping: Callable[[Job], None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        make_proposal()
        job = ask(reader, format="csv")
        stopping(job)
        assert run(job).state == JobState.CANCELLED
        assert (ExportFile.objects.count(), files_on_the_disk()) == (0, [])
        monkeypatch.undo()
        jobs.retry_job(job, reader)
        run(job)
        assert ExportFile.objects.get(job=job).count == 1

    def test_reading_has_ended_before_anything_is_written(
        self, reader: User, stopping: Callable[[Job], None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """SQLite refuses to write ("database is locked") to whoever still reads a state that others have changed."""
        events: list[str] = []

        def read(*arguments: Any) -> Iterator[Any]:
            events.append("reading")
            try:
                yield from stream_rows(*arguments)
            finally:
                events.append("read")

        monkeypatch.setattr("brics_tracker.core.export.stream_rows", read)
        monkeypatch.setattr(jobs.Progress, "step", lambda self, percent, text="": events.append("writing"))
        make_proposal()
        job = ask(reader, format="csv")
        stopping(job)
        run(job)
        assert events == ["writing", "reading", "read", "writing"]

    def test_a_worker_that_lost_the_job_keeps_nothing(self, reader: User, monkeypatch: pytest.MonkeyPatch) -> None:
        job, original = ask(reader, format="csv"), default_storage.save

        def lose(name: str, content: Any) -> str:
            Job.objects.filter(pk=job.pk).update(lease=uuid.uuid4())
            return original(name, content)

        monkeypatch.setattr(default_storage, "save", lose)
        jobs.run(job.pk)
        assert (ExportFile.objects.count(), files_on_the_disk()) == (0, [])


class TestExpiry:
    def test_a_file_goes_when_its_time_is_over_and_not_before(self, reader: User) -> None:
        file = made(reader)
        assert exports.expire_exports(file.expires_at - dt.timedelta(seconds=1)) == 0
        assert len(files_on_the_disk()) == 1
        assert exports.expire_exports(file.expires_at) == 1
        assert (files_on_the_disk(), ExportFile.objects.count()) == ([], 0)
        assert list(Path(default_storage.path("exports")).iterdir()) == []
        assert list(files_and_rows()) == []

    def test_what_a_killed_worker_left_goes_once_its_job_has_ended(self, reader: User) -> None:
        job = ask(reader)
        stray = Path(default_storage.path(f"exports/{job.pk}/stray"))
        stray.parent.mkdir(parents=True)
        stray.write_bytes(b"half")
        exports.expire_exports()
        assert stray.exists(), "its job is still open"
        jobs.cancel_job(job, reader)
        exports.expire_exports()
        assert not stray.exists()

    def test_running_again_clears_what_the_killed_worker_left(self, reader: User) -> None:
        job = ask(reader)
        stray = Path(default_storage.path(f"exports/{job.pk}/stray"))
        stray.parent.mkdir(parents=True)
        stray.write_bytes(b"half")
        run(job)
        assert list(files_and_rows()) == []

    def test_the_integrity_check_finds_one_that_outlived_its_time(self, reader: User) -> None:
        file = made(reader)
        assert list(expired_exports()) == []
        ExportFile.objects.update(expires_at=timezone.now() - dt.timedelta(hours=2))
        assert [line[:3] for line in expired_exports()] == ["I10"]
        assert file.name in next(expired_exports())


def test_rights_differ_with_every_grant(reader: User) -> None:
    from brics_tracker.accounts import access

    energy, brazil = make_theme("EN"), make_member("BR")
    people = [
        reader, make_user(role="analyst"), make_user(role="reviewer"), make_user(role="reviewer", themes=[energy]),
        make_user(role="reviewer", members=[brazil]),
    ]  # fmt: skip
    digests = {access.digest_of_rights(User.objects.get(pk=person.pk)) for person in people}
    assert len(digests) == len(people)
