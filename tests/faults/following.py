"""A reader that follows a list in the order of change while many write and save late, in threads of their own."""

from __future__ import annotations

import datetime as dt
import random
import threading
import time
from unittest.mock import patch

from django.db import transaction
from django.utils import timezone

from brics_tracker.core import api_changes
from brics_tracker.tracking.models import TrackedItem
from brics_tracker.tracking.services import items
from tests.factories import accounts as people
from tests.factories import tracking

from .contention import together


def follow(*, writers: int, edits: int, seed: int, careful: bool) -> dict[str, int]:
    """Edits begun early and saved late; counts what the reader's copy lacks at the end, and what came.

    `careful` waits for what is still open; the control takes the clock for it.
    """
    editor = people.make_user(f"editor-{seed}-{careful}", role="analyst")
    rows = [tracking.make_item() for _one in range(2 * writers)]
    start = api_changes.EPOCH, 0
    copy: dict[int, int] = {}
    came = 0
    done = threading.Event()

    def read() -> None:
        nonlocal start, came
        while True:
            last = done.is_set()
            found = api_changes.read_changes(TrackedItem.objects.all(), "updated_at", (), start, 3)
            copy.update(TrackedItem.objects.filter(pk__in=found.keys).values_list("pk", "version"))
            came += len(found.keys)
            start = api_changes._position(found.cursor)
            if last and not found.has_more:
                return
            time.sleep(0.002)

    def write(number: int) -> None:
        chance = random.Random(seed * 1000 + number)  # noqa: S311 - which edit waits how long, the same each time
        for turn in range(edits):
            row = rows[2 * number + turn % 2]
            with transaction.atomic():
                items.edit_item(row, by=editor, version=None, changes={"title": f"Title {turn}"})
                time.sleep(chance.choice((0, 0, 0.01, 0.05)))

    def work(number: int) -> None:
        if number < writers:
            write(number)
            finished.wait(timeout=60)
        else:
            read()

    finished = threading.Barrier(writers, action=done.set)
    clock = api_changes.settled_until if careful else timezone.now
    with patch.object(api_changes, "MARGIN", dt.timedelta(0)), patch.object(api_changes, "settled_until", clock):
        together(work, writers + 1)
    now = dict(TrackedItem.objects.filter(pk__in=[row.pk for row in rows]).values_list("pk", "version"))
    return {
        "edits": writers * edits, "came": came, "missed": sum(copy.get(pk) != number for pk, number in now.items()),
    }  # fmt: skip
