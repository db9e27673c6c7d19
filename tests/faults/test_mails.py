"""Workers are killed while mails go out to a real server: each person gets each mail once, or again as the very same."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import pytest

from .installation import Installation, installation, wait_for
from .smtp_sink import Sink, smtp_sink

pytestmark = pytest.mark.faults

PREPARE = """
import datetime as dt
from django.utils import timezone
from brics_tracker.accounts.notices import mails, services
from brics_tracker.accounts.notices.sources import Telling, Tie
from brics_tracker.core import deliveries
"""
PEOPLE = """
from tests.factories.accounts import make_user
from tests.factories.tracking import make_item
item = make_item()
people = [make_user(f"person-{{n}}") for n in range({number})]
services.tell([Telling("mention", "one", "item", item.pk, str(item), "/", timezone.now(),
                       [Tie(person.pk, "mentioned") for person in people])])
mails.plan_mails(timezone.now() + dt.timedelta(seconds=1))
"""
# As the ticks will do it once every pause is over and the dead worker is known to be dead.
TICKS = """
later = timezone.now() + dt.timedelta(days=3)
jobs.sweep(timezone.now() + jobs.RESEND_AT_MOST_AFTER + dt.timedelta(seconds=1))
deliveries.send_due(later)
result = Job.objects.filter(kind=deliveries.JOB, state="waiting").count()
"""


@pytest.fixture
def sink() -> Iterator[Sink]:
    with smtp_sink() as made:
        yield made


@pytest.fixture
def tracker(tmp_path_factory: pytest.TempPathFactory, sink: Sink) -> Iterator[Installation]:
    with installation(tmp_path_factory.mktemp("m")) as made:
        made.environment["EMAIL_URL"] = f"smtp://127.0.0.1:{sink.port}"
        made.start_broker()
        yield made


def sent(tracker: Installation) -> int:
    [(number,)] = tracker.rows("SELECT count(*) FROM core_delivery WHERE state = %s", "sent")
    return int(number)


def mail_under_kills(tracker: Installation, sink: Sink, *, people: int, kills: int, seed: int) -> None:
    """Mail so many people, killing the worker so many times while the server has its mail and it no answer."""
    chance = random.Random(seed)  # noqa: S311 - no secret, the moments of the kills
    tracker.ask(PREPARE + PEOPLE.format(number=people) + TICKS)
    for kill in range(kills):
        # Few enough each time that something is left for the kills to come.
        sink.hold_next(after=chance.randint(1, max(1, (people - sent(tracker)) // (kills - kill + 1))))
        worker = tracker.start_worker()
        assert sink.held.wait(60), f"kill {kill}: no mail was on its way"
        tracker.kill(worker)
        sink.let_go()
        tracker.ask(PREPARE + TICKS)
    worker = tracker.start_worker()
    wait_for(lambda: sent(tracker) == people, f"{people} mails to be sent, {sent(tracker)} are", 120)
    tracker.kill(worker)


def check_once_each(tracker: Installation, sink: Sink, people: int, kills: int) -> None:
    assert len(sink.arrived) == people, "somebody got nothing"
    assert sink.doubled == {}, "somebody got it as two mails"
    assert kills <= sink.repeats <= 2 * kills, "each kill makes the mails that were on their way come again, no others"
    known = dict(
        tracker.rows("SELECT u.email, d.message_id FROM core_delivery d JOIN accounts_user u ON u.id = d.recipient_id")
    )
    assert {recipient: ids[0] for recipient, ids in sink.arrived.items()} == known


def test_each_person_gets_each_mail_once_though_the_worker_is_killed(tracker: Installation, sink: Sink) -> None:
    mail_under_kills(tracker, sink, people=12, kills=2, seed=7)
    check_once_each(tracker, sink, 12, 2)


@pytest.mark.long
def test_the_same_under_thirty_kills(
    tracker: Installation, sink: Sink, record_property: Callable[[str, object], None]
) -> None:
    mail_under_kills(tracker, sink, people=120, kills=30, seed=30)
    check_once_each(tracker, sink, 120, 30)
    record_property("came again", sink.repeats)


def test_control_without_deliveries_a_kill_mails_people_twice(tracker: Installation, sink: Sink) -> None:
    tracker.ask(PREPARE + PEOPLE.format(number=6) + "jobs.enqueue('tests.careless_mails', key='careless')\nresult = 1")
    sink.hold_next(after=4)
    worker = tracker.start_worker()
    assert sink.held.wait(60), "no mail was on its way"
    tracker.kill(worker)
    sink.let_go()
    tracker.ask(PREPARE + TICKS.replace("deliveries.send_due(later)", ""))
    tracker.start_worker()
    wait_for(lambda: len(sink.arrived) == 6, "everyone to be reached")
    assert len(sink.doubled) == 4, "four people got it as two mails"
