"""Verifying the trail: every seal follows the one before it, and every sealed row is what it was. In bounded memory."""

from __future__ import annotations

import bisect
import struct
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.core.exceptions import FieldDoesNotExist
from django.utils.translation import gettext as _

from brics_tracker.core.models import AuditSeal, SealedPart

from . import marks
from .seals import sealed_through
from .tables import Model, recorded_tables

SEALS_AT_ONCE = 50
ROWS_AT_ONCE = 2000
RECENT = 20


@dataclass
class Verification:
    """One run. `findings()` yields a line for each thing that is not as it was sealed; the rest is known after it."""

    first: int = 1  # the number of the first seal to look at
    seals: int = 0
    rows: int = 0
    last: AuditSeal | None = None
    notes: list[str] = field(default_factory=list)
    _keys: dict[str, marks.Key] = field(default_factory=lambda: {key.name: key for key in marks.known_keys()})

    def findings(self) -> Iterator[str]:
        """What was removed, altered or slipped in, by table, key and seal; nothing for a trail that is whole."""
        self.last = AuditSeal.objects.last()
        if self.last is None:
            return
        yield from self._chain(self.last.number)
        parts = SealedPart.objects.filter(seal__gte=self.first, seal__lte=self.last.number)
        for table in sorted(parts.order_by().values_list("table", flat=True).distinct()):
            model = recorded_tables().get(table)
            if model is None:
                gone = _("%(table)s: this version has no such table, so its rows are not compared")
                self.notes.append(gone % {"table": table})
                continue
            yield from self._rows(table, model)

    # --- the seals -----------------------------------------------------------------------------------

    def _chain(self, last: int) -> Iterator[str]:
        foreign: Counter[str] = Counter()
        before = AuditSeal.objects.filter(number=self.first - 1).first()
        number, value = self.first - 1, before.value if before else ""
        seals = AuditSeal.objects.filter(number__gte=self.first, number__lte=last).order_by("number")
        for seal in seals.prefetch_related("parts").iterator(chunk_size=SEALS_AT_ONCE):
            self.seals += 1
            if seal.number != number + 1:
                yield _("seals %(from)d to %(to)d: removed") % {"from": number + 1, "to": seal.number - 1}
            elif seal.previous != value:
                yield _("seal %(number)d: does not follow the one before it") % {"number": seal.number}
            key = self._keys.get(seal.key_name)
            if key is None:
                foreign[seal.key_name] += 1
            elif key.value_of(seal, seal.parts.all()) != seal.value:
                yield _("seal %(number)d: altered") % {"number": seal.number}
            number, value = seal.number, seal.value
        for name, count in foreign.items():
            unknown = _("%(count)d seals were made with the key %(name)s, which is not in AUDIT_KEY here")
            yield unknown % {"count": count, "name": name}

    # --- the rows ------------------------------------------------------------------------------------

    def _rows(self, table: str, model: Model) -> Iterator[str]:
        for parts, columns in _stretches(table, self.first, self.last.number if self.last else 0):
            known = columns if _are_columns(columns, model) else []
            if not known:
                self.notes.append(
                    _("%(table)s: columns were removed since seal %(seal)d, so its rows are only counted")
                    % {"table": table, "seal": parts[0].seal_id}
                )
            yield from self._compare(table, model, parts, known)

    def _compare(self, table: str, model: Model, parts: list[SealedPart], columns: list[str]) -> Iterator[str]:
        try:
            expected = {pk: (mark, part) for part in parts for pk, mark in marks.unpack(part.marks).items()}
        except struct.error:
            return  # the chain names its seal as altered
        ends = [part.through for part in parts]
        self.rows += len(expected)
        for pk, content in marks.read_rows(model, columns, after=parts[0].after or None, through=ends[-1]):
            mark, part = expected.pop(pk, (b"", parts[bisect.bisect_left(ends, pk)]))
            key = self._keys.get(part.seal.key_name)
            if not mark:
                yield _told(_("%(table)s %(pk)d: added after seal %(seal)d was made over its place"), table, pk, part)
            elif columns and key is not None and key.mark(table, marks.line(content)) != mark:
                yield _told(_("%(table)s %(pk)d: altered since seal %(seal)d"), table, pk, part)
        for pk, (_mark, part) in expected.items():
            yield _told(_("%(table)s %(pk)d: removed since seal %(seal)d"), table, pk, part)


def _told(text: str, table: str, pk: int, part: SealedPart) -> str:
    return text % {"table": table, "pk": pk, "seal": part.seal_id}


def _stretches(table: str, first: int, last: int) -> Iterator[tuple[list[SealedPart], list[str]]]:
    """Parts that follow each other and have the same columns, some ROWS_AT_ONCE rows together."""
    shapes = _shapes(table)
    numbers = [number for number, _columns in shapes]
    found = SealedPart.objects.filter(table=table, seal__gte=first, seal__lte=last).order_by("through")
    together: list[SealedPart] = []
    shape, size = -1, 0
    for part in found.select_related("seal").iterator(chunk_size=SEALS_AT_ONCE):
        its = bisect.bisect_right(numbers, part.seal_id) - 1
        if together and (its != shape or part.after != together[-1].through or size >= ROWS_AT_ONCE):
            yield together, _shape(shapes, shape)
            together, size = [], 0
        together.append(part)
        shape, size = its, size + len(part.marks) // marks.MARK.size
    if together:
        yield together, _shape(shapes, shape)


def _shapes(table: str) -> list[tuple[int, list[str]]]:
    """The seals that name the table's columns, in order."""
    seals = AuditSeal.objects.exclude(columns={}).order_by("number").values_list("number", "columns")
    return [(number, columns[table]) for number, columns in seals if table in columns]


def _shape(shapes: list[tuple[int, list[str]]], place: int) -> list[str]:
    return shapes[place][1] if place >= 0 else []


def _are_columns(columns: Iterable[str], model: Model) -> bool:
    try:
        return all(model._meta.get_field(name) for name in columns)
    except FieldDoesNotExist:
        return False


def unsealed() -> int:
    """How many rows on record wait for the next seal."""
    return sum(
        model._base_manager.filter(pk__gt=sealed_through(table)).count() for table, model in recorded_tables().items()
    )


def recent_seals() -> Iterator[str]:
    """I3: what the last seals cover is what it was; `verify_audit` looks at all of them."""
    last = AuditSeal.objects.last()
    if last is not None:
        for finding in Verification(first=max(1, last.number - RECENT + 1)).findings():
            yield f"I3 audit trail: {finding}"
