"""Mails that must arrive once: planned as rows, sent by jobs, tried again after pauses, given up in sight of administrators.

What composes a kind of mail registers itself, as works of jobs do. Composing happens right before sending, so that
nobody is mailed what they may not see any more.
"""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from collections.abc import Callable
from smtplib import SMTPException, SMTPRecipientsRefused
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from .choices import DeliveryState, JobState
from .jobs import Progress, enqueue
from .models import Delivery, Job

if TYPE_CHECKING:
    from brics_tracker.accounts.models import User

log = logging.getLogger(__name__)

JOB = "core.deliver"
# Between attempts, in minutes; after the last one it is given up.
PAUSES = (1, 5, 15, 60, 240, 720, 1440)
AT_ONCE = 500  # deliveries that one tick hands to the workers
REFUSED_FOR_GOOD = 500  # answers from here on (550 and the like) will be the same tomorrow

Composer = Callable[[Delivery], EmailMessage | None]
_composers: dict[str, Composer] = {}


def composer(kind: str) -> Callable[[Composer], Composer]:
    """Register what composes one kind of mail; None says that there is nothing left to tell."""

    def remember(compose: Composer) -> Composer:
        if _composers.setdefault(kind, compose) is not compose:
            raise ValueError(f"two functions compose the mail {kind!r}")
        return compose

    return remember


def plan(kind: str, *, key: str, recipient: User) -> tuple[Delivery, bool]:
    """The delivery of this kind, key and recipient, and whether it was made now. In the caller's transaction."""
    host = urlsplit(settings.SITE_URL).hostname
    made = {"message_id": f"<{uuid.uuid4()}@{host}>"}
    return Delivery.objects.get_or_create(kind=kind, key=key, recipient=recipient, defaults=made)


def send_due(now: dt.datetime | None = None) -> int:
    """Give what waits to the workers, a job for each attempt; returns how many. Twice at once is once."""
    now = now or timezone.now()
    due = Delivery.objects.filter(state=DeliveryState.WAITING, next_at__lte=now).order_by("next_at", "pk")[:AT_ONCE]
    for delivery in due:
        with transaction.atomic():
            row = enqueue(JOB, key=_key_of(delivery), arguments={"delivery": delivery.pk})
            if row.state in {JobState.FAILED, JobState.CANCELLED}:
                _failed(delivery, row.reason or _("The job was cancelled."))
    return len(due)


def _key_of(delivery: Delivery) -> str:
    return f"{delivery.pk}:{delivery.attempts}"


def deliver(row: Job, progress: Progress) -> None:
    """One attempt. Done and sent are saved together; a kill before that sends the same Message-ID once more."""
    delivery = Delivery.objects.select_related("recipient").get(pk=row.arguments["delivery"])
    if delivery.state != DeliveryState.WAITING or row.key != _key_of(delivery):
        return
    message = _composers[delivery.kind](delivery)
    if message is None:
        _end(delivery, DeliveryState.DROPPED)
        return
    message.extra_headers["Message-ID"] = delivery.message_id
    try:
        message.send()
    except SMTPRecipientsRefused as refusal:
        for_good = all(code >= REFUSED_FOR_GOOD for code, _words in refusal.recipients.values())
        _failed(delivery, str(refusal), give_up=for_good)
    except (SMTPException, OSError) as problem:
        _failed(delivery, f"{type(problem).__name__}: {problem}")
    else:
        with progress.completing():
            _end(delivery, DeliveryState.SENT, sent_at=timezone.now(), reason="")


def send_again(delivery: Delivery) -> None:
    """Take up again what was given up; under its Message-ID."""
    again = Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.FAILED)
    if not again.update(
        state=DeliveryState.WAITING, attempts=F("attempts") + 1, next_at=timezone.now(), updated_at=timezone.now()
    ):
        raise ValidationError(_("Only what failed can be sent again."))


def _failed(delivery: Delivery, why: str, *, give_up: bool = False) -> None:
    over = give_up or delivery.attempts >= len(PAUSES)
    now = timezone.now()
    later = now if over else now + dt.timedelta(minutes=PAUSES[delivery.attempts])
    log.warning("delivery %s (%s) failed: %s", delivery.pk, delivery.kind, why)
    _end(
        delivery, DeliveryState.FAILED if over else DeliveryState.WAITING, attempts=delivery.attempts + 1,
        next_at=later, reason=why[:500],
    )  # fmt: skip


def _end(delivery: Delivery, state: str, **values: object) -> None:
    """Only as it was read: an attempt that was overtaken says nothing."""
    as_read = Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.WAITING, attempts=delivery.attempts)
    as_read.update(state=state, updated_at=timezone.now(), **values)
