"""The search in SQLite: an FTS5 table for each source, kept by triggers; a second one of trigrams for words misspelt."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

from .sources import Source, short_title
from .words import MARK, UNSPACED, Query, Term, is_unspaced

Statement = tuple[str, list[Any]]

KEY = "rowid"  # of an index table
_WORDS = "porter unicode61 remove_diacritics 2 categories ''L* N* Co M*''"
_WEIGHTS = "10.0, 10.0, 1.0"
_EXCERPT = 36  # words
# FTS5 stems English only. A longer Cyrillic word is looked for without its ending, as the beginning of a word.
_CYRILLIC = re.compile(r"[\u0400-\u04ff]{5,}")
_ENDING = re.compile(
    "(?<=.{4})(?:ами|ями|ого|его|ому|ему|ыми|ими|ая|яя|ое|ее|ые|ие|ый|ий|ой|ей|ую|юю|ом|ем|ам|ям|ах|ях|ов|ев|ия|ии|ию|[аяоеиыуюьй])$"
)


# --- the index -----------------------------------------------------------------------------------------
def prepare() -> None:
    """FTS5 is part of SQLite."""


def can_correct() -> bool:
    return True


def is_current(source: Source) -> bool:
    """Does the index stand as it is described, with all its triggers? SQLite keeps the text of each."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sql FROM sqlite_master WHERE name LIKE %s", [f"{source.index}%"])
        return {row[0] for row in cursor.fetchall()}.issuperset([*_tables(source), *_triggers(source)])


def make(source: Source) -> list[str]:
    """The index afresh, in place of whatever stands of it, as it may have been described before."""
    return [
        *drop_triggers(source),
        f"DROP TABLE IF EXISTS {source.index}",
        f"DROP TABLE IF EXISTS {source.index}_spelling",
        *_tables(source),
        *_triggers(source),
        *_fill(source),
    ]


def _tables(source: Source) -> list[str]:
    spelling = f"CREATE VIRTUAL TABLE {source.index}_spelling USING fts5(title, tokenize='trigram')"
    return [
        f"CREATE VIRTUAL TABLE {source.index} USING fts5(title, names, text, tokenize='{_WORDS}')",
        *([spelling] if source.columns.title else []),
    ]


