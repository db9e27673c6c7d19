"""How alike two items are: trigrams of their titles, words that few items share, paragraphs that both cite.

Pure, and the same on every database: nothing here reads but its arguments.
"""

from __future__ import annotations

import math
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from brics_tracker.core.search.words import COMMON, is_unspaced, words_of

RARE = 40  # a word that more items hold leads to no candidates: it tells little, and their number grows squared
NEAREST = 20  # candidates of each item that are compared in full
LEAST = 50  # from this likeness on two items are shown as likely duplicates
TOLD = 6  # shared words that are named
# Of a likeness of 100: title and words by half each in TEXT, the rest where both cite and lead alike.
TEXT, CITED, LED = 85, 10, 5
Token = str | tuple[str, str] | int


@dataclass(frozen=True, slots=True)
class Described:
    """What is compared of an item."""

    pk: int
    trigrams: frozenset[str]
    words: frozenset[str]
    pairs: frozenset[tuple[str, str]]  # words of the title that stand next to each other
    passages: frozenset[int] = frozenset()
    theme: int | None = None
    spelled: Mapping[str, str] = field(default_factory=dict)  # as people wrote the words

    def tokens(self) -> Iterator[Token]:
        """By what other items like it are looked for."""
        yield from self.words
        yield from self.pairs
        yield from self.passages


@dataclass(frozen=True, slots=True)
class Likeness:
    """score, title and words: 0 to 100. shared: the rarest words of both, as they are written."""

    score: int
    title: int
    words: int
    shared: Sequence[str]
    passages: Sequence[int]
    theme: bool


def describe(pk: int, title: str, summary: str, *, passages: Iterable[int] = (), theme: int | None = None) -> Described:
    """An item, ready to be compared."""
    spelled: dict[str, str] = {}
    in_title = list(_normal_words(title, spelled))
    words = {*in_title, *_normal_words(summary, spelled)}
    line = f"  {' '.join(in_title)} "
    trigrams = frozenset(line[n : n + 3] for n in range(len(line) - 2))
    return Described(pk, trigrams, frozenset(words), frozenset(pairwise(in_title)), frozenset(passages), theme, spelled)


def _normal_words(text: str, spelled: dict[str, str]) -> Iterator[str]:
    """Words without case, accents and a plural's s; scripts without spaces by two characters at a time."""
    for word in words_of(text):
        if is_unspaced(word):
            parts = [word[n : n + 2] for n in range(max(len(word) - 1, 1))]
        else:
            folded = unicodedata.normalize("NFKD", word.casefold())
            plain = "".join(letter for letter in folded if not unicodedata.combining(letter))
            parts = [plain[:-1] if len(plain) > 3 and plain.endswith("s") else plain]
        for part in parts:
            if part not in COMMON and (len(part) > 1 or not part.isascii()):
                spelled.setdefault(part, word)
                yield part


class Rarity:
    """How much a word tells: the fewer of the items hold it, the more."""

    def __init__(self, items: Sequence[Described]) -> None:
        self.count = len(items)
        self.held = Counter(word for item in items for word in item.words)

    def __getitem__(self, word: str) -> float:
        return math.log((self.count + 1) / (self.held.get(word, 0) + 0.5)) + 0.1

    def weight(self, words: Iterable[str]) -> float:
        return sum(self[word] ** 2 for word in words)


def compare(one: Described, other: Described, rarity: Rarity) -> Likeness:
    """How alike two items are, and why."""
    both = one.words & other.words
    whole = math.sqrt(rarity.weight(one.words) * rarity.weight(other.words))
    words = rarity.weight(both) / whole if whole else 0.0
    size = len(one.trigrams) + len(other.trigrams)
    title = 2 * len(one.trigrams & other.trigrams) / size if size else 0.0
    passages, theme = one.passages & other.passages, one.theme is not None and one.theme == other.theme
    score = TEXT * (title + words) / 2 + (CITED if passages else 0) + (LED if theme else 0)
    shared = sorted(both, key=lambda word: (-rarity[word], word))[:TOLD]
    return Likeness(
        round(score), round(title * 100), round(words * 100), [one.spelled.get(word, word) for word in shared],
        sorted(passages), theme,
    )  # fmt: skip


class Index:
    """Items by their tokens: for each item the few that share most of what is rare."""

    def __init__(self, items: Sequence[Described]) -> None:
        self.items = items
        self.holders: dict[Token, list[int]] = defaultdict(list)
        for place, item in enumerate(items):
            for token in item.tokens():
                self.holders[token].append(place)

    def likely(self, place: int) -> list[int]:
        """Places after this one of the items that are most likely alike; a pair is found from its first item."""
        found: dict[int, float] = defaultdict(float)
        for token in self.items[place].tokens():
            holders = self.holders[token]
            if 1 < len(holders) <= RARE:
                for other in holders:
                    if other > place:
                        found[other] += 1 / len(holders)
        return sorted(found, key=lambda other: (-found[other], other))[:NEAREST]
