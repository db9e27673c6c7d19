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
SELECT t.*, (SELECT json_agg(u ORDER BY u.happened DESC) FROM (
         SELECT id, text_html, happened, status_claimed, percent_claimed, published_at FROM tracking_update
         WHERE item_id = t.id AND review_state = 'published') u) AS updates,
       (SELECT json_agg(e) FROM (SELECT id, title, url, publisher, source_date FROM tracking_evidence WHERE item_id = t.id) e)
         AS evidence,
       (SELECT json_agg(m) FROM (SELECT title, due, weight, completed_on FROM tracking_milestone WHERE item_id = t.id) m)
         AS milestones
FROM tracking_trackeditem t WHERE t.reference = %(reference)s
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
CSV = """
COPY (SELECT t.reference, t.title, p.kind, t.status, t.proof, t.percent, th.code, o.key, o.name, t.next_due, t.updated_at,
        (SELECT string_agg(m.code, ' ') FROM tracking_trackeditem_members x JOIN core_member m ON m.id = x.member_id
         WHERE x.trackeditem_id = t.id),
        'http://localhost/proposals/' || t.reference || '/'
      FROM proposals_proposal p JOIN tracking_trackeditem t ON t.id = p.item_id
      JOIN core_theme th ON th.id = t.lead_theme_id LEFT JOIN core_organisation o ON o.id = t.owner_id
      WHERE t.review_state = 'published' AND t.archived_at IS NULL
      ORDER BY t.next_due NULLS LAST, t.id) TO STDOUT WITH (FORMAT csv, HEADER)
"""
WRITE = """
INSERT INTO tracking_update (created_at, updated_at, version, item_id, author_id, text, text_html, happened, status_claimed,
  reason, percent_claimed, no_change, wording_only, review_state, evidence_checked, retraction_reason)
SELECT now(), now(), 1, t.id, t.author_id, %(text)s, %(text)s, '2026-01-01', '', '', NULL, false, false, 'draft', false, ''
FROM tracking_trackeditem t WHERE t.reference = %(reference)s RETURNING id
"""


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
        row = connection.execute(WRITE, {"reference": reference, "text": f"Bench {uuid.uuid4()}"}).fetchone()
        return [orjson.dumps(row)]


def _copy() -> Iterable[bytes]:
    with POOL.connection() as connection, connection.cursor() as cursor, cursor.copy(CSV) as copy:
        for chunk in copy:
            yield bytes(chunk)
