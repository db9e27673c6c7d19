"""Evidence is checked by its content, kept whole, and seen by those who may."""

import io
import uuid
import zipfile
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from brics_tracker.accounts.models import User
from brics_tracker.core import integrity
from brics_tracker.tracking.models import Evidence, EvidenceFile
from brics_tracker.tracking.services import evidence as services
from tests.factories.accounts import make_user
from tests.factories.tracking import make_draft, make_evidence, make_item, make_update

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n"


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def office(folder: str = "word", *, extra: dict[str, bytes] | None = None) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {
            "[Content_Types].xml": b"<x/>",
            f"{folder}/document.xml": b"<x/>",
            **(extra or {}),
        }.items():
            archive.writestr(name, content)
    return target.getvalue()


def test_a_file_is_stored_whole_under_a_random_name(analyst: User) -> None:
    item = make_item()
    kept = make_evidence(item, by=analyst, url="", files=[upload("Joint statement.pdf", PDF)])
    row = kept.files.get()
    assert (row.name, row.size, row.media_type) == ("Joint statement.pdf", len(PDF), "application/pdf")
    assert "statement" not in str(row.file.name)
    assert Path(row.file.path).read_bytes() == PDF
    assert list(integrity.files_and_rows()) == []


def test_a_long_name_keeps_its_ending(analyst: User) -> None:
    kept = make_evidence(make_item(), by=analyst, url="", files=[upload("Very long " * 24 + ".pdf", PDF)])
    name = kept.files.get().name
    assert (len(name), name[-4:]) == (200, ".pdf")


@pytest.mark.parametrize("title", ["\u200b\u200b", "Minutes \u202efdp\u202c"])
def test_a_title_that_hides_or_lies_is_refused_whoever_brings_it(analyst: User, title: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        make_evidence(make_item(), by=analyst, title=title)
    assert list(refusal.value.message_dict) == ["title"]


def test_a_missing_or_changed_file_is_found_by_the_integrity_check(analyst: User) -> None:
    item = make_item()
    rows = [make_evidence(item, by=analyst, files=[upload(f"{n}.pdf", PDF)]).files.get() for n in range(2)]
    Path(rows[0].file.path).unlink()
    Path(rows[1].file.path).write_bytes(b"%PDF-1.7 forged")
    found = " ".join(integrity.files_and_rows())
    assert "is missing" in found
    assert "is not the one that was stored" in found


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("report.pdf", b"MZ\x90\x00\x03", "not what its name says"),
        ("setup.exe", b"MZ\x90\x00\x03", "not of a kind"),
        ("page.html", b"<html><script>alert(1)</script>", "not of a kind"),
        ("notes.txt", b"<html><script>alert(1)</script>", "not what its name says"),
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not of a kind"),
        ("notes.txt", b"one\x00two", "not what its name says"),
        ("empty.pdf", b"", "empty"),
        ("letter.docx", office(extra={"word/vbaProject.bin": b"x"}), "not what its name says"),
        ("bomb.xlsx", office("xl", extra={"xl/big.xml": b"0" * 30_000_000}), "far too much"),
        ("letter.docx", b"PK\x03\x04 torn", "not what its name says"),
        ("minutes\u202efdp.pdf", PDF, "cannot be seen or read"),
        ("broken\ufffd.pdf", PDF, "cannot be seen or read"),
    ],
)
def test_what_is_not_on_the_list_is_refused_in_words(analyst: User, name: str, content: bytes, why: str) -> None:
    with pytest.raises(ValidationError, match=why) as refusal:
        make_evidence(make_item(), by=analyst, files=[upload(name, content)])
    assert list(refusal.value.message_dict) == ["files"]
    assert not Evidence.objects.filter(author=analyst).exists()


def test_too_large_a_file_is_refused_with_its_size(analyst: User, settings: object) -> None:
    settings.UPLOAD_MAX_BYTES = 1000  # type: ignore[attr-defined]
    with pytest.raises(ValidationError, match="the most is"):
        make_evidence(make_item(), by=analyst, files=[upload("a.pdf", PDF + b"0" * 1000)])


def test_one_bad_file_keeps_none_of_the_set(analyst: User) -> None:
    with pytest.raises(ValidationError):
        make_evidence(make_item(), by=analyst, files=[upload("a.pdf", PDF), upload("b.exe", b"MZ")])
    assert not EvidenceFile.objects.exists()
    assert list(integrity.files_and_rows()) == []


@pytest.mark.parametrize("name", ["letter.docx", "text.odt", "table.csv", "photo.png"])
def test_kinds_on_the_list_are_kept(analyst: User, name: str) -> None:
    odt = io.BytesIO()
    with zipfile.ZipFile(odt, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
    content = {"docx": office(), "odt": odt.getvalue(), "csv": "Größe,1\n".encode(), "png": b"\x89PNG\r\n\x1a\n0"}
    kept = make_evidence(make_item(), by=analyst, files=[upload(name, content[name.rsplit(".", 1)[1]])])
    assert kept.files.count() == 1


def test_an_address_or_a_file_is_needed(analyst: User) -> None:
    with pytest.raises(ValidationError) as refusal:
        services.add_evidence(make_item(), by=analyst, fields={"title": "Heard of it"})
    assert "url" in refusal.value.message_dict


def test_an_address_that_runs_as_script_is_refused(analyst: User) -> None:
    with pytest.raises(ValidationError) as refusal:
        make_evidence(make_item(), by=analyst, url="javascript:alert(1)")
    assert "url" in refusal.value.message_dict


def test_sent_twice_it_is_kept_once(analyst: User) -> None:
    item, key = make_item(), uuid.uuid4()
    fields = {"url": "https://example.org/a", "title": "A"}
    first = services.add_evidence(item, by=analyst, fields=fields, form_key=key)
    assert services.add_evidence(item, by=analyst, fields=fields, form_key=key).pk == first.pk
    assert item.evidence.filter(author=analyst).count() == 1


def test_evidence_of_another_item_cannot_be_used(analyst: User) -> None:
    update, foreign = make_draft(make_item(), by=analyst), make_evidence(make_item(), by=analyst)
    with pytest.raises(ValidationError):
        services.use_evidence(update, foreign, by=analyst)


def test_nobody_touches_anothers_update(analyst: User, other_analyst: User) -> None:
    item = make_item()
    update = make_draft(item, by=analyst)
    with pytest.raises(PermissionDenied):
        make_evidence(item, by=other_analyst, update=update)


def test_evidence_is_seen_with_its_first_published_update(analyst: User, reader: User, reviewer: User) -> None:
    item = make_item()
    hidden = make_evidence(item, by=analyst, update=make_draft(item, by=analyst))
    shown = make_update(item, by=analyst, sources=1).evidence.get()
    own = Evidence.objects.filter(author=analyst)
    assert set(own.visible_to(reader)) == {shown}
    assert set(own.visible_to(reviewer)) == {shown, hidden}
    assert set(own.visible_to(analyst)) == {shown, hidden}


def test_confidential_evidence_stays_with_author_and_overseers(
    analyst: User, other_analyst: User, reader: User
) -> None:
    item = make_item()
    update = make_draft(item, by=analyst)
    kept = make_evidence(item, by=analyst, update=update, confidential=True)
    from brics_tracker.tracking.services import updates

    updates.publish_update(updates.submit_update(update, by=analyst), by=make_user(role="reviewer"))
    for person, sees in (
        (reader, False),
        (other_analyst, False),
        (analyst, True),
        (make_user(role="administrator"), True),
    ):
        assert Evidence.objects.visible_to(person).filter(pk=kept.pk).exists() is sees
