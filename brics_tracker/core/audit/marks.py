"""Keys, and what they make: a mark for each row of the trail, a value for each seal. Without the key neither can be made."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import models

from brics_tracker.core.backup import rows
from brics_tracker.core.models import AuditSeal, SealedPart

MARK = struct.Struct(">q8s")  # a row's key, and the first eight bytes of the hash of its columns
Marks = dict[int, bytes]
ROWS_AT_ONCE = 1000


class Key:
    """One of settings.AUDIT_KEY."""

    def __init__(self, secret: str) -> None:
        self._bytes = hmac.digest(secret.encode(), b"brics_tracker.audit", "sha256")
        self.name = self._hash(b"name").hex()[:8]

    def _hash(self, message: bytes) -> bytes:
        return hmac.digest(self._bytes, message, "sha256")

    def mark(self, table: str, line: str) -> bytes:
        """Stands for the content of one row, in its table."""
        return self._hash(f"{table}\n{line}".encode())[:8]

    def value_of(self, seal: AuditSeal, parts: Iterable[SealedPart]) -> str:
        """What the seal must bear: every field of it and of its parts goes in."""
        held = [[part.table, part.after, part.through, hashlib.sha256(part.marks).hexdigest()] for part in parts]
        made_at = seal.made_at.astimezone(dt.UTC).isoformat()
        message = [seal.number, made_at, seal.columns, seal.key_name, seal.previous, sorted(held)]
        return self._hash(json.dumps(message, sort_keys=True).encode()).hex()


def known_keys() -> list[Key]:
    """The first one seals; the others are known still, for what was sealed before."""
    return [Key(secret) for secret in settings.AUDIT_KEY]


def columns_of(model: type[models.Model]) -> list[str]:
    """What is sealed of a row: every stored column."""
    return sorted(field.attname for field in rows.columns(model))


def read_rows(
    model: type[models.Model], columns: Sequence[str], *, after: int | None, through: int, limit: int | None = None
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Key and content of the rows of a stretch, in order, as both databases and a restored backup give them."""
    fields: list[Any] = [model._meta.get_field(name) for name in columns]
    found = model._base_manager.filter(pk__lte=through).order_by("pk")
    if after is not None:
        found = found.filter(pk__gt=after)
    for pk, *values in found.values_list("pk", *columns)[:limit].iterator(chunk_size=ROWS_AT_ONCE):
        yield pk, {name: rows.encode(field, value) for name, field, value in zip(columns, fields, values, strict=True)}


def line(content: Mapping[str, Any]) -> str:
    """The one way in which a row is written before it is marked."""
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def pack(marks: Marks) -> bytes:
    return b"".join(MARK.pack(pk, mark) for pk, mark in marks.items())


def unpack(packed: bytes | memoryview) -> Marks:
    """Raises struct.error for what was not packed here."""
    return dict(MARK.iter_unpack(bytes(packed)))
