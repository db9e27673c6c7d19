"""People writing on record while it is being sealed, in threads with connections of their own.

Runs in a process of an installation (see test_audit.py): the order of commits is the real database's.
"""

from __future__ import annotations

import random
import threading
import time
from typing import Any

from django.db import connection, transaction

from brics_tracker.core.audit import record_event, seals, settled, verifying
from brics_tracker.core.choices import Act
from brics_tracker.core.models import AuditEvent, AuditSeal


class Undone(Exception):
    """Ends a transaction as if it had never been."""


def write_while_sealing(*, writers: int, seconds: float) -> dict[str, Any]:
    """Each writer commits late, or never, what it wrote early; two seal all the while."""
    until = time.monotonic() + seconds

    def write(number: int) -> None:
        rng = random.Random(number)  # noqa: S311 - pauses, not secrets
        while time.monotonic() < until:
            try:
                with transaction.atomic():
                    record_event(Act.EXPORT_MADE, by=None, thing=f"writer {number}")
                    time.sleep(rng.random() / 50)
                    if rng.random() < 0.2:
                        raise Undone
            except Undone:
                pass
            time.sleep(0.002)

    def seal(number: int) -> None:
        while time.monotonic() < until:
            seals.seal_trail()
            time.sleep(0.01)

    _together([*(lambda n=n: write(n) for n in range(writers)), lambda: seal(0), lambda: seal(1)])
    seals.seal_trail()
    return {
        "rows": AuditEvent.objects.count(),
        "seals": AuditSeal.objects.count(),
        "unsealed": verifying.unsealed(),
        "findings": list(verifying.Verification().findings()),
    }


def seal_beside_an_open_transaction(*, careful: bool) -> dict[str, Any]:
    """Somebody holds a lower key and has not committed it, while a higher one is there already.

    The control seals up to the highest key there is, as if keys were committed in their order.
    """
    if not careful:
        settled._writers = lambda tables: set()
    written, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            record_event(Act.EXPORT_MADE, by=None, thing="lower")
            written.set()
            go_on.wait(30)

    settled.WAIT_FOR_WRITERS = 0.3
    holder = threading.Thread(target=_alone, args=[hold])
    holder.start()
    written.wait(30)
    record_event(Act.EXPORT_MADE, by=None, thing="higher")
    began = time.monotonic()
    beside = seals.seal_trail()
    waited = time.monotonic() - began
    go_on.set()
    holder.join()
    return {
        "beside": beside, "waited": waited, "after": seals.seal_trail(),
        "keys": list(AuditEvent.objects.order_by("pk").values_list("key", flat=True)),
        "findings": list(verifying.Verification().findings()), "unsealed": verifying.unsealed(),
    }  # fmt: skip


def _together(acts: list[Any]) -> None:
    threads = [threading.Thread(target=_alone, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _alone(act: Any) -> None:
    try:
        act()
    finally:
        connection.close()
