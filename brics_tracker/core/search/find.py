"""The one function that searches: find() asks the database for the nearest of what a person may see."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from brics_tracker.core.text import name_directions

from .dialect import dialect
from .sources import About, Kind, Source
from .words import MARK, Query, Term, is_unspaced, words_of

RANKED = 1000  # of each kind: where more is found, the newest are ranked
FIRST = 1000.0  # the rank of what was asked for by its name
LIKE_ENOUGH = 0.7
SHORTEST_CORRECTED = 4
CORRECTED = 6  # words at most: each costs two queries
TITLES_READ = 100  # of each kind, to find a word in them
_MARKED, _STRAY = re.compile("\x02([^\x02\x03]*)\x03"), re.compile("[\x02\x03]")


@dataclass(frozen=True, slots=True)
class Asked:
    """Where to look: one kind, and those of its rows that the person may see and that pass the filters."""

    source: Source
    kind: Kind
    rows: QuerySet[Any]
    named: int | None = None  # the row whose very name was typed: it comes first


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found; title and excerpt are safe HTML with <mark> round the words."""

    kind: Kind
    pk: int
    title: SafeString
    excerpt: SafeString
    about: About


@dataclass(frozen=True, slots=True)
class Found:
    """The keys of one page, nearest first, and how many there are of each kind (at most RANKED; `capped` says of which)."""

    keys: Sequence[tuple[Asked, int]]
    counts: Mapping[str, int]
    capped: frozenset[str]


def find(query: Query, asked: Sequence[Asked], *, only: Sequence[str] = (), first: int = 0, size: int = 20) -> Found:
    """One page of what matches; one query. `only` limits the page to kinds, the counts are of all that were asked."""
    parts, params = _candidates(query, asked)
    if not parts:
        return Found([], {}, frozenset())
    shown = [place for place, each in enumerate(asked) if not only or each.kind.name in only]
    sql = (
        f"WITH hits AS ({' UNION ALL '.join(parts)}) "  # noqa: S608 - built from names of tables and columns
        "SELECT * FROM (SELECT place, pk, rank FROM hits "
        f"WHERE place IN ({', '.join(map(str, shown)) or 'NULL'}) ORDER BY rank DESC, place, pk DESC LIMIT %s OFFSET %s) AS page "
        "UNION ALL SELECT place, NULL, count(*) FROM hits GROUP BY place"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [*params, size, first])
        rows = cursor.fetchall()
    page = sorted((row for row in rows if row[1] is not None), key=lambda row: (-row[2], row[0], -row[1]))
    counts = {asked[place].kind.name: int(number) for place, pk, number in rows if pk is None}
    return Found(
        [(asked[place], pk) for place, pk, _rank in page],
        {name: min(number, RANKED) for name, number in counts.items()},
        frozenset(name for name, number in counts.items() if number > RANKED),
    )


def _candidates(query: Query, asked: Sequence[Asked]) -> tuple[list[str], list[Any]]:
    """A SELECT of (place in `asked`, pk, rank) for each kind that can have any rows."""
    parts: list[str] = []
    params: list[Any] = []
    for place, each in enumerate(asked):
        try:
            rows, rows_params = _visible(each)
        except EmptyResultSet:
            continue
        key = f"s.{dialect().KEY}"
        matches, matches_params = dialect().matches(each.source, query)
        rank, rank_params = dialect().rank(each.source, query)
        named = f"CASE WHEN {key} = {each.named:d} THEN {FIRST} ELSE {{}} END" if each.named is not None else "{}"
        rank = named.format(f"{each.kind.weight} * {rank}")
        # The newest first, so that a word which thousands of rows hold costs no more than the first thousand.
        parts.append(
            f"SELECT * FROM (SELECT {place} AS place, {key} AS pk, {rank} AS rank FROM {each.source.index} AS s "  # noqa: S608
            f"JOIN ({rows}) AS v ON v.found = {key} WHERE {matches} ORDER BY {dialect().newest(query)} LIMIT {RANKED + 1}) AS k{place}"
        )
        params += [*rank_params, *rows_params, *matches_params]
    return parts, params


