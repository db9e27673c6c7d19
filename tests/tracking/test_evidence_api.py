"""Sources and their files through the API: the same checks as on pages, the same rights, every fetching on record."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile

from brics_tracker.accounts.models import User
from brics_tracker.core.models import AuditEvent
from brics_tracker.tracking import integrity
from brics_tracker.tracking.models import Evidence, EvidenceFile, TrackedItem, Update
from tests.factories.tracking import make_draft, make_evidence, make_item, make_update
from tests.openapi import check_answer
from tests.program import Program

pytestmark = pytest.mark.django_db
LIST = "/api/v1/proposals/{reference}/evidence/"
ONE = "/api/v1/evidence/{id}/"
FILES = "/api/v1/evidence/{id}/files/"
SOURCES = "proposals/EN-01/evidence/"


@pytest.fixture
def item() -> TrackedItem:
    return make_item()


@pytest.fixture
def program(analyst: User, item: TrackedItem) -> Program:
    return Program(analyst)


def file(name: str = "minutes.txt", content: bytes = b"What was agreed.") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


class TestAdding:
    def test_an_address(self, program: Program) -> None:
        sent = {"url": "https://example.org/a", "quote": "It is agreed.", "confidential": True, "language": "en"}
        made = check_answer(program.post(SOURCES, sent), LIST, 201, "post")
        assert (made["url"], made["title"], made["confidential"]) == (sent["url"], sent["url"], True)

    def test_files_with_an_update_of_ones_own(self, program: Program, item: TrackedItem, analyst: User) -> None:
        update = make_draft(item, by=analyst)
        sent = {"title": "Minutes", "files": [file(), file("cable.txt", b"Told.")], "update": update.pk}
        made = check_answer(program.send(SOURCES, sent), LIST, 201, "post")
        assert [each["name"] for each in made["files"]] == ["minutes.txt", "cable.txt"]
        assert (made["updates"], made["confidential"]) == ([update.pk], False)
        assert Update.objects.get(pk=update.pk).version == update.version + 1
        assert program.get(f"updates/{update.pk}/").json()["evidence"] == [made["id"]]

    def test_the_same_request_again_keeps_one_copy(self, program: Program) -> None:
        key = uuid.uuid4()
        first, again = (program.send(SOURCES, {"files": [file()]}, key=key).json() for _turn in range(2))
        assert first == again
        assert EvidenceFile.objects.count() == 1
        other = program.send(SOURCES, {"files": [file(content=b"Other words.")]}, key=key)
        check_answer(other, LIST, 409, "post")

    @pytest.mark.parametrize(
        ("sent", "field"),
        [
            ({}, "url"), ({"url": "javascript:alert(1)"}, "url"), ({"files": [file("a.exe", b"MZ")]}, "files"),
            ({"files": [file("a.pdf", b"no pdf")]}, "files"), ({"files": [file("a.txt", b"")]}, "files"),
            ({"files": [file(f"{n}.txt") for n in range(11)]}, "files"),
            ({"url": "https://example.org", "source_date": "2999"}, "source_date"), ({"url": "https://a.org", "x": 1}, "x"),
            ({"url": "https://example.org", "title": "a\x00b"}, "title"),
        ],
    )  # fmt: skip
    def test_what_a_page_would_refuse_is_refused_at_its_field_and_nothing_is_kept(
        self, program: Program, sent: dict[str, Any], field: str
    ) -> None:
        refused = check_answer(program.send(SOURCES, sent), LIST, 400, "post")
        assert list(refused["errors"]) == [field]
        assert not Evidence.objects.exists()

    def test_too_large(self, program: Program, settings: LazySettings) -> None:
        settings.UPLOAD_MAX_BYTES = 10
        assert list(program.send(SOURCES, {"files": [file()]}).json()["errors"]) == ["files"]

    def test_anothers_update_is_not_there(self, program: Program, item: TrackedItem, other_analyst: User) -> None:
        update = make_draft(item, by=other_analyst)
        sent = {"url": "https://example.org", "update": update.pk}
        check_answer(program.post(SOURCES, sent), LIST, 404, "post")
        assert not Evidence.objects.exists()


class TestChanging:
    def test_ones_own_before_it_is_public(self, program: Program) -> None:
        made = program.post(SOURCES, {"url": "https://example.org/a"})
        address = f"evidence/{made.json()['id']}/"
        check_answer(program.patch(address, {"title": "x"}, match=""), ONE, 428, "patch")
        changed = program.patch(address, {"title": "The note", "url": ""}, match=made["ETag"])
        assert list(check_answer(changed, ONE, 400, "patch")["errors"]) == ["url"]
        changed = program.patch(address, {"title": "The note"}, match=made["ETag"])
        assert check_answer(changed, ONE, 200, "patch")["title"] == "The note"
        stale = program.patch(address, {"quote": "x"}, match=made["ETag"])
        assert check_answer(stale, ONE, 412, "patch")["current"]["title"] == "The note"
        more = check_answer(program.send(f"{address}files/", {"files": [file()]}), FILES, 201, "post")
        assert (len(more["files"]), more["version"]) == (1, 3)
        assert list(integrity.versions()) == []

    def test_what_a_public_update_rests_on_is_only_hidden_or_shown(
        self, program: Program, item: TrackedItem, analyst: User, reviewer: User
    ) -> None:
        update = make_update(item, by=analyst)
        source = make_evidence(item, by=analyst)
        source.updates.add(update)
        address = f"evidence/{source.pk}/"
        judge = Program(reviewer)
        for writer in (program, judge):
            refused = check_answer(writer.patch(address, {"title": "x", "confidential": True}), ONE, 400, "patch")
            assert list(refused["errors"]) == ["title"]
        assert check_answer(judge.patch(address, {"confidential": True}), ONE, 200, "patch")["confidential"]
        assert list(program.send(f"{address}files/", {"files": [file()]}).json()["errors"]) == ["files"]


class TestFetching:
    def test_the_file_with_a_token_and_on_record(
        self, program: Program, item: TrackedItem, analyst: User, reader: User
    ) -> None:
        made = program.send(SOURCES, {"files": [file()]}).json()
        address = made["files"][0]["url"].removeprefix("http://testserver/api/v1/")
        answer = program.get(address)
        assert b"".join(answer.streaming_content) == b"What was agreed."
        assert answer["Content-Disposition"] == 'attachment; filename="minutes.txt"'
        assert (answer["X-Content-Type-Options"], answer["Cache-Control"]) == ("nosniff", "private, no-store")
        assert AuditEvent.objects.filter(act="file_fetched", actor=analyst).count() == 1
        assert Program(reader, "read").get(address).status_code == 404

    def test_gone_from_the_disk(self, program: Program) -> None:
        made = program.send(SOURCES, {"files": [file()]}).json()
        row = EvidenceFile.objects.get()
        row.file.storage.delete(str(row.file.name))
        answer = program.get(f"evidence/files/{made['files'][0]['id']}/")
        check_answer(answer, "/api/v1/evidence/files/{id}/", 410)


class TestWhatAnUpdateRestsOn:
    def test_named_by_number_and_replaced_as_a_whole(self, program: Program, item: TrackedItem, analyst: User) -> None:
        one, two = (make_evidence(item, by=analyst) for _turn in range(2))
        sent = {"happened": "2024-05", "text": "Talks began.", "evidence": [one.pk]}
        made = program.post("proposals/EN-01/updates/", sent).json()
        assert made["evidence"] == [one.pk]
        address = f"updates/{made['id']}/"
        assert program.patch(address, {"evidence": [two.pk]}).json()["evidence"] == [two.pk]
        assert program.patch(address, {"text": "They ended."}).json()["evidence"] == [two.pk]
        assert program.patch(address, {"evidence": []}).json()["evidence"] == []

    def test_not_anothers(self, program: Program, other_analyst: User) -> None:
        hidden = make_evidence(make_item(), by=other_analyst)
        sent = {"happened": "2024-05", "text": "Talks began.", "evidence": [hidden.pk]}
        assert list(program.post("proposals/EN-01/updates/", sent).json()["errors"]) == ["evidence"]
