"""Notices by mail: at whose hour, in which language, with which links; what is not mailed; when the server is away."""

import datetime as dt
import smtplib
from email.message import EmailMessage as Parsed
from typing import Any
from unittest.mock import patch

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from brics_tracker.accounts.choices import Reason, Why
from brics_tracker.accounts.models import Grant, Notice, NoticeSettings, User
from brics_tracker.accounts.notices import mails, services
from brics_tracker.accounts.notices.sources import Telling, Tie
from brics_tracker.core import deliveries, jobs
from brics_tracker.core.choices import JobState
from brics_tracker.core.models import Delivery, Job
from brics_tracker.tracking.models import TrackedItem
from tests.factories import accounts as people
from tests.factories.tracking import make_item

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2031, 4, 2, 12, 0, tzinfo=dt.UTC)  # a Wednesday


@pytest.fixture
def item() -> TrackedItem:
    return make_item(title="Grain exchange")


def tell(item: TrackedItem, *to: User, reason: str = "progress", key: str = "one", text: str = "Words <b>") -> None:
    ties = [Tie(person.pk, Why.ITEM) for person in to]
    path = item.get_absolute_url()
    services.tell([
        Telling(reason, key, "item", item.pk, str(item), path, timezone.now(), ties, facts={"text": text})
    ])  # fmt: skip


def send(now: dt.datetime | None = None) -> list[Any]:
    """One tick of planning and sending; the mails that went out."""
    mail.outbox.clear()
    mails.plan_mails(now or timezone.now() + dt.timedelta(seconds=1))
    deliveries.send_due(now)
    for row in Job.objects.filter(kind=deliveries.JOB, state=JobState.WAITING):
        jobs.run(row.pk)
    return list(mail.outbox)


def set_next(person: User, moment: dt.datetime) -> None:
    NoticeSettings.objects.filter(user=person).update(next_at=moment)


def test_everything_new_comes_in_one_mail_at_the_persons_hour_and_once(item: TrackedItem, reader: User) -> None:
    services.change_settings(reader, {"hour": 7})
    for key in ("one", "two", "three"):
        tell(item, reader, key=key)
    assert send() == []  # not yet
    set_next(reader, timezone.now())
    [sent] = send()
    assert sent.to == [reader.email]
    assert sent.body.count("Grain exchange") == 3
    assert "Words <b>" in sent.body
    html = sent.alternatives[0][0]
    assert "Words &lt;b&gt;" in html
    assert send() == []
    set_next(reader, timezone.now())
    assert send() == []  # nothing new
    assert Delivery.objects.get().state == "sent"
    assert sent.extra_headers["Message-ID"] == Delivery.objects.get().message_id


@pytest.mark.parametrize(
    ("rhythm", "zone", "hour", "now", "then"),
    [
        ("daily", "UTC", 8, "2031-04-02T12:00Z", "2031-04-03T08:00Z"),
        ("daily", "UTC", 13, "2031-04-02T12:00Z", "2031-04-02T13:00Z"),
        ("daily", "Asia/Shanghai", 8, "2031-04-02T12:00Z", "2031-04-03T00:00Z"),
        ("daily", "America/Sao_Paulo", 8, "2031-04-02T10:59Z", "2031-04-02T11:00Z"),
        ("weekly", "UTC", 8, "2031-04-02T12:00Z", "2031-04-07T08:00Z"),
        # The night in which Cairo's clocks go forward has no midnight, the other has 23 o'clock twice: one mail each.
        ("daily", "Africa/Cairo", 0, "2031-04-24T12:00Z", "2031-04-24T22:00Z"),
        ("daily", "Africa/Cairo", 23, "2031-10-30T20:30Z", "2031-10-31T21:00Z"),
    ],
)
def test_the_hour_is_that_of_the_persons_clock(rhythm: str, zone: str, hour: int, now: str, then: str) -> None:
    row = NoticeSettings(rhythm=rhythm, time_zone=zone, hour=hour, weekday=0)
    assert services.next_mail(row, dt.datetime.fromisoformat(now)) == dt.datetime.fromisoformat(then)


def test_mentions_and_returns_come_at_once_unless_not_wanted(item: TrackedItem, reader: User, analyst: User) -> None:
    services.change_settings(analyst, {"at_once": False})
    for reason in ("mention", "returned", "comment"):
        tell(item, reader, analyst, reason=reason, key=reason)
    [sent] = send()
    assert sent.to == [reader.email]
    assert "mentioned" in sent.body.lower()
    assert Notice.objects.filter(person=reader, to_mail=True).get().reason == "comment"
    assert send() == []


def test_it_speaks_the_persons_language_and_says_when_by_their_clock(item: TrackedItem, reader: User) -> None:
    reader.language = "en-xa"
    reader.save(update_fields=["language"])
    tell(item, reader, reason="mention")
    [sent] = send()
    assert "You are told" not in sent.body
    assert 'lang="en-xa"' in sent.alternatives[0][0]


