"""Languages without a catalogue of ours: the pseudo-locale, and those that so far lend their direction alone.

The pseudo-locale en-xa: every translatable word accented and longer, made as it is read. What stays plain on a page in this language did not go through gettext; what breaks would break in German or Russian.
"""

from __future__ import annotations

import re
from functools import cache
from gettext import NullTranslations
from pathlib import Path

from django.conf import settings
from django.utils.translation import get_language, to_locale, trans_real

LANGUAGE = "en-xa"
_ACCENTS = str.maketrans("AEIOUYCDNSZaeiouycdnsz", "ÀÉÎÖÛÝÇÐÑŠŽàéîöûýçðñšž")
# Left as they are: places for values of both formats, tags and entities of HTML.
_KEPT = re.compile(r"(%\(\w+\)[#0\- +]?[\d.]*[a-zA-Z]|%[sdifr%]|\{[^{}]*\}|<[^<>]*>|&#?\w+;)")
_CONTEXT = "\x04"
# Settings of a language rather than words: Django reads these through gettext too.
_NOT_WORDS = re.compile(r"^[A-Z]+(_[A-Z]+)+$")


def accented(text: str) -> str:
    """The text in accents, about a third longer, between marks that show where it was cut."""
    if not text.strip() or _NOT_WORDS.match(text):
        return text
    pieces = [piece if _KEPT.fullmatch(piece) else piece.translate(_ACCENTS) for piece in _KEPT.split(text)]
    letters = sum(len(piece) for piece in pieces if not _KEPT.fullmatch(piece))
    return f"⟦{''.join(pieces)}{'~' * max(1, letters // 3)}⟧"


class SourceWords(NullTranslations):
    """The words as they stand in the code, in a page laid out for `code`; what Django asks of a catalogue and no more."""

    domain = "django"

    def __init__(self, code: str) -> None:
        super().__init__()
        self.code = code

    def gettext(self, message: str) -> str:
        return message.split(_CONTEXT, 1)[-1]

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)

    def language(self) -> str:
        return self.code

    def to_language(self) -> str:
        return self.code


class PseudoTranslations(SourceWords):
    def gettext(self, message: str) -> str:
        return accented(super().gettext(message))


def language_of_words() -> str:
    """The language that the page's words are in: the one chosen, or English where we have no words in it."""
    chosen = get_language() or settings.LANGUAGE_CODE
    return chosen if is_translated(chosen) else settings.LANGUAGE_CODE


@cache
def is_translated(code: str) -> bool:
    """Is there a catalogue of ours? (The framework's own would mix a second language into ours.)"""
    if code == settings.LANGUAGE_CODE:
        return True
    return any(Path(folder, to_locale(code), "LC_MESSAGES", "django.po").exists() for folder in settings.LOCALE_PATHS)


def install() -> None:
    """Put them where Django keeps the catalogues that it has read."""
    known = trans_real._translations  # type: ignore[attr-defined]
    known[LANGUAGE] = PseudoTranslations(LANGUAGE)
    known.update({code: SourceWords(code) for code, _name in settings.LANGUAGES if not is_translated(code)})
