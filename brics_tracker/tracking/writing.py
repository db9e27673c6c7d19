"""How an endpoint writes what hangs on a tracked item: with the item locked, and the version that was read named."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import models, transaction

from brics_tracker.core.api_writes import PreconditionFailed, check_match, require_match
from brics_tracker.core.api_writing import Methods as Methods
from brics_tracker.core.api_writing import WritingRows
from brics_tracker.core.rows import Row

from .services.changes import StaleVersion, lock_item

if TYPE_CHECKING:
    from .models import TrackedItem


class WritingView(WritingRows):
    """Rows of an item's own: made and changed under its lock."""

    @contextmanager
    def matched(self, item: TrackedItem, row: models.Model) -> Iterator[Row]:
        """The row as it stands, locked with its item until the end of the block, where `If-Match` names it.

        Raises 428 and 412; and 412 too where the service finds that someone changed the same fields.
        """
        named = require_match(self.request)
        with transaction.atomic():
            lock_item(item.pk)
            current = self.row_of(row)
            check_match(named, current, self.etag(current))
            try:
                yield current
            except StaleVersion as stale:
                raise PreconditionFailed(current, self.etag(current)) from stale