def test_nothing_is_mailed_that_may_not_be_seen_when_it_is_sent(analyst: User) -> None:
    overseer = people.make_user(role="reviewer")
    hidden = make_item(by=analyst, published=False, title="Still secret")
    tell(hidden, overseer, reason="mention")
    mails.plan_mails(timezone.now() + dt.timedelta(seconds=1))
    Grant.objects.filter(user=overseer).delete()
    assert send() == []
    assert Delivery.objects.get().state == "dropped"


def test_the_shut_the_muted_and_those_who_want_none_get_nothing(item: TrackedItem) -> None:
    shut, muted, none, usual = (people.make_user(name) for name in ("shut", "muted", "none", "usual"))
    services.change_settings(muted, {"muted": ["mention"]})
    services.change_settings(none, {"rhythm": "never", "at_once": False})
    tell(item, shut, muted, none, usual, reason="mention")
    User.objects.filter(pk=shut.pk).update(is_active=False)
    NoticeSettings.objects.update(next_at=timezone.now())
    assert [sent.to for sent in send()] == [[usual.email]]
    assert Notice.objects.filter(to_mail=True).count() == 0
    assert services.unread_count(none) == 1  # in the application, as before


def test_one_click_ends_the_mails_about_one_reason_without_signing_in(
    client: Client, item: TrackedItem, reader: User
) -> None:
    tell(item, reader, reason="mention")
    [sent] = send()
    message: Parsed = sent.message()
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = (
        message["List-Unsubscribe"].strip("<>").removeprefix("http://localhost:8000").removeprefix("http://localhost")
    )
    enforcing = Client(enforce_csrf_checks=True)
    assert enforcing.get(path).status_code == 200
    assert services.settings_of(reader).muted == []  # a GET only asks: scanners of mails open every link
    answer = enforcing.post(path, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded")
    assert (answer.status_code, answer.cookies) == (200, {})
    assert services.settings_of(reader).muted == ["mention"]
    assert enforcing.post(path[:-2] + "x/").status_code == 404
    enforcing.post(mails.unsubscribe_url(reader).removeprefix("http://localhost:8000").removeprefix("http://localhost"))
    assert services.settings_of(reader).rhythm == "never"


def test_the_page_of_settings_keeps_what_is_chosen_and_refuses_what_is_not(client: Client, reader: User) -> None:
    client.force_login(reader)
    address = reverse("accounts:notice-settings")
    chosen = {
        "rhythm": "weekly",
        "hour": "6",
        "weekday": "4",
        "time_zone": "Asia/Kolkata",
        "about": ["mention", "slip"],
    }
    assert client.post(address, chosen).status_code == 302
    row = NoticeSettings.objects.get(user=reader)
    assert (row.rhythm, row.hour, row.weekday, row.time_zone, row.at_once) == ("weekly", 6, 4, "Asia/Kolkata", False)
    assert set(row.muted) == set(Reason.values) - {"mention", "slip"}
    assert row.next_at is not None
    assert client.post(address, chosen | {"hour": "24", "time_zone": "Mars/Olympus"}).status_code == 422


def test_a_server_that_is_away_is_tried_again_under_the_same_name_and_then_given_up(
    item: TrackedItem, reader: User
) -> None:
    tell(item, reader, reason="mention")
    now = timezone.now() + dt.timedelta(seconds=1)
    names: list[str] = []

    def away(self: Any, messages: list[Any]) -> int:
        names.extend(message.extra_headers["Message-ID"] for message in messages)
        raise smtplib.SMTPServerDisconnected("gone")

    with patch("django.core.mail.backends.locmem.EmailBackend.send_messages", away):
        send(now)
        row = Delivery.objects.get()
        assert (row.state, row.attempts) == ("waiting", 1)
        assert "gone" in row.reason
        send(now)  # not before its pause is over
        assert Delivery.objects.get().attempts == 1
        for _attempt in range(len(deliveries.PAUSES)):
            now += dt.timedelta(days=2)
            send(now)
    row = Delivery.objects.get()
    assert (row.state, row.attempts, len(set(names)), len(names)) == ("failed", 8, 1, 8)
    deliveries.send_again(row)
    assert len(send(now + dt.timedelta(days=2))) == 1


def test_an_address_that_is_refused_for_good_is_not_tried_again(item: TrackedItem, reader: User) -> None:
    tell(item, reader, reason="mention")
    refusal = smtplib.SMTPRecipientsRefused({reader.email: (550, b"no such user")})
    with patch("django.core.mail.backends.locmem.EmailBackend.send_messages", side_effect=refusal):
        send()
    assert Delivery.objects.get().state == "failed"


def test_a_job_whose_worker_was_lost_too_often_is_followed_by_another(item: TrackedItem, reader: User) -> None:
    tell(item, reader, reason="mention")
    mails.plan_mails(timezone.now() + dt.timedelta(seconds=1))
    deliveries.send_due()
    Job.objects.filter(kind=deliveries.JOB).update(state=JobState.FAILED, reason="Its worker was lost 3 times.")
    deliveries.send_due()
    assert Delivery.objects.get().attempts == 1
    assert len(send(timezone.now() + dt.timedelta(minutes=2))) == 1
