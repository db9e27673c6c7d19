"""Two identical requests at the same moment make one update, with its evidence once."""

from __future__ import annotations

import threading
import uuid

import pytest
from django.db import connection

from brics_tracker.accounts.models import User
from brics_tracker.tracking.models import Evidence, TrackedItem, Update
from brics_tracker.tracking.services.progress import Entry, NewSource, log_progress
from tests.factories.accounts import make_user
from tests.factories.tracking import make_item

ENTRY = Entry({"text": "It happened.", "happened": "2024-03"}, sources=[NewSource({"url": "https://example.org/a"})])


def at_once(item: TrackedItem, by: User, keys: list[uuid.UUID]) -> list[Exception]:
    """Log the same entry once for each key, all released together; what went wrong."""
    gate, problems = threading.Barrier(len(keys)), []

    def run(key: uuid.UUID) -> None:
        try:
            gate.wait(timeout=10)
            log_progress(item, by=by, form_key=key, entry=ENTRY, submit=True)
        except Exception as problem:  # noqa: BLE001 - told to the test that asks for none
            problems.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(key,)) for key in keys]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return problems


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("same", "made"), [(True, 1), (False, 4)], ids=["one form", "control: four forms"])
def test_four_clicks_at_once(same: bool, made: int) -> None:
    if connection.vendor == "sqlite" and connection.is_in_memory_db():  # type: ignore[attr-defined]
        pytest.skip("a database in memory has one connection; the same runs on PostgreSQL")
    item, analyst = make_item(), make_user(role="analyst")
    key = uuid.uuid4()
    keys = [key if same else uuid.uuid4() for _click in range(4)]
    assert at_once(item, analyst, keys) == []
    assert (Update.objects.count(), Evidence.objects.count()) == (made, made)
