"""Without Redis the processes of a machine share counts in files: none is lost between two that write at once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from brics_tracker.core.file_cache import SharedFileCache

ADD = """
import sys
from django.conf import settings
settings.configure()
from {module} import {kind}
cache = {kind}(sys.argv[1], {{"OPTIONS": {{"MAX_ENTRIES": 100_000}}}})
sys.stdin.read(1)
print(sum(cache.add(f"lock-{{n}}", True, 60) for n in range(150)))
"""


def won(folder: Path, module: str, kind: str) -> int:
    """How often one of four processes that all add the same 150 keys at once was told that it came first."""
    code = ADD.format(module=module, kind=kind)
    running = [
        subprocess.Popen([sys.executable, "-c", code, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for _process in range(4)
    ]
    for process in running:
        assert process.stdin is not None
        process.stdin.write(b"g")
        process.stdin.flush()
    return sum(int(process.communicate()[0]) for process in running)


def test_a_key_is_added_by_one_process_alone(tmp_path: Path) -> None:
    assert won(tmp_path / "cache", "brics_tracker.core.file_cache", "SharedFileCache") == 150


def test_control_djangos_own_lets_several_in(tmp_path: Path) -> None:
    module = "django.core.cache.backends.filebased"
    assert any(won(tmp_path / f"cache-{n}", module, "FileBasedCache") > 150 for n in range(10)), "ours can go"


@pytest.mark.parametrize(
    ("given", "kind"),
    [({}, "brics_tracker.core.file_cache.SharedFileCache"),
     ({"REDIS_URL": "redis://localhost/0"}, "django.core.cache.backends.redis.RedisCache")],
)  # fmt: skip
def test_every_installation_shares_its_counts(given: dict[str, str], kind: str) -> None:
    code = "from brics_tracker import settings; print(settings.CACHES['default']['BACKEND'])"
    kept = {name: value for name, value in os.environ.items() if name != "REDIS_URL"}
    ended = subprocess.run(
        [sys.executable, "-c", code],
        env={**kept, "SECRET_KEY": "x", **given},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stdout.strip() == kind


def test_what_one_wrote_the_other_reads_and_the_folder_is_private(tmp_path: Path) -> None:
    first, second = (SharedFileCache(str(tmp_path / "cache"), {}) for _n in range(2))
    first.set("count", [1.5], 60)
    assert second.get("count") == [1.5]
    assert second.add("count", [2], 60) is False
    assert SharedFileCache(str(tmp_path / "new"), {}).add("x", 1)
    assert (tmp_path / "new").stat().st_mode & 0o077 == 0
