"""Style sheets know no left and right, and every file named exists."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders

STATIC = Path(settings.BASE_DIR, "static")
SHEETS = sorted(STATIC.glob("css/*.css"))
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
# Physical properties turn the wrong way in a right-to-left language. Widths and heights are left to the author.
PHYSICAL = re.compile(
    r"(?<![-\w])(?:"
    r"(?:margin|padding|scroll-margin|scroll-padding)-(?:left|right|top|bottom)"
    r"|border-(?:left|right|top|bottom)(?:-(?:width|style|color))?"
    r"|border-(?:top|bottom)-(?:left|right)-radius"
    r"|(?:left|right|top|bottom)"
    r")\s*:"
    r"|(?:text-align|float|clear)\s*:\s*(?:left|right)\b"
)
URL = re.compile(r"""url\(\s*["']?(?!data:|#)([^"')]+)""")
IMPORT = re.compile(r"""@import\s+["']([^"']+)""")


def plain(sheet: Path) -> str:
    return COMMENT.sub("", sheet.read_text("utf-8"))


def test_no_sheet_says_left_or_right() -> None:
    found = [f"{sheet.name}: {match[0].strip()}" for sheet in SHEETS for match in PHYSICAL.finditer(plain(sheet))]
    assert found == []


def test_left_and_right_would_be_found() -> None:
    for text in ("margin-left: 1em", "a { left: 0 }", "text-align: right", "border-top-left-radius: 2px"):
        assert PHYSICAL.search(text), text
    for text in ("margin-inline-start: 1em", "inset-inline-start: 0", "text-align: end", "grid-area: left"):
        assert not PHYSICAL.search(text), text


def test_every_file_that_a_sheet_names_exists() -> None:
    missing = [
        f"{sheet.name}: {name}"
        for sheet in SHEETS
        for name in (*URL.findall(plain(sheet)), *IMPORT.findall(plain(sheet)))
        if not (sheet.parent / name.split("?")[0].split("#")[0]).resolve().is_file()
    ]
    assert missing == []


def test_no_sheet_or_script_fetches_from_elsewhere() -> None:
    files = [*SHEETS, *STATIC.glob("js/*.js")]
    assert [
        file.name for file in files if re.search(r"""["'(](?:https?:)?//(?!www\.w3\.org)\w""", file.read_text("utf-8"))
    ] == []


def test_no_file_lies_there_unused() -> None:
    """Every style sheet, script and picture of ours is named by some template, sheet or piece of code."""
    folders = ("templates", "brics_tracker", "proposals", "mechanisms", "reports", "static/css", "static/js")
    texts = [
        file.read_text("utf-8")
        for folder in folders
        for file in Path(settings.BASE_DIR, folder).rglob("*.*")
        if file.suffix in {".html", ".py", ".css", ".js"}
    ]
    ours = [file for kind in ("css", "js", "img", "fonts") for file in (STATIC / kind).rglob("*.*")]
    named = "\n".join(texts)
    unused = [str(file.relative_to(STATIC)) for file in ours if "LICENSE" not in file.name and file.name not in named]
    assert unused == []
    assert all(finders.find(str(file.relative_to(STATIC))) for file in ours)
