"""Sealing the trail: what was added since the last seal is marked row by row, and the seal holds the one before it.

A seal is made once, known by its number: of two who make the same one, the second finds it made.
"""

from __future__ import annotations

import logging
import time

from django.db import IntegrityError, transaction
from django.utils import timezone

from brics_tracker.core.models import AuditSeal, SealedPart

from . import marks
from .settled import settled_ends
from .tables import Model, recorded_tables

logger = logging.getLogger(__name__)
ROWS_OF_A_PART = 1000
ROWS_OF_A_SEAL = 5000
# A tick comes each minute; what is left (after a load of many rows) waits for the next one.
LONGEST = 45.0


def seal_trail() -> int:
    """Seal all that is settled, in as many seals as it takes within a tick; says how many were made."""
    made, until = 0, time.monotonic() + LONGEST
    ends = settled_ends(recorded_tables())
    while time.monotonic() < until and (seal := _make_seal(ends)) is not None:
        made += 1
        # In the log too, which the database cannot reach: what `verify_audit --known` asks for.
        logger.info("audit seal %s", seal)
    return made


def _make_seal(ends: dict[str, int]) -> AuditSeal | None:
    """The next seal over at most ROWS_OF_A_SEAL rows; None where nothing is left, or someone else made it."""
    last = AuditSeal.objects.last()
    parts = _next_parts(ends)
    if not parts:
        return None
    key = marks.known_keys()[0]
    seal = AuditSeal(
        number=last.number + 1 if last else 1,
        made_at=timezone.now(),
        columns=_new_columns(parts),
        key_name=key.name,
        previous=last.value if last else "",
    )
    seal.value = key.value_of(seal, parts)
    try:
        with transaction.atomic():
            seal.save(force_insert=True)
            for part in parts:
                part.seal = seal
            SealedPart.objects.bulk_create(parts)
    except IntegrityError:
        logger.info("audit seal %s was made by someone else", seal.number)
        return None
    return seal


def _next_parts(ends: dict[str, int]) -> list[SealedPart]:
    parts: list[SealedPart] = []
    room = ROWS_OF_A_SEAL
    for table, model in recorded_tables().items():
        after = sealed_through(table)
        if room and ends.get(table, after) > after:
            marked = _marks_of(table, model, after, ends[table], min(room, ROWS_OF_A_PART))
            if marked:
                parts.append(SealedPart(table=table, after=after, through=max(marked), marks=marks.pack(marked)))
                room -= len(marked)
    return parts


def sealed_through(table: str) -> int:
    """The last sealed key of a table; 0 where nothing is sealed yet."""
    last = SealedPart.objects.filter(table=table).order_by("-through").values_list("through", flat=True).first()
    return last or 0


def _marks_of(table: str, model: Model, after: int, through: int, limit: int) -> marks.Marks:
    key = marks.known_keys()[0]
    found = marks.read_rows(model, marks.columns_of(model), after=after, through=through, limit=limit)
    return {pk: key.mark(table, marks.line(content)) for pk, content in found}


def _new_columns(parts: list[SealedPart]) -> dict[str, list[str]]:
    """The columns of the tables that no earlier seal names, or names otherwise: most seals name none."""
    tables = recorded_tables()
    known = known_columns()
    now = {part.table: marks.columns_of(tables[part.table]) for part in parts}
    return {table: columns for table, columns in now.items() if known.get(table) != columns}


def known_columns() -> dict[str, list[str]]:
    """By table, the columns that the last seal to name them gives."""
    known: dict[str, list[str]] = {}
    for columns in AuditSeal.objects.exclude(columns={}).order_by("number").values_list("columns", flat=True):
        known |= columns
    return known
