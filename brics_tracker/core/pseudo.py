"""The pseudo-locale en-xa: every translatable word accented and longer, made as it is read.

What stays plain on a page in this language did not go through gettext; what breaks would break in German or Russian.
"""

from __future__ import annotations

import re
from gettext import NullTranslations

from django.utils.translation import trans_real

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


class PseudoTranslations(NullTranslations):
    """Stands in for a catalogue; what Django asks of one and no more."""

    domain = "django"

    def gettext(self, message: str) -> str:
        return accented(message.split(_CONTEXT, 1)[-1])

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)

    def language(self) -> str:
        return LANGUAGE

    def to_language(self) -> str:
        return LANGUAGE


def install() -> None:
    """Put it where Django keeps the catalogues that it has read."""
    trans_real._translations[LANGUAGE] = PseudoTranslations()  # type: ignore[attr-defined]
