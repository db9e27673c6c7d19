"""Invented progress on the real catalogue, for trying out and for pictures; a banner says so on every page."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.models import Case, DateTimeField, F, Max, Value, When
from django.utils import timezone

from brics_tracker.accounts.models import User
from brics_tracker.tracking.choices import ItemKind
from brics_tracker.tracking.models import Evidence, Milestone, StatusChange, TrackedItem, Update
from brics_tracker.tracking.services import updates
from brics_tracker.tracking.services.changes import write
from brics_tracker.tracking.services.checks import Claim
from brics_tracker.tracking.services.moves import record_move
from brics_tracker.tracking.services.state import refresh_item
from brics_tracker.tracking.workflow import Status

ENTERED_DAYS_AGO = 420
TOLD: tuple[Any, ...] = (TrackedItem, Milestone, Update, Evidence)  # what a story writes
STORIES: dict[str, tuple[str, ...]] = {
    Status.DISCUSSION: (
        "Invented: senior officials put the idea on their agenda and asked for a paper.",
        "Invented: a working group met for the first time; three members sent comments.",
    ),
    Status.AGREED: (
        "Invented: ministers took note of the text and agreed to go ahead.",
        "Invented: the terms were signed at the margins of a ministerial meeting.",
    ),
    Status.IMPLEMENTING: (
        "Invented: the first phase began in two members.",
        "Invented: a coordinator was named and the first funds were released.",
    ),
    Status.IMPLEMENTED: ("Invented: the last step was completed and reported to the ministers.",),
    Status.STALLED: ("Invented: the technical group did not meet; a member asked for more time.",),
    "": (
        "Invented: the group exchanged drafts; no decision was taken.",
        "Invented: a seminar compared national practice.",
    ),
}


def make_demo(*, seed: int = 7, tell: Callable[[str], None] = lambda text: None) -> int:
    """Enter some 250 invented updates on the catalogue's proposals; returns how many.

    The catalogue's own entries are moved back by 420 days first, so that there is a past to show.
    """
    rng = random.Random(seed)  # noqa: S311 - invented data, not secrets
    system = User.objects.system()
    _move_entries_back(dt.timedelta(days=ENTERED_DAYS_AGO))
    made = 0
    for item in TrackedItem.objects.filter(item_kind=ItemKind.PROPOSAL).published().order_by("pk"):
        if rng.random() < 0.75:
            made += _tell_story(item, rng, system)
    tell(f"{made} invented updates")
    return made


@transaction.atomic
def _move_entries_back(by: dt.timedelta) -> None:
    """Only in a demonstration, here and in `_recorded_at`: the one place where recorded times are rewritten."""
    StatusChange.objects.update(since=F("since") - by, until=F("until") - by)
    for model in _recorded_models():
        moments = {field.name: F(field.name) - by for field in model._meta.fields if type(field) is DateTimeField}
        if moments:
            model.objects.update(**moments)
        model.history.update(**moments, history_date=F("history_date") - by)
    since = timezone.localdate() - by
    TrackedItem.objects.update(tracked_since=since)
    TrackedItem.history.update(tracked_since=since)
    system = User.objects.system()
    with _recorded_at(timezone.now() - by):
        for item in TrackedItem.objects.all():
            refresh_item(item, by=system)


def _recorded_models() -> list[Any]:
    """Items, what hangs on them, and the details of each sort; reference lists are shown as they are today."""
    labels = {"tracking", "proposals", "mechanisms"}
    recorded = (model for model in apps.get_models() if hasattr(model._meta, "simple_history_manager_attribute"))
    return [model for model in recorded if model._meta.app_label in labels]


@contextmanager
def _recorded_at(moment: dt.datetime) -> Iterator[None]:
    """What is recorded in here bears that moment, so that a report on a week since then knows how things stood."""
    last = {model: model.history.aggregate(last=Max("history_id"))["last"] or 0 for model in TOLD}
    yield
    for model in TOLD:
        entries = model.history.filter(history_id__gt=last[model])
        made = entries.filter(history_type="+").values("id")
        model.objects.filter(pk__in=entries.values("id")).update(
            updated_at=moment, created_at=Case(When(pk__in=made, then=Value(moment)), default=F("created_at"))
        )
        entries.update(
            history_date=moment, updated_at=moment,
            created_at=Case(When(history_type="+", then=Value(moment)), default=F("created_at")),
        )  # fmt: skip


@transaction.atomic
def _tell_story(item: TrackedItem, rng: random.Random, system: User) -> int:
    _date_plan(item, rng, system)
    steps = list(item.milestones.filter(confirmed=True))
    path = [Status.DISCUSSION, Status.AGREED, Status.IMPLEMENTING, Status.IMPLEMENTED][
        : rng.choice((1, 1, 2, 2, 3, 3, 4))
    ]
    if rng.random() < 0.12:
        path.append(Status.STALLED)
    if Status.IMPLEMENTED in path and path[-1] == Status.STALLED:
        path.pop()
    start = timezone.now() - dt.timedelta(days=ENTERED_DAYS_AGO - 10)
    span = dt.timedelta(days=180 if rng.random() < 0.2 else rng.uniform(330, 405))
    count = 0
    for number, status in enumerate(path, start=1):
        at = start + span * number / len(path)
        claims = [Claim(step, "completed") for step in steps[number - 1 : number] if status not in {Status.STALLED}]
        _enter(item, system, rng, at=at, status=status, claims=claims)
        count += 1
    if rng.random() < 0.3 and path[-1] != Status.IMPLEMENTED:
        _enter(item, system, rng, at=start + span + dt.timedelta(days=2), status="", claims=[])
        count += 1
    return count


def _enter(
    item: TrackedItem, system: User, rng: random.Random, *, at: dt.datetime, status: str, claims: list[Claim]
) -> None:
    fields = {"text": rng.choice(STORIES[status]), "happened": at.date().isoformat(), "status_claimed": status}
    needs = status in item.workflow.needs_evidence
    sources = [
        {"title": f"Invented communiqué {rng.randint(1, 400)}", "url": f"https://example.org/{rng.randint(1, 9999)}"}
        for _source in range(max(int(needs), rng.randint(0, 2)))
    ]
    checked = rng.random() < 0.4
    with _recorded_at(at):
        updates.enter_update(item, by=system, fields=fields, sources=sources, claims=claims, at=at, checked=checked)


def _date_plan(item: TrackedItem, rng: random.Random, system: User) -> None:
    """Confirm and date the template's steps. The first entry of progress, dated in the past, counts them in."""
    if rng.random() < 0.25:
        return
    confirmed_at = timezone.now() - dt.timedelta(days=ENTERED_DAYS_AGO - 5)
    due = timezone.localdate() - dt.timedelta(days=rng.randint(60, 300))
    with _recorded_at(confirmed_at):
        for step in Milestone.objects.filter(item=item, dropped_at__isnull=True):
            due += dt.timedelta(days=rng.randint(40, 200))
            write(step, by=system, confirmed=True, due=due)
            if rng.random() < 0.15:
                later = due + dt.timedelta(days=rng.randint(20, 120))
                record_move(step, later, reason="Invented: a member asked for more time.", by=system, at=confirmed_at)
