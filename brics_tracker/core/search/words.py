"""What a person typed, read: words that must all be there, phrases in quotes, -words that must not, pre* fixes.

Nothing typed is ever an operator of a database: each dialect is given words and writes its own query.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

LONGEST = 200
SHORTEST_PREFIX = 3
# Scripts written without spaces between words, and Korean, whose words carry their grammar: found by any run of
# characters. Kana, ideographs with their extensions, Hangul.
UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af\U00020000-\U0002fa1f"
MARK = "\x1f"  # set round each of those characters in the index; no text of people can hold it
# Too common to tell things apart; PostgreSQL's English list, so that both databases say the same.
COMMON = frozenset(
    """i me my myself we our ours ourselves you your yours yourself yourselves he him his himself she her hers herself it
    its itself they them their theirs themselves what which who whom this that these those am is are was were be been
    being have has had having do does did doing a an the and but if or because as until while of at by for with about
    against between into through during before after above below to from up down in out on off over under again further
    then once here there when where why how all any both each few more most other some such no nor not only own same so
    than too very s t can will just don should now""".split()  # noqa: SIM905 - reads better than 127 lines
)
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»「」『』", '"'))
_PIECES = re.compile(r'(?P<minus>(?<!\S)-)?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')
_UNSPACED = re.compile(f"[{UNSPACED}]")


@dataclass(frozen=True, slots=True)
class Term:
    """Words next to each other, mostly one; `is_prefix`: it is only how a word begins."""

    text: str
    is_phrase: bool = False
    is_prefix: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for: all of `terms`, none of `without`. `str()` is what was typed."""

    typed: str
    terms: tuple[Term, ...]
    without: tuple[Term, ...] = ()

    def __str__(self) -> str:
        return self.typed

    def widened(self) -> Query:
        """The same with every single word as a beginning of words."""
        return replace(self, terms=tuple(replace(term, is_prefix=_can_begin(term)) for term in self.terms))


def read_query(typed: str) -> Query:
    """Raises ValidationError, in words, where there is nothing to look for."""
    terms: list[Term] = []
    without: list[Term] = []
    common = False
    for found in _PIECES.finditer(typed.translate(_QUOTES)):
        term = _term(found["phrase"], found["word"])
        if term is None:
            continue
        if COMMON.issuperset(term.text.lower().split()):
            common = True
        else:
            (without if found["minus"] else terms).append(term)
    if not terms:
        raise _nothing(common=common, without=bool(without))
    if len(terms) == 1 and len(terms[0].text) == 1 and not is_unspaced(terms[0].text):
        raise ValidationError(_("Write at least two letters."), code="short")
    return Query(typed, tuple(terms), tuple(without))


def _nothing(*, common: bool, without: bool) -> ValidationError:
    if common:
        return ValidationError(_("These words stand in almost every text. Add one that tells more."), "common")
    if without:
        return ValidationError(_("Write a word that should be there, beside those that should not."), "only_without")
    return ValidationError(_("Write a word or a number to look for."), "no_words")


def _term(phrase: str | None, word: str | None) -> Term | None:
    words = words_of((phrase if word is None else word) or "")
    if not any(letter.isalnum() for each in words for letter in each):
        return None
    if word is None or len(words) > 1:  # "post-pandemic" is two words next to each other
        return Term(" ".join(words), is_phrase=True)
    term = Term(words[0])
    return replace(term, is_prefix=word.endswith("*") and _can_begin(term))


def _can_begin(term: Term) -> bool:
    return not term.is_phrase and len(term.text) >= SHORTEST_PREFIX and not is_unspaced(term.text)


def is_unspaced(text: str) -> bool:
    """Does it hold characters of a script that sets no spaces between words?"""
    return _UNSPACED.search(text) is not None


def words_of(text: str) -> list[str]:
    """Its words: letters, numbers and the marks on them, without what stands between."""
    kept = "".join(letter if unicodedata.category(letter)[0] in "LNM" else " " for letter in text)
    return kept.split()
