"""The raw floor: one WSGI function that runs one SQL statement with psycopg and returns what it gives as JSON.

Each path returns the same columns as the product's page or endpoint, nested lists included. Started by
the bench under the same gunicorn settings as the product.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs

import orjson
from psycopg_pool import ConnectionPool

POOL = ConnectionPool(os.environ["BENCH_DATABASE_URL"], min_size=1, max_size=8, open=True)

LIST = """
SELECT t.reference, t.title, t.status, t.proof, t.percent::float, t.next_due::text, t.owner_confirmed, t.all_members,
       o.name AS owner,
       (SELECT json_agg(m.code ORDER BY m.code) FROM tracking_trackeditem_members tm
        JOIN core_member m ON m.id = tm.member_id WHERE tm.trackeditem_id = t.id) AS members
FROM proposals_proposal p JOIN tracking_trackeditem t ON t.id = p.item_id
LEFT JOIN core_organisation o ON o.id = t.owner_id
WHERE t.review_state = 'published' AND t.archived_at IS NULL AND t.status = 'agreed'
ORDER BY t.next_due NULLS LAST, t.id LIMIT 50
"""
DETAIL = """
SELECT t.*, o.name AS owner, lead.name AS lead,
       (SELECT json_agg(u ORDER BY u.happened DESC) FROM (
         SELECT x.id, x.text_html, x.happened, x.status_claimed, x.percent_claimed, x.published_at, x.version, a.name AS author,
                b.name AS publisher,
                (SELECT json_agg(e) FROM (SELECT e.id, e.title, e.url, e.publisher, e.source_date, e.confidential,
                   (SELECT json_agg(f.name) FROM tracking_evidencefile f WHERE f.evidence_id = e.id) AS files
                   FROM tracking_evidence e JOIN tracking_evidence_updates l ON l.evidence_id = e.id WHERE l.update_id = x.id) e)
                  AS evidence
         FROM tracking_update x JOIN accounts_user a ON a.id = x.author_id LEFT JOIN accounts_user b ON b.id = x.published_by_id
         WHERE x.item_id = t.id AND x.review_state = 'published') u) AS updates,
       (SELECT json_agg(m) FROM (
         SELECT x.id, x.title, x.due, x.weight, x.confirmed, x.completed_on, x.version,
                (SELECT json_agg(d) FROM tracking_duedatechange d WHERE d.milestone_id = x.id) AS moves
         FROM tracking_milestone x WHERE x.item_id = t.id AND x.dropped_at IS NULL) m) AS milestones,
       (SELECT json_agg(c) FROM (
         SELECT d.key, d.title, p.number, p.heading, p.summary FROM tracking_citation c
         JOIN tracking_passage p ON p.id = c.passage_id JOIN tracking_document d ON d.id = p.document_id
         WHERE c.item_id = t.id) c) AS citations,
       (SELECT json_agg(r) FROM (
         SELECT r.kind, i.reference, i.title, i.status FROM tracking_relation r
         JOIN tracking_trackeditem i ON i.id = CASE WHEN r.source_id = t.id THEN r.target_id ELSE r.source_id END
         WHERE r.source_id = t.id OR r.target_id = t.id) r) AS relations,
       (SELECT json_agg(h.name) FROM tracking_trackeditem_themes x JOIN core_theme h ON h.id = x.theme_id
        WHERE x.trackeditem_id = t.id) AS themes,
       (SELECT json_agg(m.name) FROM tracking_trackeditem_members x JOIN core_member m ON m.id = x.member_id
        WHERE x.trackeditem_id = t.id) AS members,
       (SELECT json_agg(s.name) FROM tracking_trackeditem_supporters x JOIN core_organisation s ON s.id = x.organisation_id
        WHERE x.trackeditem_id = t.id) AS supporters
FROM proposals_proposal p JOIN tracking_trackeditem t ON t.id = p.item_id JOIN core_theme lead ON lead.id = t.lead_theme_id
LEFT JOIN core_organisation o ON o.id = t.owner_id WHERE t.reference = %(reference)s AND t.review_state = 'published'
"""
API = """
SELECT json_build_object('count', (SELECT count(*) FROM tracking_trackeditem WHERE item_kind = 'proposal'
         AND review_state = 'published' AND archived_at IS NULL), 'next', NULL, 'previous', NULL, 'results', json_agg(r))
