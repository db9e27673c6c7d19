"""The invariant of frozen reports, for `manage.py check_integrity`."""

from __future__ import annotations

from collections.abc import Iterator

from .models import Snapshot
from .renderers.data import checksum


def frozen_reports() -> Iterator[str]:
    """I6: a report's tables are what was frozen, under the number that it was given."""
    snapshots = Snapshot.objects.select_related("report").defer("states").order_by("pk")
    for snapshot in snapshots.iterator(chunk_size=20):
        number = snapshot.report.number
        if checksum(snapshot.tables) != snapshot.sha256:
            yield f"I6 report {number}: its tables are not those that were frozen"
        if snapshot.tables["head"]["number"] != number:
            yield f"I6 report {number}: its tables bear the number {snapshot.tables['head']['number']}"
