"""Telling people: from what was recorded to notices, once each; reading them; how each person wants to be told."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from brics_tracker.accounts.choices import MailRhythm, Reason
from brics_tracker.accounts.models import User
from brics_tracker.core.jobs import enqueue

from .models import Notice, NoticeMark, NoticeSettings
from .sources import Telling

if TYPE_CHECKING:
    from .models import NoticeQuerySet

JOB = "accounts.tell_now"
# A transaction may save what it recorded long after the moment that it recorded; none lives longer than a job may.
OVERLAP = dt.timedelta(seconds=settings.CELERY_TASK_TIME_LIMIT) + dt.timedelta(minutes=5)
FIELDS = frozenset({"rhythm", "hour", "weekday", "time_zone", "at_once", "muted"})
SHOWN_AT_MOST = 99


# --- finding -----------------------------------------------------------------------------------------


def find_all(now: dt.datetime | None = None) -> int:
    """Look through what was recorded since the last time, with every finder; returns how many notices are new."""
    return sum(find(finder, now) for finder in settings.NOTICE_FINDERS)


def find(finder: str, now: dt.datetime | None = None) -> int:
    """The same with one finder, by its dotted name. Killed midway, or twice at once, it doubles and loses nothing:
    the mark moves last, looks back over OVERLAP, and each notice has its key.
    """
    now = now or timezone.now()
    mark, _made = NoticeMark.objects.get_or_create(finder=finder, defaults={"began_at": now, "at": now})
    tellings = import_string(finder)(max(mark.began_at, mark.at - OVERLAP), now)
    new = tell(tellings)
    NoticeMark.objects.filter(pk=mark.pk).update(at=now)
    return new


def tell_soon(finder: str, *, key: str) -> None:
    """Have a finder look at once, after the caller's transaction: for what cannot wait for the next tick."""
    enqueue(JOB, key=key, arguments={"finder": finder})


def tell(tellings: Iterable[Telling]) -> int:
    """Make the notices that are not there yet; returns how many. Nobody is told of their own acts."""
    rows: list[Notice] = []
    for telling in tellings:
        rows += [
            Notice(
                person_id=tie.person,
                reason=telling.reason,
                why=tie.why,
                why_of=tie.of[:120],
                label=telling.label[:240],
                facts=dict(telling.facts),
                actor_id=telling.actor,
                address=telling.address[:300],
                subject=telling.subject,
                subject_pk=telling.subject_pk,
                key=telling.key,
                at=telling.at,
            )
            for tie in telling.people
            if tie.person != telling.actor
        ]
    people = {row.person_id for row in rows}
    told = set(User.objects.filter(pk__in=people, is_active=True, is_system=False).values_list("pk", flat=True))
    known = set(Notice.objects.filter(key__in={row.key for row in rows}).values_list("person_id", "key"))
    fresh = [row for row in rows if row.person_id in told and (row.person_id, row.key) not in known]
    if not fresh:
        return 0
    with transaction.atomic():
        Notice.objects.bulk_create(fresh, batch_size=500, ignore_conflicts=True)
        _have_settings({row.person_id for row in fresh})
    return len(fresh)


def reword(subject: str, pk: int, facts: Mapping[str, Any]) -> None:
    """What was said has changed since: notices of it, and mails that are still to be written, say what stands now."""
    Notice.objects.filter(subject=subject, subject_pk=pk).update(facts=dict(facts))


def _have_settings(people: Iterable[int]) -> None:
    """Whoever is told something has settings, the usual ones unless they chose others, and so a next mail."""
    missing = set(people) - set(NoticeSettings.objects.filter(user__in=people).values_list("pk", flat=True))
    rows = [NoticeSettings(user_id=pk) for pk in missing]
    for row in rows:
        row.next_at = next_mail(row, timezone.now())
    NoticeSettings.objects.bulk_create(rows, ignore_conflicts=True)


# --- reading -----------------------------------------------------------------------------------------


def shown_to(person: User) -> NoticeQuerySet:
    """What the person may be shown."""
    return Notice.objects.shown_to(person)


def unread_count(person: User) -> int:
    """How many they have not read, up to SHOWN_AT_MOST + 1. On every page: what they may see is asked only where there is
    something to see, as that question costs as much as a list does. One query, or two."""
    if not Notice.objects.filter(person=person).unread().exists():
        return 0
    return len(shown_to(person).unread().order_by().values_list("pk", flat=True)[: SHOWN_AT_MOST + 1])


def mark_read(person: User, pk: int | None = None, *, reason: str = "", until: dt.datetime | None = None) -> int:
    """Say that one was read, or all (of one reason; up to the moment at which the page was drawn)."""
    rows = Notice.objects.filter(person=person).unread()
    if pk is not None:
        rows = rows.filter(pk=pk)
    if reason:
        rows = rows.filter(reason=reason)
    if until is not None:
        rows = rows.filter(told_at__lte=until)
    return rows.update(read_at=timezone.now())


# --- how someone wants to be told ------------------------------------------------------------------------


def settings_of(person: User) -> NoticeSettings:
    """As they chose, or as is usual."""
    return NoticeSettings.objects.filter(pk=person.pk).first() or NoticeSettings(user=person)


@transaction.atomic
def change_settings(person: User, values: Mapping[str, Any]) -> NoticeSettings:
    """How the person wants to be told from now on. Raises ValidationError by field."""
    if unknown := set(values) - FIELDS:
        raise TypeError(f"no settings of notices: {sorted(unknown)}")
    row, _made = NoticeSettings.objects.select_for_update().get_or_create(user=person)
    for name, value in values.items():
        setattr(row, name, value)
    if row.time_zone and row.time_zone not in zoneinfo.available_timezones():
        raise ValidationError({"time_zone": _("There is no time zone of this name.")})
    row.muted = [reason for reason in Reason.values if reason in row.muted]
    row.full_clean()
    row.next_at = next_mail(row, timezone.now())
    row.save()
    return row


def mute(person: User, reason: str) -> None:
    """No more mail about this; "" : no more mail of notices at all. Twice is once."""
    now = settings_of(person)
    if reason:
        change_settings(person, {"muted": [*now.muted, reason]})
    else:
        change_settings(person, {"rhythm": MailRhythm.NEVER, "at_once": False})


def next_mail(row: NoticeSettings, now: dt.datetime) -> dt.datetime:
    """The next moment, after now, at which this person's clock shows their hour (on their day of the week).

    Of an hour that summer time leaves out, the one after; of one that it repeats, the first.
    """
    zone = zoneinfo.ZoneInfo(row.time_zone or settings.TIME_ZONE)
    day = now.astimezone(zone).date()
    for ahead in range(9):
        then = day + dt.timedelta(days=ahead)
        if row.rhythm == MailRhythm.WEEKLY and then.weekday() != row.weekday:
            continue
        moment = dt.datetime.combine(then, dt.time(row.hour), zone).astimezone(dt.UTC)
        if moment > now:
            return moment
    raise AssertionError("a week has seven days")
