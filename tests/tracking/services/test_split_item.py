"""Splitting: each part gets what was chosen, what was not stays, and every state is the replay of its own updates."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from brics_tracker.accounts.models import User
from brics_tracker.core.integrity import files_and_rows
from brics_tracker.tracking import integrity
from brics_tracker.tracking.models import Comment, Evidence, ItemSplit, TrackedItem, Update
from brics_tracker.tracking.services import conversation, progress, splitting, updates
from brics_tracker.tracking.services.checks import Claim
from brics_tracker.tracking.services.splitting import Part
from tests.factories.accounts import make_user
from tests.factories.core import make_theme
from tests.factories.mechanisms import make_mechanism
from tests.factories.tracking import make_document, make_draft, make_evidence, make_item, make_milestone, make_update

pytestmark = pytest.mark.django_db


def split(origin: TrackedItem, *parts: Part, by: User, **more: Any) -> list[TrackedItem]:
    done = splitting.split_item(origin, parts, by=by, version=None, reason="Two things in one.", **more)
    return [TrackedItem.objects.get(reference=part["reference"]) for part in done.parts]


def faults() -> list[str]:
    checks = (
        integrity.versions, integrity.maintained_columns, integrity.one_chain_of_states, integrity.merges, files_and_rows,
    )  # fmt: skip
    return [line for check in checks for line in check()]


def cited(item: TrackedItem) -> list[int]:
    return list(item.citations.order_by("passage").values_list("passage", flat=True))


@pytest.fixture
def origin(db: None) -> TrackedItem:
    paragraphs = make_document("communique", paragraphs=2).passages.all()
    return make_item(title="Grain exchange and reserve", kind="goal", passages=paragraphs, phase="long")


def test_each_part_gets_what_was_chosen_and_stands_where_its_updates_put_it(
    origin: TrackedItem, administrator: User, analyst: User
) -> None:
    first, second = cited(origin)
    step = make_milestone(origin, due=dt.date(2031, 1, 1))
    stays = make_update(origin, status_claimed="discussion", happened="2024-01")
    moves = make_update(origin, by=analyst, state="draft", status_claimed="agreed", happened="2024-02",
                        claims=[Claim(step, "completed")])  # fmt: skip
    shared = make_evidence(
        origin, by=analyst, update=moves, title="Minutes", files=[SimpleUploadedFile("minutes.txt", b"They agreed.")]
    )
    other = make_draft(origin, by=analyst, text="The same minutes.")
    other.evidence.add(shared)
    own = make_evidence(origin, by=analyst, update=moves, title="Its own")
    said = conversation.add_comment(origin, by=analyst, text="Of that update.", update=moves)
    moves = updates.publish_update(updates.submit_update(moves, by=analyst), by=make_user(role="reviewer"))

    exchange, reserve = split(
        origin,
        Part("Grain exchange", "Trade in grain.", passages=[first], updates=[moves.pk], milestones=[step.pk]),
        Part("Grain reserve", passages=[first, second]),
        by=administrator,
        keeps=[second],
    )

    origin.refresh_from_db()
    assert [(item.status, item.percent) for item in (origin, exchange, reserve)] == [
        ("discussion", None), ("agreed", 100), ("proposed", None),
    ]  # fmt: skip
    assert (exchange.summary, reserve.summary) == ("Trade in grain.", origin.summary)
    assert (exchange.phase, exchange.proposal.kind, exchange.lead_theme) == ("long", "goal", origin.lead_theme)
    assert [cited(item) for item in (origin, exchange, reserve)] == [[second], [first], [first, second]]
    assert list(exchange.relations_out.values_list("kind", "target")) == [("part_of", origin.pk)]
    assert (stays.item, Update.objects.get(pk=moves.pk).item) == (origin, exchange)
    copy = exchange.evidence.exclude(pk=own.pk).get()
    assert (copy.title, copy.files.get().file.name, copy.updates.get()) == (
        "Minutes",
        shared.files.get().file.name,
        moves,
    )
    assert (shared.item_id, list(shared.updates.all())) == (origin.pk, [other])
    assert Evidence.objects.get(pk=own.pk).item == exchange
    assert Comment.objects.get(pk=said.pk).item == exchange
    assert faults() == []


def test_an_archived_origin_is_succeeded(origin: TrackedItem, administrator: User) -> None:
    first, second = cited(origin)
    parts = (Part("Exchange", passages=[first]), Part("Reserve", passages=[second]))
    made = split(origin, *parts, by=administrator, keeps=[], archive=True)
    origin.refresh_from_db()
    assert origin.archived_at is not None
    assert {tie.kind for item in made for tie in item.relations_out.all()} == {"succeeds"}
    assert "split into" in origin.history.first().history_change_reason
    assert faults() == []


def test_a_mechanism_is_split_without_citing(administrator: User) -> None:
    item = make_mechanism(acronym="GX").item
    (part,) = split(item, Part("Grain council"), by=administrator)
    assert (part.reference[0], part.mechanism.acronym, part.item_kind) == ("M", "GX", "mechanism")


def test_what_does_not_fit_is_refused_in_words_and_nothing_is_made(
    origin: TrackedItem, administrator: User, analyst: User
) -> None:
    first, second = cited(origin)
    step = make_milestone(origin)
    told = make_update(origin, by=analyst, claims=[Claim(step, "completed")], happened="2024-01")
    correction = progress.correct_update(told, by=analyst)
    fine = Part("Exchange", passages=[first])
    refused: list[tuple[list[Part], dict[str, Any], str]] = [
        ([], {}, "between 1 and 8"),
        ([fine], {"archive": True}, "at least two parts"),
        ([fine, Part("exchange ", passages=[first])], {}, "title of its own"),
        ([Part("Exchange")], {}, "which paragraph “Exchange” rests"),
        ([fine], {"keeps": []}, f"which paragraph “{origin.reference}” rests"),
        ([Part("Exchange", passages=[first + second])], {}, "paragraphs that the item cites"),
        ([Part("Exchange", passages=[first], updates=[told.pk, correction.pk])], {}, "both go the same way"),
        ([Part("Exchange", passages=[first], updates=[told.pk], milestones=[step.pk])], {}, "its correction go"),
        ([Part("Exchange", passages=[first], updates=[10**6])], {}, "what belongs to the item"),
        ([fine, Part("Reserve", passages=[first], milestones=[step.pk]),
          Part("Third", passages=[first], milestones=[step.pk])], {}, "goes to one part"),
    ]  # fmt: skip
    for parts, more, words in refused:
        with pytest.raises(ValidationError, match=words):
            split(origin, *parts, by=administrator, **more)
    with pytest.raises(ValidationError, match="Someone changed"):
        splitting.split_item(origin, [fine], by=administrator, version=origin.version + 7, reason="Two.")
    assert (ItemSplit.objects.count(), TrackedItem.objects.count()) == (0, 1)


def test_only_administrators_in_scope_may_and_twice_is_once(
    origin: TrackedItem, administrator: User, reviewer: User
) -> None:
    part = Part("Exchange", passages=cited(origin))
    for person in (reviewer, make_user(role="administrator", themes=[make_theme("GR")])):
        with pytest.raises(PermissionDenied):
            split(origin, part, by=person)
    key = uuid.uuid4()
    assert split(origin, part, by=administrator, form_key=key) == split(origin, part, by=administrator, form_key=key)