FROM (
  SELECT t.reference, t.title, t.summary, p.kind, t.status, t.proof, t.percent::float, t.phase, t.priority,
    (SELECT json_agg(th.code) FROM tracking_trackeditem_themes x JOIN core_theme th ON th.id = x.theme_id
     WHERE x.trackeditem_id = t.id) AS themes,
    o.key AS owner, t.owner_confirmed,
    (SELECT json_agg(so.key) FROM tracking_trackeditem_supporters x JOIN core_organisation so ON so.id = x.organisation_id
     WHERE x.trackeditem_id = t.id) AS supporters,
    (SELECT json_agg(m.code) FROM tracking_trackeditem_members x JOIN core_member m ON m.id = x.member_id
     WHERE x.trackeditem_id = t.id) AS members,
    t.start_date, t.target_date, t.next_due, t.next_due < current_date AS overdue,
    t.stagnant_after < current_date AS stagnant, t.slips >= 2 AS at_risk,
    (SELECT json_agg(json_build_object('document', d.key, 'paragraph', pa.number)) FROM tracking_citation c
     JOIN tracking_passage pa ON pa.id = c.passage_id JOIN tracking_document d ON d.id = pa.document_id
     WHERE c.item_id = t.id) AS citations,
    t.updated_at, t.version, 'http://localhost/proposals/' || t.reference || '/' AS url
  FROM proposals_proposal p JOIN tracking_trackeditem t ON t.id = p.item_id
  LEFT JOIN core_organisation o ON o.id = t.owner_id
  WHERE t.review_state = 'published' AND t.archived_at IS NULL
  ORDER BY t.reference_prefix, t.reference_number LIMIT 100) r
"""
# The same columns, each table of links gathered once; words of closed lists are made of their codes.
CSV = """
COPY (
  WITH themes AS (
    SELECT x.trackeditem_id AS id, string_agg(h.name, '; ' ORDER BY h.position, h.name) AS names,
           string_agg(h.code, '; ' ORDER BY h.position, h.name) AS codes
    FROM tracking_trackeditem_themes x JOIN core_theme h ON h.id = x.theme_id GROUP BY 1),
  supporters AS (
    SELECT x.trackeditem_id AS id, string_agg(s.name, '; ' ORDER BY s.name) AS names,
           string_agg(s.key, '; ' ORDER BY s.name) AS codes
    FROM tracking_trackeditem_supporters x JOIN core_organisation s ON s.id = x.organisation_id GROUP BY 1),
  members AS (
    SELECT x.trackeditem_id AS id, string_agg(m.name, '; ' ORDER BY m.name) AS names,
           string_agg(m.code, '; ' ORDER BY m.name) AS codes
    FROM tracking_trackeditem_members x JOIN core_member m ON m.id = x.member_id GROUP BY 1),
  citations AS (
    SELECT c.item_id AS id, string_agg(d.key || ' ¶' || a.number, '; ' ORDER BY d.key, a.number) AS names
    FROM tracking_citation c JOIN tracking_passage a ON a.id = c.passage_id JOIN tracking_document d ON d.id = a.document_id
    GROUP BY 1)
  SELECT t.reference, t.title, initcap(p.kind) AS kind, p.kind AS kind_code, t.summary, initcap(t.status), t.status,
    initcap(t.proof), t.proof, t.percent, th.name, th.code, themes.names, themes.codes, o.name, o.key, t.owner_confirmed,
    supporters.names, supporters.codes, CASE WHEN t.all_members THEN 'all members' ELSE members.names END,
    CASE WHEN t.all_members THEN 'all' ELSE members.codes END, initcap(t.priority), t.priority, initcap(t.phase), t.phase,
    t.start_date, t.target_date, t.next_due, t.next_due < current_date, t.stagnant_after < current_date,
    t.slips >= 2 OR t.stagnant_after < current_date, t.last_reported_on, t.updated_at, citations.names,
    'http://localhost/proposals/' || t.reference || '/'
  FROM proposals_proposal p JOIN tracking_trackeditem t ON t.id = p.item_id
  JOIN core_theme th ON th.id = t.lead_theme_id LEFT JOIN core_organisation o ON o.id = t.owner_id
  LEFT JOIN themes ON themes.id = t.id LEFT JOIN supporters ON supporters.id = t.id
  LEFT JOIN members ON members.id = t.id LEFT JOIN citations ON citations.id = t.id
  WHERE t.review_state = 'published' AND t.archived_at IS NULL
  ORDER BY t.reference_prefix, t.reference_number) TO STDOUT WITH (FORMAT csv, HEADER)