def _visible(each: Asked) -> tuple[str, Sequence[Any]]:
    """SQL for the primary keys (found) of the rows that may be found. Raises EmptyResultSet where there are none."""
    sql, params = each.rows.order_by().values(found=F("pk")).query.sql_with_params()
    return sql, params


def read_hits(query: Query, keys: Sequence[tuple[Asked, int]], user: Any) -> list[Hit]:
    """A page of what was found, ready to draw: one query for the marked texts, and what `about` asks for each kind."""
    if not keys:
        return []
    texts = _marked(query, keys)
    told: dict[tuple[str, int], About] = {}
    for kind in {each.kind.name: each.kind for each, _pk in keys}.values():
        mine = [pk for each, pk in keys if each.kind.name == kind.name]
        told |= {(kind.name, pk): about for pk, about in kind.about(mine, user).items()}
    hits = []
    for each, pk in keys:
        title, excerpt = texts.get((each.source.name, pk), ("", ""))
        if about := told.get((each.kind.name, pk)):  # else it went while we looked
            hits.append(Hit(each.kind, pk, marked_html(title), marked_html(excerpt), about))
    return hits


def _marked(query: Query, keys: Sequence[tuple[Asked, int]]) -> dict[tuple[str, int], tuple[str, str]]:
    parts: list[str] = []
    params: list[Any] = []
    for source in {each.source.name: each.source for each, _pk in keys}.values():
        mine = [pk for each, pk in keys if each.source.name == source.name]
        sql, more = dialect().marked(source, query, mine)
        parts.append(f"SELECT '{source.name}' AS source, m.* FROM ({sql}) AS m")  # noqa: S608
        params += more
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), params)
        return {(source, pk): (title, excerpt) for source, pk, title, excerpt in cursor.fetchall()}


def marked_html(text: str) -> SafeString:
    """Text with the marks of a dialect as safe HTML: everything escaped, words found in <mark>; "" for none."""
    if not (text := text.strip()):
        return SafeString()
    html = name_directions(escape(text.replace(MARK, "").replace("\x03\x02", "")))
    html = _MARKED.sub(r"<mark>\1</mark>", html)
    return mark_safe(f"<bdi>{_STRAY.sub('', html)}</bdi>")  # noqa: S308 - escaped above


def correct(query: Query, asked: Sequence[Asked]) -> str:
    """What was typed, with each word that finds nothing replaced by the nearest word of a visible title.

    "" where there is none to put in its place. For what found nothing: it asks the database for each word.
    """
    if not dialect().can_correct():
        return ""
    words = list(dict.fromkeys(word.lower() for word in words_of(query.typed)))
    better = {word: _nearest(word, asked) for word in words[:CORRECTED] if len(words) == 1 or not _finds(word, asked)}
    if not any(better.values()):
        return ""
    return re.sub(r"\w+", lambda found: better.get(found.group().lower()) or found.group(), query.typed)


def _finds(word: str, asked: Sequence[Asked]) -> bool:
    return bool(find(Query(word, (Term(word),)), asked, size=1).counts)


def _nearest(word: str, asked: Sequence[Asked]) -> str:
    if len(word) < SHORTEST_CORRECTED or not word.isalpha() or is_unspaced(word):
        return ""
    known = sorted({each.lower() for title in _titles_like(word, asked) for each in words_of(title)})
    return next(iter(get_close_matches(word, known, n=1, cutoff=LIKE_ENOUGH)), "")


def _titles_like(word: str, asked: Sequence[Asked]) -> list[str]:
    parts: list[str] = []
    params: list[Any] = []
    for each in asked:
        try:
            rows, rows_params = _visible(each)
        except EmptyResultSet:
            continue
        if each.source.columns.title:
            table, condition, more = dialect().alike(each.source, word)
            parts.append(
                f"SELECT * FROM (SELECT s.title FROM {table} AS s JOIN ({rows}) AS v ON v.found = s.{dialect().KEY} "  # noqa: S608
                f"WHERE {condition} LIMIT {TITLES_READ}) AS k{len(parts)}"
            )
            params += [*rows_params, *more]
    if not parts:
        return []
    with transaction.atomic(), connection.cursor() as cursor:
        dialect().set_likeness(cursor)
        cursor.execute(" UNION ALL ".join(parts), params)
        return [row[0] for row in cursor.fetchall()]
