"""Two identical requests at the same moment make one update, with its evidence once."""

from __future__ import annotations

import threading
import uuid

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from brics_tracker.accounts.models import User
from brics_tracker.tracking.models import Evidence, TrackedItem, Update
from brics_tracker.tracking.services.progress import Entry, NewSource, log_progress
from tests.factories.accounts import make_user
from tests.factories.tracking import make_evidence, make_item

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


@pytest.mark.django_db
def test_what_is_handed_in_at_once_is_one_entry_of_the_record(analyst: User) -> None:
    logged = log_progress(make_item(), by=analyst, form_key=uuid.uuid4(), entry=ENTRY, submit=True)
    assert logged.refusal is None
    assert (logged.update.review_state, logged.update.version) == ("submitted", 1)
    assert list(logged.update.history.values_list("history_type", "review_state")) == [("+", "submitted")]
    assert logged.update.evidence.count() == 1


@pytest.mark.django_db
def test_what_lacks_evidence_stays_a_draft_and_says_why(analyst: User) -> None:
    bare = Entry({"text": "Ministers agreed.", "happened": "2024-03", "status_claimed": "agreed"})
    logged = log_progress(make_item(), by=analyst, form_key=uuid.uuid4(), entry=bare, submit=True)
    assert logged.refusal is not None
    assert "evidence" in logged.refusal.message_dict
    assert Update.objects.get().review_state == "draft"


@pytest.mark.django_db
def test_a_source_that_the_person_may_not_see_is_refused_and_nothing_is_kept(analyst: User) -> None:
    item = make_item()
    foreign = make_evidence(item, by=make_user(role="analyst"))
    entry = Entry({"text": "It happened.", "happened": "2024-03"}, kept=[foreign])
    with pytest.raises(ValidationError) as refusal:
        log_progress(item, by=analyst, form_key=uuid.uuid4(), entry=entry, submit=True)
    assert "evidence" in refusal.value.message_dict
    assert not Update.objects.exists()