"""
_Q = "websearch_to_tsquery('russian', %(q)s)"
_MARKS = "'StartSel=<mark>, StopSel=</mark>, HighlightAll=true'"
_ITEM = "t.review_state = 'published' AND t.archived_at IS NULL"
_OF_ITEM = "t.reference, t.status, t.review_state, t.archived_at"


def _found(kind: str, index: str, tables: str, where: str) -> str:
    """The newest thousand matches of one kind, ranked: what the product's search ranks."""
    rank = f"ts_rank('{{0.1, 0.2, 0.4, 1.0}}', s.words, {_Q}, 1) * (1 + 20.0 / (20 + length(s.title)))"
    return (
        f"(SELECT '{kind}' AS kind, s.id, {rank} AS rank FROM {index} s JOIN {tables} "  # noqa: S608 - names of tables and columns
        f"WHERE s.words @@ {_Q} AND {where} ORDER BY s.id DESC LIMIT 1001)"
    )


def _shown(kinds: str, tables: str, title: str, excerpt: str, rest: str) -> str:
    """What the page shows of its hits of these kinds, the words marked."""
    return (
        f"SELECT h.kind, h.rank, json_build_array(ts_headline('russian', {title}, {_Q}, {_MARKS}), "  # noqa: S608
        f"ts_headline('russian', {excerpt}, {_Q}, {_MARKS}), {rest}) AS row FROM page h JOIN {tables} WHERE h.kind IN ({kinds})"
    )


_OWN = "tracking_trackeditem t ON t.id = {}.id"
_UPDATE = "tracking_update x ON x.id = {}.id JOIN tracking_trackeditem t ON t.id = x.item_id"
_EVIDENCE = "tracking_evidence x ON x.id = {}.id JOIN tracking_trackeditem t ON t.id = x.item_id"
_USED = (
    "NOT x.confidential AND EXISTS (SELECT 1 FROM tracking_evidence_updates l JOIN tracking_update u ON u.id = l.update_id "
    "WHERE l.evidence_id = x.id AND u.review_state IN ('published', 'corrected', 'retracted'))"
)
_PASSAGE = "tracking_passage x ON x.id = {}.id JOIN tracking_document d ON d.id = x.document_id"
FOUND = [
    *(_found(kind, "search_item", _OWN.format("s"), f"{_ITEM} AND t.item_kind = '{kind}'")
      for kind in ("proposal", "mechanism", "activity")),
    _found("update", "search_update", _UPDATE.format("s"),
           f"{_ITEM} AND x.review_state IN ('published', 'corrected', 'retracted')"),
    _found("evidence", "search_evidence", _EVIDENCE.format("s"), f"{_ITEM} AND {_USED}"),
    _found("document", "search_document", "tracking_document x ON x.id = s.id", "true"),
    _found("passage", "search_passage", "tracking_passage x ON x.id = s.id", "true"),
    _found("meeting", "search_meeting", "mechanisms_meeting x ON x.id = s.id", "true"),
]  # fmt: skip
SHOWN = [
    _shown(
        "'proposal', 'mechanism', 'activity'", _OWN.format("h"), "t.title", "t.summary", f"{_OF_ITEM}, t.tracked_since"
    ),
    _shown("'update'", _UPDATE.format("h"), "t.title", "x.text", f"{_OF_ITEM}, x.happened, x.review_state"),
    _shown(
        "'evidence'", _EVIDENCE.format("h"), "x.title", "x.quote", f"{_OF_ITEM}, t.title, x.source_date, x.confidential"
    ),
    _shown("'document'", "tracking_document x ON x.id = h.id", "x.title", "x.note", "x.key, x.date"),
    _shown("'passage'", _PASSAGE.format("h"), "x.heading", "x.summary", "d.key, d.title, d.date, x.number"),
    _shown("'meeting'", "mechanisms_meeting x ON x.id = h.id", "x.title", "x.note", "x.key, x.started"),
]
SEARCH = f"""
WITH hits AS ({" UNION ALL ".join(FOUND)}), page AS (SELECT * FROM hits ORDER BY rank DESC LIMIT 20)
SELECT json_build_object(
  'counts', (SELECT json_object_agg(kind, n) FROM (SELECT kind, count(*) AS n FROM hits GROUP BY kind) c),
  'rows', (SELECT json_agg(r ORDER BY r.rank DESC) FROM ({" UNION ALL ".join(SHOWN)}) r))
"""  # noqa: S608 - names of tables and columns
WRITE = """
WITH item AS (SELECT id, author_id FROM tracking_trackeditem WHERE reference = %(reference)s FOR NO KEY UPDATE),
made AS (
  INSERT INTO tracking_update (created_at, updated_at, version, item_id, author_id, text, text_html, happened, status_claimed,
    reason, percent_claimed, no_change, wording_only, review_state, evidence_checked, retraction_reason)
  SELECT now(), now(), 1, id, author_id, %(text)s, %(text)s, '2026-01-01', '', '', NULL, false, false, 'draft', false, ''
  FROM item RETURNING *),
recorded AS (
  INSERT INTO tracking_historicalupdate (id, created_at, updated_at, version, item_id, author_id, text, text_html, happened,
    status_claimed, reason, percent_claimed, no_change, wording_only, review_state, evidence_checked, retraction_reason,
    history_date, history_type, history_user_id)
  SELECT id, created_at, updated_at, version, item_id, author_id, text, text_html, happened, status_claimed, reason,
    percent_claimed, no_change, wording_only, review_state, evidence_checked, retraction_reason, now(), '+', author_id FROM made)
INSERT INTO core_idempotencykey (user_id, key, made, created_at, told)
SELECT author_id, gen_random_uuid(), 'tracking.update:' || id, now(), '' FROM made RETURNING id
"""