def drop_triggers(source: Source) -> list[str]:
    """For the time of a migration, which may make a table anew: no trigger may then name one that is not there."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        mine = re.compile(rf"{source.index}_[0-9]+_(insert|update|delete)")
        return [f"DROP TRIGGER {row[0]}" for row in cursor.fetchall() if mine.fullmatch(row[0])]


def _fill(source: Source, only: str = "") -> list[str]:
    """All rows, or the `only` one with this key (an SQL expression)."""
    found = _wanted(source) + (f" WHERE f.id = {only}" if only else "")
    made = [f"INSERT INTO {source.index} (rowid, title, names, text) {found}"]
    if source.columns.title:
        titles = f"SELECT rowid, title || ' ' || names FROM {source.index}" + (f" WHERE rowid = {only}" if only else "")  # noqa: S608
        made.append(f"INSERT INTO {source.index}_spelling (rowid, title) {titles}")
    return made


def differences(source: Source) -> str:
    """Keys of rows whose index is not what their columns say; from and to which key is asked for twice."""
    wanted = f"SELECT x.* FROM ({_wanted(source)}) AS x WHERE x.id BETWEEN %s AND %s"  # noqa: S608
    stands = f"SELECT rowid AS id, title, names, text FROM {source.index} WHERE rowid BETWEEN %s AND %s"  # noqa: S608
    return (
        f"WITH w AS ({wanted}), s AS ({stands}) "  # noqa: S608
        "SELECT id FROM (SELECT * FROM w EXCEPT SELECT * FROM s) UNION SELECT id FROM (SELECT * FROM s EXCEPT SELECT * FROM w)"
    )


def _wanted(source: Source) -> str:
    columns = ", ".join(f"{_spaced_sql(f'f.{column}')} AS {column}" for column in ("title", "names", "text"))
    return f"SELECT f.id, {columns} FROM ({source.texts_sql()}) AS f"  # noqa: S608 - names of tables and columns


def _spaced_sql(column: str) -> str:
    """The text with every character of an unspaced script standing alone."""
    return f"""CASE WHEN {column} GLOB '*[{UNSPACED}]*' THEN (
        WITH RECURSIVE c (place, letter) AS (
            SELECT 1, substr({column}, 1, 1)
            UNION ALL SELECT place + 1, substr({column}, place + 1, 1) FROM c WHERE place < length({column})
        ) SELECT group_concat(CASE WHEN letter GLOB '[{UNSPACED}]' THEN '{MARK}' || letter || '{MARK}' ELSE letter END, '') FROM c
    ) ELSE {column} END"""  # noqa: S608


def _triggers(source: Source) -> list[str]:
    quote, made = connection.ops.quote_name, []
    for place, part in enumerate(source.parts):
        changed = " OR ".join(f"NEW.{quote(name)} IS NOT OLD.{quote(name)}" for name in part.stored())
        for act, row, condition in (
            ("insert", "NEW", ""),
            ("update", "NEW", f" WHEN {changed}"),
            ("delete", "OLD", ""),
        ):
            head = f"CREATE TRIGGER {source.index}_{place}_{act} AFTER {act.upper()} ON {quote(part.table)}{condition}"
            made.append(f"{head} BEGIN {_change(source, f'{row}.{quote(part.key)}')} END")
    return made


def _change(source: Source, key: str) -> str:
    """What a change of the row with this key does to the index."""
    tables = [source.index, *([f"{source.index}_spelling"] if source.columns.title else [])]
    emptied = [f"DELETE FROM {table} WHERE rowid = {key}" for table in tables]  # noqa: S608 - our own names
    return " ".join(f"{statement};" for statement in (*emptied, *_fill(source, only=key)))


# --- questions -------------------------------------------------------------------------------------------
def matches(source: Source, query: Query) -> Statement:
    """The condition on the index table `s`."""
    sql = " AND ".join(_term(term) for term in query.terms)
    unwanted = " OR ".join(_term(term) for term in query.without)
    return f"s.{source.index} MATCH %s", [f"({sql}) NOT ({unwanted})" if unwanted else sql]


def rank(source: Source, query: Query) -> Statement:
    """Higher is nearer: title before text, rare words before common ones."""
    return f"-bm25({source.index}, {_WEIGHTS}) * {short_title(source)}", []


def newest(query: Query) -> str:
    """The order of candidates."""
    return "s.rowid DESC"


def marked(source: Source, query: Query, keys: Sequence[int]) -> Statement:
    """id, title and excerpt with \\x02 and \\x03 round what was found."""
    wanted = " OR ".join(_term(term) for term in query.terms)
    return (
        f"SELECT rowid, highlight({source.index}, 0, '\x02', '\x03'), "  # noqa: S608
        f"snippet({source.index}, 2, '\x02', '\x03', ' … ', {_EXCERPT}) FROM {source.index} "
        f"WHERE {source.index} MATCH %s AND rowid IN (SELECT value FROM json_each(%s))",
        [wanted, json.dumps(list(keys))],
    )


def alike(source: Source, word: str) -> tuple[str, str, list[Any]]:
    """The table `s` of titles, and the condition on it: those with a word like this one, nearest first."""
    table = f"{source.index}_spelling"
    trigrams = " OR ".join(f'"{word[place : place + 3]}"' for place in range(len(word) - 2))
    return table, f"s.{table} MATCH %s ORDER BY bm25({table})", [trigrams]


def set_likeness(cursor: CursorWrapper) -> None:
    """Nothing to set: the nearest titles are asked for, however far."""


def _term(term: Term) -> str:
    """Letters, numbers and marks on them only: nothing in it can end the quotes."""
    text, is_prefix = term.text, term.is_prefix
    if not term.is_phrase and _CYRILLIC.fullmatch(text):
        text, is_prefix = _ENDING.sub("", text.lower()), True
    text = "".join(f"{MARK}{letter}{MARK}" if is_unspaced(letter) else letter for letter in text)
    return f'"{text}"*' if is_prefix else f'"{text}"'
