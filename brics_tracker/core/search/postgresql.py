"""The search in PostgreSQL: a table of tsvectors for each source, kept by triggers; pg_trgm for words misspelt.

Texts are read by the configuration "russian": its stemmer takes Cyrillic words, the English one takes Latin words,
and every other word stays as it is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.db.backends.utils import CursorWrapper

from .sources import Source, short_title
from .words import MARK, UNSPACED, Query, Term, is_unspaced

Statement = tuple[str, list[Any]]

KEY = "id"  # of an index table
LONGEST = 100_000  # characters of one text that are indexed: no tsvector may exceed a megabyte
ALIKE = 0.4  # of a word and the one nearest to it in a title
# Every search reads what was written since the index was last tidied: 256 kB of it at most.
_PENDING = "WITH (gin_pending_list_limit = 256)"
# Each mark of punctuation stands alone, or "EC-07" would be read as a negative number and "and/or" as a file.
_ALONE = r"[!-/:-@\[-`{-~" + UNSPACED + "]"
SHORT = 240  # characters of a text that is shown whole
_MARKS = "StartSel=\x02, StopSel=\x03"
_WHOLE = f"'{_MARKS}, HighlightAll=true'"
_FRAGMENTS = f"""'{_MARKS}, MaxFragments=2, MinWords=12, MaxWords=28, ShortWord=0, FragmentDelimiter=" … "'"""


# --- the index -----------------------------------------------------------------------------------------
def prepare() -> None:
    """Make pg_trgm where that is allowed; without it nothing misspelt is corrected, and all else works."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    except DatabaseError:  # not permitted, or not installed
        return


def can_correct() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm')")
        return bool(cursor.fetchone()[0])


def is_current(source: Source) -> bool:
    """Does the index stand as it is described, with all its triggers? A hash of the description is kept beside it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT obj_description(to_regclass(%s)::oid, 'pg_class'), "
            "(SELECT count(*) FROM pg_trigger WHERE tgname = ANY(%s))",
            [source.index, [name for name, _sql in _triggers(source)]],
        )
        return bool(cursor.fetchone() == (_fingerprint(source), len(_triggers(source))))


def make(source: Source) -> list[str]:
    """The index afresh, in place of whatever stands of it, as it may have been described before."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT proname FROM pg_proc WHERE proname ~ %s", [f"^{source.index}_[0-9]+$"])
        functions = [row[0] for row in cursor.fetchall()]
    return [
        "SET LOCAL statement_timeout = 0",
        *(f"DROP FUNCTION {name}() CASCADE" for name in functions),  # with their triggers
        f"DROP INDEX IF EXISTS {source.index}_words, {source.index}_spelling",
        # A table that is there is emptied rather than dropped: who may use it stands on it.
        f"CREATE TABLE IF NOT EXISTS {source.index} (id bigint PRIMARY KEY, title text NOT NULL, words tsvector NOT NULL)",
        f"TRUNCATE {source.index}",
        *_description(source),
        f"COMMENT ON TABLE {source.index} IS '{_fingerprint(source)}'",
        f"ANALYZE {source.index}",
    ]


def _description(source: Source) -> list[str]:
    spelling = f"CREATE INDEX {source.index}_spelling ON {source.index} USING gin (title gin_trgm_ops) {_PENDING}"
    return [
        # The triggers before the rows: from here to the commit nobody writes what the index would then lack.
        *(_function(source, place) for place in range(len(source.parts))),
        *(sql for _name, sql in _triggers(source)),
        f"INSERT INTO {source.index} (id, title, words) {_wanted(source)}",
        f"CREATE INDEX {source.index}_words ON {source.index} USING gin (words) {_PENDING}",
        *([spelling] if source.columns.title and can_correct() else []),
    ]


def _fingerprint(source: Source) -> str:
    return hashlib.sha256("\n".join(_description(source)).encode()).hexdigest()


def drop_triggers(source: Source) -> list[str]:
    """None: a table may change under its triggers."""
    return []


def differences(source: Source) -> str:
    """Keys of rows whose index is not what their columns say; from and to which key is asked for twice."""
    return (
        f"SELECT coalesce(w.id, s.id) FROM (SELECT x.* FROM ({_wanted(source)}) AS x WHERE x.id BETWEEN %s AND %s) AS w "  # noqa: S608
        f"FULL JOIN (SELECT * FROM {source.index} WHERE id BETWEEN %s AND %s) AS s ON s.id = w.id "
        "WHERE s.words IS DISTINCT FROM w.words OR s.title IS DISTINCT FROM w.title"
    )


def _wanted(source: Source) -> str:
    return (
        "SELECT f.id, f.title || ' ' || f.names AS title, "  # noqa: S608 - names of tables and columns
        f"setweight({_vector('f.title')} || {_vector('f.names')}, 'A') || setweight({_vector('f.text')}, 'D') AS words "
        f"FROM ({source.texts_sql()}) AS f"
    )


