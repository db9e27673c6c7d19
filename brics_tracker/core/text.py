"""The one normaliser of text that people send: NFC, line ends as LF, nothing broken, nothing that hides."""

from __future__ import annotations

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# C0 but tab and line ends, DEL and C1 (but NEL, which old systems write for a line end), lone surrogates.
_REFUSED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")
# Marks that turn the direction of what follows: invisible, so that a word can pretend to be another.
_DIRECTION = re.compile(r"[\u202a-\u202e\u2066-\u2069]")
_LINE_ENDS = re.compile(r"\r\n?|\x85")
# What stands where bytes could not be read.
_REPLACEMENT = "\ufffd"
# Space, and what Unicode calls ignorable by default (and the two blanks that are letters by name alone).
_UNSEEN = re.compile(
    "[\\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+"
)


def is_clean(value: str) -> bool:
    """Is there nothing in it that no keyboard writes?"""
    return _REFUSED.search(value) is None


def clean_text(value: str) -> str:
    """The text as it is kept. Raises ValidationError where it holds control characters, marks that turn the writing
    round or broken characters, or where it is not empty and yet nothing of it can be seen.
    """
    if found := _REFUSED.search(value):
        raise ValidationError(
            _("Character %(place)d is a control character (U+%(code)s), which text cannot hold. Remove it."),
            code="control_character",
            params={"place": found.start() + 1, "code": f"{ord(found.group()):04X}"},
        )
    if found := _DIRECTION.search(value):
        raise ValidationError(
            _("Character %(place)d is an unseen mark that turns the writing round (U+%(code)s). Remove it."),
            code="direction",
            params={"place": found.start() + 1, "code": f"{ord(found.group()):04X}"},
        )
    if _REPLACEMENT in value:
        raise ValidationError(
            _("Character %(place)d could not be read (U+FFFD stands in its place). Type it anew."),
            code="unreadable",
            params={"place": value.index(_REPLACEMENT) + 1},
        )
    if value.strip() and _UNSEEN.fullmatch(value):
        raise ValidationError(_("Nothing of this text can be seen. Write it in letters."), code="unseen")
    return unicodedata.normalize("NFC", _LINE_ENDS.sub("\n", value))


_DIRECTION_NAMES = dict(
    zip(
        "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",
        ["LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI"],
        strict=True,
    )
)


def name_directions(html: str) -> str:
    """Safe HTML with each mark of direction in its text (older rows and files hold some) drawn as letters that
    everyone sees.
    """
    if not _DIRECTION.search(html):
        return html
    parts = re.split(r"(<[^>]*>)", html)
    return "".join(_DIRECTION.sub("", part) if part.startswith("<") else _DIRECTION.sub(_named, part) for part in parts)


def _named(found: re.Match[str]) -> str:
    return f'<span class="control">{_DIRECTION_NAMES[found.group()]}</span>'