# The state of the register by four plain aggregates over all rows, as a page without kept columns would ask.
OVERVIEW = (
    "SELECT lead_theme_id, status, count(*), avg(percent)::float FROM tracking_trackeditem "
    "WHERE item_kind = 'proposal' AND review_state = 'published' AND archived_at IS NULL GROUP BY 1, 2",
    "SELECT count(*) FILTER (WHERE next_due < current_date), count(*) FILTER (WHERE stagnant_after < current_date) "
    "FROM tracking_trackeditem WHERE item_kind = 'proposal' AND review_state = 'published' AND archived_at IS NULL",
    "SELECT item_id, max(published_at) FROM tracking_update WHERE review_state = 'published' GROUP BY 1 "
    "ORDER BY 2 DESC LIMIT 10",
    "SELECT count(*) FROM (SELECT item_id FROM tracking_update WHERE review_state = 'published' "
    "GROUP BY 1 HAVING max(published_at) > now() - interval '30 days') moved",
)


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """One statement a request; the write commits before it answers."""
    path, query = environ["PATH_INFO"], parse_qs(environ.get("QUERY_STRING", ""))
    reference = query.get("reference", [""])[0]
    start_response("200 OK", [("Content-Type", "text/csv" if path == "/csv" else "application/json")])
    if path == "/csv":
        return _copy()
    with POOL.connection() as connection:
        if path == "/list":
            return [orjson.dumps(connection.execute(LIST).fetchall())]
        if path == "/detail":
            return [orjson.dumps(connection.execute(DETAIL, {"reference": reference}).fetchall(), default=str)]
        if path == "/api":
            return [orjson.dumps(connection.execute(API).fetchone()[0])]  # type: ignore[index]
        if path == "/overview":
            return [orjson.dumps([connection.execute(part).fetchall() for part in OVERVIEW])]
        if path == "/search":
            return [orjson.dumps(connection.execute(SEARCH, {"q": query["q"][0]}).fetchone()[0])]  # type: ignore[index]
        row = connection.execute(WRITE, {"reference": reference, "text": f"Bench {uuid.uuid4()}"}).fetchone()
        return [orjson.dumps(row)]


def _copy() -> Iterable[bytes]:
    with POOL.connection() as connection, connection.cursor() as cursor, cursor.copy(CSV) as copy:
        for chunk in copy:
            yield bytes(chunk)