def _vector(column: str) -> str:
    return f"to_tsvector('russian', {_alone(column)})"


def _alone(column: str) -> str:
    return rf"regexp_replace(left({column}, {LONGEST}), '({_ALONE})', '{MARK}\1{MARK}', 'g')"


def _function(source: Source, place: int) -> str:
    """What a change of one of its tables does to the index."""
    part, quote = source.parts[place], connection.ops.quote_name
    key = quote(part.key)
    new, old = (", ".join(f"{row}.{quote(column)}" for column in part.stored()) for row in ("NEW", "OLD"))
    return f"""
        CREATE FUNCTION {source.index}_{place}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'TRUNCATE' THEN
                DELETE FROM {source.index};
                RETURN NULL;
            ELSIF TG_OP = 'UPDATE' AND ROW({new}) IS NOT DISTINCT FROM ROW({old}) THEN
                RETURN NULL;
            END IF;
            DELETE FROM {source.index} WHERE id = CASE TG_OP WHEN 'INSERT' THEN NEW.{key} ELSE OLD.{key} END;
            INSERT INTO {source.index} (id, title, words)
                {_wanted(source)} WHERE f.id = CASE TG_OP WHEN 'DELETE' THEN OLD.{key} ELSE NEW.{key} END;
            RETURN NULL;
        END $$"""  # noqa: S608 - names of tables and columns


def _triggers(source: Source) -> list[tuple[str, str]]:
    """Each trigger's name and what makes it; all rows at once are only taken out of the source's own table."""
    made = []
    for place, part in enumerate(source.parts):
        name, table = f"{source.index}_{place}", connection.ops.quote_name(part.table)
        on_row = f"AFTER INSERT OR UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
        made.append((name, f"CREATE TRIGGER {name} {on_row}"))
    name, table = f"{source.index}_0", connection.ops.quote_name(source.columns.table)
    on_all = f"AFTER TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
    return [*made, (f"{name}_all", f"CREATE TRIGGER {name}_all {on_all}")]


# --- questions -------------------------------------------------------------------------------------------
def matches(source: Source, query: Query) -> Statement:
    """The condition on the index table `s`."""
    sql, params = _tsquery(query)
    return f"s.words @@ {sql}", params


def rank(source: Source, query: Query) -> Statement:
    """Higher is nearer: title before text, short before long."""
    sql, params = _tsquery(query)
    return f"ts_rank('{{0.1, 0.2, 0.4, 1.0}}', s.words, {sql}, 1) * {short_title(source)}", params


def newest(query: Query) -> str:
    """The order of candidates. Beginnings of words are looked up by the index of words alone: the planner cannot guess
    how many there are, and would read every row from the newest on to find none.
    """
    return "s.id + 0 DESC" if all(term.is_prefix for term in query.terms) else "s.id DESC"


def marked(source: Source, query: Query, keys: Sequence[int]) -> Statement:
    """id, title and excerpt with \\x02 and \\x03 round what was found."""
    sql, params = _any(query.terms)
    title, excerpt = (
        f"ts_headline('russian', {_alone(f'f.{column}')}, {sql}, {options})"
        for column, options in (
            ("title", _WHOLE),
            ("text", f"CASE WHEN length(f.text) <= {SHORT} THEN {_WHOLE} ELSE {_FRAGMENTS} END"),
        )
    )
    return (
        f"SELECT f.id, {title} AS title, {excerpt} AS excerpt FROM ({source.texts_sql()}) AS f WHERE f.id = ANY(%s)",  # noqa: S608
        [*params, *params, list(keys)],
    )


def alike(source: Source, word: str) -> tuple[str, str, list[Any]]:
    """The table `s` of titles, and the condition on it: those with a word like this one."""
    return source.index, "%s <%% s.title", [word]


def set_likeness(cursor: CursorWrapper) -> None:
    """For this transaction: how much of a word must be alike."""
    cursor.execute(f"SET LOCAL pg_trgm.word_similarity_threshold = {ALIKE}")


def _tsquery(query: Query) -> Statement:
    parts = [_term(term) for term in query.terms]
    unwanted = [_term(term) for term in query.without]
    sql = " && ".join([*(sql for sql, _params in parts), *(f"!!{sql}" for sql, _params in unwanted)])
    return f"({sql})", [value for _sql, params in (*parts, *unwanted) for value in params]


def _any(terms: Sequence[Term]) -> Statement:
    parts = [_term(term) for term in terms]
    return f"({' || '.join(sql for sql, _params in parts)})", [value for _sql, params in parts for value in params]


def _term(term: Term) -> Statement:
    if term.is_prefix:
        return "to_tsquery('russian', %s)", [f"{term.text}:*"]  # one word of letters and numbers
    return "phraseto_tsquery('russian', %s)", [_spaced(term.text)]


def _spaced(text: str) -> str:
    return "".join(f"{MARK}{letter}{MARK}" if is_unspaced(letter) else letter for letter in text)
