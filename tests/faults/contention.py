"""Many editors at one row and many clicks on one form, in threads with connections of their own.

Runs in a process of an installation (see test_contended.py): what it measures is the real database.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, models
from django.utils import timezone

from brics_tracker.accounts.models import User
from brics_tracker.core.models import Job
from brics_tracker.tracking.models import Comment, Evidence, Milestone, TrackedItem, Update
from brics_tracker.tracking.services import conversation, evidence, items, merging, milestones, progress, updates
from brics_tracker.tracking.services.changes import MergedAway, StaleVersion
from brics_tracker.tracking.services.details import Drawn, last_record
from mechanisms.services import create_mechanism, edit_mechanism
from proposals.services import create_proposal, edit_proposal
from reports.models import ReportDefinition
from reports.services import run_now
from tests.factories import accounts as people
from tests.factories import tracking
from tests.factories.core import make_theme

FORMS_AT_ONCE = 4
Edit = Callable[[Any, int, str, User], object]


@dataclass(frozen=True)
class Target:
    """A row that many edit at once, through one service, in one text field.

    `shown`: where a form reads the text and, at the same moment, the `number` of what it was drawn from.
    """

    make: Callable[[User], models.Model]
    field: str
    edit: Edit
    shown: Callable[[Any], Any] = lambda row: row
    number: str = "version"


def _item(by: User) -> TrackedItem:
    return tracking.make_item()


def _edit_item(row: Any, version: int, text: str, by: User) -> object:
    return items.edit_item(row, by=by, version=version, changes={"summary": text})


def _edit_proposal(row: Any, version: int, text: str, by: User) -> object:
    return edit_proposal(row.proposal, by=by, version=version, changes={"summary": text}, own={})


def _edit_milestone(row: Any, version: int, text: str, by: User) -> object:
    return milestones.edit_milestone(row, by=by, version=version, changes={"title": text})


def _make_mechanism(by: User) -> TrackedItem:
    own = {"kind": "forum", "track": "economy_finance"}
    fields = {"title": "Grain forum", "lead_theme": make_theme("EN")}
    item = create_mechanism(by=tracking.make_system(), fields=fields, own=own).item
    return tracking.publish_item(items.submit_item(item, by=tracking.make_system()))


def _edit_mechanism(row: Any, version: int, text: str, by: User) -> object:
    return edit_mechanism(row.mechanism, by=by, version=version, changes={"summary": text}, own={})


def _edit_own(row: Any, record: int, text: str, by: User) -> object:
    drawn = Drawn(record, frozenset())
    return edit_mechanism(row, by=by, version=row.item.version, changes={}, own={"note": text}, drawn=drawn)


def _revise_progress(row: Any, version: int, text: str, by: User) -> object:
    entry = progress.Entry(fields={"text": text})
    return progress.revise_progress(row, by=by, version=version, form_key=uuid.uuid4(), entry=entry, submit=False)


def _edit_update(row: Any, version: int, text: str, by: User) -> object:
    return updates.edit_update(row, by=by, version=version, fields={"text": text})


TARGETS = {
    "item": Target(_item, "summary", _edit_item),
    "proposal": Target(_item, "summary", _edit_proposal),
    "milestone": Target(lambda by: tracking.make_milestone(tracking.make_item()), "title", _edit_milestone),
    "update": Target(lambda by: tracking.make_draft(tracking.make_item(), by=by), "text", _edit_update),
    "progress": Target(lambda by: tracking.make_draft(tracking.make_item(), by=by), "text", _revise_progress),
    "mechanism": Target(_make_mechanism, "summary", _edit_mechanism),
    "own field": Target(lambda by: _make_mechanism(by).mechanism, "note", _edit_own, last_record, "history_id"),
}


def contend(name: str, *, editors: int, rounds: int, careful: bool) -> dict[str, int]:
    """Each editor adds marks of its own to one text; counts the marks that were accepted and those still there.

    `careful` goes through the service with the version that was read; the control writes the row as it
    was read, with neither lock nor version.
    """
    target = TARGETS[name]
    author = people.make_user(f"author-{uuid.uuid4().hex[:8]}", role="analyst")
    row = target.make(author)
    row.refresh_from_db()
    first, records = getattr(target.shown(row), target.number), row.history.count()  # type: ignore[attr-defined]
    accepted: list[str] = []
    refused: list[int] = []

    def edit(number: int) -> None:
        for turn in range(rounds):
            mark = f"{chr(97 + number)}{turn} "
            while not _try(target, row, mark, author, careful=careful):
                refused.append(1)
            accepted.append(mark)

    together(edit, editors)
    row.refresh_from_db()
    text = getattr(row, target.field)
    return {
        "accepted": len(accepted),
        "lost": sum(mark not in text for mark in accepted),
        "refused": len(refused),
        "versions": getattr(target.shown(row), target.number) - first,
        "records": row.history.count() - records,  # type: ignore[attr-defined]
    }


def _try(target: Target, row: models.Model, mark: str, by: User, *, careful: bool) -> bool:
    """One edit as a person makes it: read, think, write; False where someone was quicker."""
    read = type(row)._default_manager.get(pk=row.pk)
    shown = target.shown(read)
    text = getattr(shown, target.field) + mark
    time.sleep(0.002)
    if not careful:
        setattr(read, target.field, text)
        read.skip_history_when_saving = True  # type: ignore[attr-defined]
        read.save()
        return True
    try:
        target.edit(read, getattr(shown, target.number), text, by)
    except StaleVersion:
        return False
    return True


def other_fields() -> dict[str, int]:
    """Editors who change different fields of one item, all from the same version: nobody is refused."""
    item = tracking.make_item()
    version = item.version
    changes: list[dict[str, object]] = [
        {"title": "Another title"},
        {"summary": "Another summary."},
        {"priority": "high"},
        {"phase": "long"},
        {"rhythm_days": 30},
        {"target_date": "2034"},
    ]
    authors = [people.make_user(f"hand-{uuid.uuid4().hex[:8]}", role="analyst") for _one in changes]
    together(lambda n: items.edit_item(item, by=authors[n], version=version, changes=changes[n]), len(changes))
    item.refresh_from_db()
    kept = [all(getattr(item, name) == value for name, value in change.items()) for change in changes]
    return {"kept": sum(kept), "asked": len(changes)}


@dataclass(frozen=True)
class Creation:
    """What a form makes, and how often it was made."""

    make: Callable[[TrackedItem, User, uuid.UUID | None], object]
    rows: Callable[[TrackedItem], models.QuerySet[Any]]


def _create_proposal(item: TrackedItem, by: User, key: uuid.UUID | None) -> object:
    fields = {"title": f"Twin of {item.reference}", "lead_theme": item.lead_theme}
    return create_proposal(by=by, fields=fields, own={"kind": "recommendation"}, form_key=key, plan="found_mechanism")


def _create_mechanism(item: TrackedItem, by: User, key: uuid.UUID | None) -> object:
    fields = {"title": f"Twin of {item.reference}", "lead_theme": item.lead_theme}
    return create_mechanism(by=by, fields=fields, own={"kind": "forum", "track": "people"}, form_key=key)


def _create_update(item: TrackedItem, by: User, key: uuid.UUID | None) -> object:
    return updates.create_update(item, by=by, fields={"text": "It began.", "happened": "2024-05-01"}, form_key=key)


def _log_progress(item: TrackedItem, by: User, key: uuid.UUID | None) -> object:
    sources = [progress.NewSource({"url": "https://example.org/communique"})]
    entry = progress.Entry(fields={"text": "It began.", "happened": "2024-05-01"}, sources=sources)
    return progress.log_progress(item, by=by, form_key=key or uuid.uuid4(), entry=entry, submit=True).update


def _run_report(item: TrackedItem, by: User, key: uuid.UUID | None) -> object:
    people.make_grant(by, "reviewer")
    definition, _made = ReportDefinition.objects.get_or_create(
        key=item.reference.lower(), defaults={"title": "Weekly", "period": "week", "starts_on": "2024-01-01"}
    )
    return run_now(definition, by=by, form_key=key or uuid.uuid4())


def _report_no_change(item: TrackedItem, by: User, key: uuid.UUID | None) -> object:
    return updates.report_no_change(item, by=by, form_key=key)


def _add_evidence(item: TrackedItem, by: User, key: uuid.UUID | None) -> object:
    file = SimpleUploadedFile("note.txt", b"What was agreed.")
    return evidence.add_evidence(item, by=by, fields={"title": "Note"}, files=[file], form_key=key)


def _add_milestone(item: TrackedItem, by: User, key: uuid.UUID | None) -> object:
    return milestones.add_milestone(item, by=by, fields={"title": "Text agreed"}, form_key=key)


CREATIONS = {
    "proposal": Creation(_create_proposal, lambda i: TrackedItem.objects.filter(title=f"Twin of {i.reference}")),
    "mechanism": Creation(_create_mechanism, lambda i: TrackedItem.objects.filter(title=f"Twin of {i.reference}")),
    "update": Creation(_create_update, lambda item: Update.objects.filter(item=item)),
    "no-change": Creation(_report_no_change, lambda item: Update.objects.filter(item=item)),
    "progress": Creation(_log_progress, lambda item: Update.objects.filter(item=item, evidence__isnull=False)),
    "report": Creation(_run_report, lambda item: Job.objects.filter(arguments__definition=item.reference.lower())),
    "evidence": Creation(_add_evidence, lambda item: Evidence.objects.filter(item=item)),
    "milestone": Creation(_add_milestone, lambda item: Milestone.objects.filter(item=item)),
}


def submit_twice(name: str, *, forms: int, keyed: bool) -> dict[str, int]:
    """Send each of so many forms twice at the same moment; the control sends no key with them."""
    creation = CREATIONS[name]
    author = people.make_user(f"author-{uuid.uuid4().hex[:8]}", role="analyst")
    item = tracking.make_item()
    before = creation.rows(item).count()
    keys = [uuid.uuid4() if keyed else None for _form in range(forms)]
    answers: list[set[object]] = [set() for _form in range(forms)]

    def click(number: int) -> None:
        made: Any = creation.make(item, author, keys[number])
        answers[number].add(made.pk)

    for start in range(0, forms, FORMS_AT_ONCE):
        some = range(start, min(start + FORMS_AT_ONCE, forms))
        together(lambda n, some=some: click(some[n // 2]), 2 * len(some))  # type: ignore[misc]
    return {"made": creation.rows(item).count() - before, "same_answer": sum(len(found) == 1 for found in answers)}


def write_together(*, writers: int, rounds: int) -> dict[str, int]:
    """So many people log progress on items of their own, all at once: every answer is a success or a named error."""
    make_theme("EN")
    authors = [people.make_user(f"writer-{uuid.uuid4().hex[:8]}", role="analyst") for _one in range(writers)]
    rows = [tracking.make_item() for _one in range(writers)]
    locked: list[str] = []
    written: list[int] = []

    def work(number: int) -> None:
        for turn in range(rounds):
            try:
                update = updates.create_update(
                    rows[number], by=authors[number], fields={"text": f"Turn {turn}", "happened": "2024-05-01"}
                )
                updates.submit_update(update, by=authors[number])
            except DatabaseError as problem:
                locked.append(str(problem))
            else:
                written.append(update.pk)

    together(work, writers)
    return {
        "written": len(written),
        "there": Update.objects.filter(pk__in=written, review_state="submitted").count(),
        "errors": len(locked),
    }


def together(work: Callable[[int], object], number: int) -> None:
    """Run work(0) … work(number - 1) at the same moment; what any of them raises is raised here."""
    start = threading.Barrier(number)
    problems: list[BaseException] = []

    def run(index: int) -> None:
        try:
            start.wait(timeout=20)
            work(index)
        except (Exception, ValidationError) as problem:  # noqa: BLE001 - raised again below, in the test's own thread
            problems.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if problems:
        raise problems[0]


def merge_against_work(*, rounds: int, careful: bool) -> dict[str, int]:
    """While people log progress, comment and edit on an item, an administrator merges it into another.

    Counts what was accepted, and what of it is not to be found at the survivor (or, of edits made before, in the record
    of the merged item). The control moves what it finds and marks the item afterwards, without a lock.
    """
    analyst = people.make_user(f"analyst-{uuid.uuid4().hex[:8]}", role="analyst")
    administrator = people.make_user(f"administrator-{uuid.uuid4().hex[:8]}", role="administrator")
    counts = dict.fromkeys(("accepted", "lost", "led on", "merged"), 0)
    for _round in range(rounds):
        keep, other = tracking.make_item(), tracking.make_item()
        told: list[Update | Comment] = []
        summaries: list[str] = []
        led_on: list[int] = []
        acts = (
            lambda on, n: told.append(tracking.make_draft(on, by=analyst, text=f"Turn {n}")),  # noqa: B023
            lambda on, n: told.append(conversation.add_comment(on, by=analyst, text=f"Turn {n}")),  # noqa: B023
            lambda on, n: summaries.append(  # noqa: B023
                items.edit_item(on, by=analyst, version=None, changes={"summary": f"Words {n}."}).summary
            ),
        )

        def work(number: int, *, keep: Any = keep, other: Any = other, led_on: Any = led_on, acts: Any = acts) -> None:
            if number == len(acts):
                time.sleep(0.01)
                _merge_somehow(keep, other, administrator, careful=careful)
                return
            for turn in range(6):
                try:
                    acts[number](other, turn)
                except MergedAway:
                    led_on.append(turn)
                    acts[number](keep, turn)

        together(work, len(acts) + 1)
        gone = [row for row in told if type(row)._default_manager.get(pk=row.pk).item_id != keep.pk]
        records = {entry.summary for item in (keep, other) for entry in TrackedItem.history.filter(id=item.pk)}
        gone_words = [words for words in summaries if words not in records]
        counts["accepted"] += len(told) + len(summaries)
        counts["lost"] += len(gone) + len(gone_words)
        counts["led on"] += len(led_on)
        counts["merged"] += TrackedItem.objects.get(pk=other.pk).merged_into_id == keep.pk
    return counts


def _merge_somehow(keep: TrackedItem, other: TrackedItem, by: User, *, careful: bool) -> None:
    if careful:
        merging.merge_items(keep, other, by=by, seen=(None, None), choice=merging.Choice("One thing twice."))
        return
    row = TrackedItem.objects.get(pk=other.pk)
    for model in (Update, Comment):
        model.objects.filter(item=other).update(item=keep)
    time.sleep(0.02)
    row.merged_into, row.archived_at = keep, timezone.now()
    row.skip_history_when_saving = True  # type: ignore[attr-defined]
    row.save()
