"""The archive tells when it is not what was written."""

import io
import random
import tarfile
from pathlib import Path

import pytest

from brics_tracker.core.backup import archive
from brics_tracker.core.backup.archive import DamagedArchive, members, verify, writing


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    source = tmp_path / "source"
    source.write_bytes(b"row 1\nrow 2\n" * 500)
    path = tmp_path / "backup.tar"
    with writing(path) as out:
        out.add("rows/core_theme.jsonl", source)
        out.add("files/evidence/0a1b", source)
        out.finish({"made_at": "2026-11-22"})
    return path


def test_a_whole_archive_is_accepted_with_its_manifest(whole: Path) -> None:
    manifest = verify(whole)
    assert sorted(manifest["members"]) == ["files/evidence/0a1b", "rows/core_theme.jsonl"]
    assert manifest["made_at"] == "2026-11-22"


def test_nobody_else_may_read_it(whole: Path) -> None:
    assert whole.stat().st_mode & 0o777 == 0o600


def test_any_tar_program_can_open_it(whole: Path) -> None:
    with tarfile.open(whole) as opened:
        assert "rows/core_theme.jsonl" in opened.getnames()


@pytest.mark.parametrize("seed", range(20))
def test_one_altered_byte_anywhere_is_found(whole: Path, seed: int) -> None:
    content = bytearray(whole.read_bytes())
    content[random.Random(seed).randrange(len(content))] ^= 0x01  # noqa: S311 - a place, not a secret
    whole.write_bytes(content)
    with pytest.raises(DamagedArchive):
        verify(whole)


@pytest.mark.parametrize("left", [0, 1, 100, 0.5, 0.99, -1])
def test_a_truncated_archive_is_found(whole: Path, left: float) -> None:
    content = whole.read_bytes()
    cut = int(left * len(content)) if 0 < left < 1 else int(left)
    whole.write_bytes(content[:cut])
    with pytest.raises(DamagedArchive):
        verify(whole)


def test_something_added_at_the_end_is_found(whole: Path) -> None:
    with whole.open("ab") as out:
        out.write(b"\n")
    with pytest.raises(DamagedArchive):
        verify(whole)


def test_a_resealed_archive_with_another_member_is_found(whole: Path, tmp_path: Path) -> None:
    content = whole.read_bytes()[: -archive.TRAILER_LENGTH].replace(b"row 1", b"row 9", 1)
    whole.write_bytes(content)
    archive._seal(whole)
    with pytest.raises(DamagedArchive, match="not what was written"):
        verify(whole)


@pytest.mark.parametrize("name", ["../outside", "/etc/outside", "files/../../outside"])
def test_names_that_lead_elsewhere_are_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / "evil.tar"
    with tarfile.open(path, "w") as out:
        info = tarfile.TarInfo(name)
        info.size = 1
        out.addfile(info, io.BytesIO(b"x"))
    with pytest.raises(DamagedArchive, match="plain files"):
        list(members(path))


def test_links_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "evil.tar"
    with tarfile.open(path, "w") as out:
        info = tarfile.TarInfo("files/evidence/x")
        info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
        out.addfile(info)
    with pytest.raises(DamagedArchive, match="plain files"):
        list(members(path))


def test_a_failure_while_writing_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "backup.tar"

    def fail_half_way() -> None:
        with writing(path) as out:
            out.add("rows/x.jsonl", tmp_path / "missing")

    with pytest.raises(FileNotFoundError):
        fail_half_way()
    assert list(tmp_path.iterdir()) == []
