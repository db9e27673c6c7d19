"""Templates lead somewhere, name files that exist, and hold neither scripts nor styles of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import get_template

from .routes import routes

FOLDER = Path(settings.BASE_DIR, "templates")
TEMPLATES = sorted(FOLDER.rglob("*.html")) + sorted(FOLDER.rglob("*.txt"))
URL = re.compile(r"""{%\s*url\s+["']([^"']+)["']""")
STATIC = re.compile(r"""{%\s*static\s+["']([^"']+)["']""")
COMMENT = re.compile(r"{#.*?#}|{%\s*comment.*?endcomment\s*%}|<!--.*?-->", re.DOTALL)
INLINE = {
    "an inline style": re.compile(r"""<[^>]*\sstyle\s*=""", re.IGNORECASE),
    "a style element": re.compile(r"<style\b", re.IGNORECASE),
    "an inline handler": re.compile(r"""<[a-z][^>]*\son[a-z]+\s*=\s*["']""", re.IGNORECASE),
    "a script without a file": re.compile(r"<script\b(?![^>]*\bsrc\s*=)", re.IGNORECASE),
    "an address that runs": re.compile(r"javascript:", re.IGNORECASE),
    "a script from elsewhere": re.compile(
        r"""(?:src|href)\s*=\s*["'](?:https?:)?//[^"']*\.(?:js|css)""", re.IGNORECASE
    ),
}


def label(file: Path) -> str:
    return str(file.relative_to(FOLDER))


def matches(file: Path, pattern: re.Pattern[str]) -> Iterator[str]:
    yield from (found[1] for found in pattern.finditer(file.read_text(encoding="utf-8")))


@pytest.mark.parametrize("file", TEMPLATES, ids=label)
def test_it_can_be_read(file: Path) -> None:
    get_template(label(file))  # raises what a page would raise


def test_every_address_that_a_template_names_exists() -> None:
    names = {route.name for route in routes()}
    unknown = {f"{label(file)}: {name}" for file in TEMPLATES for name in matches(file, URL)}
    assert sorted(each for each in unknown if each.split(": ")[1] not in names) == []


def test_every_file_that_a_template_names_exists() -> None:
    named = {(label(file), name) for file in TEMPLATES for name in matches(file, STATIC)}
    assert sorted(each for each in named if finders.find(each[1]) is None) == []


@pytest.mark.parametrize("what", INLINE)
def test_no_template_holds(what: str) -> None:
    guilty = [label(file) for file in TEMPLATES if INLINE[what].search(COMMENT.sub("", file.read_text("utf-8")))]
    assert guilty == []


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('<p style="color: red">', "an inline style"),
        ("<style>", "a style element"),
        ('<a href="#" onclick="go()">', "an inline handler"),
        ("<script>go()</script>", "a script without a file"),
        ('<a href="javascript:go()">', "an address that runs"),
        ('<script src="https://cdn.example.org/x.js">', "a script from elsewhere"),
    ],
)
def test_what_is_forbidden_would_be_found(text: str, what: str) -> None:
    assert INLINE[what].search(text)


def test_no_code_writes_styles_or_handlers_into_html() -> None:
    """The same for strings of HTML in Python (tags, charts): attributes of presentation yes, styles no."""
    folders = ("brics_tracker", "proposals", "mechanisms", "reports")
    found = re.compile(r"""<[a-z][^>\n]*\s(?:style|on[a-z]+)=["'{]""")
    code = [file for folder in folders for file in Path(settings.BASE_DIR, folder).rglob("*.py")]
    assert [str(file) for file in code if found.search(file.read_text("utf-8"))] == []
