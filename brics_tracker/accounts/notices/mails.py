"""Notices by mail: which go into which mail, and what that mail says."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from itertools import groupby
from typing import Any

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from brics_tracker.accounts.choices import MailRhythm, Reason
from brics_tracker.accounts.models import User
from brics_tracker.core import deliveries
from brics_tracker.core.models import Delivery

from .models import Notice, NoticeSettings
from .services import next_mail

KIND = "notices"
URGENT = (Reason.MENTION, Reason.RETURNED)
SALT = "notices.unsubscribe"
LISTED = 100  # notices in one mail; the page has all of them
AT_ONCE = 1000  # people whom one tick looks after


def plan_mails(now: dt.datetime | None = None) -> int:
    """Put notices into mails: what cannot wait at once, the rest at each person's hour; returns how many mails."""
    now = now or timezone.now()
    urgent = Notice.objects.filter(
        to_mail=True, reason__in=URGENT, person__notice_settings__at_once=True, told_at__lte=now
    )
    people = set(urgent.values_list("person", flat=True).distinct()[:AT_ONCE])
    due = set(
        NoticeSettings.objects.filter(next_at__lte=now).order_by("next_at").values_list("pk", flat=True)[:AT_ONCE]
    )
    return sum(_plan_of(pk, now) for pk in sorted(people | due))


@transaction.atomic
def _plan_of(person: int, now: dt.datetime) -> int:
    """One person's, locked: two ticks at once make one mail."""
    chosen = NoticeSettings.objects.select_for_update().get(pk=person)
    waiting = list(Notice.objects.filter(person=person, to_mail=True, told_at__lte=now).order_by("pk"))
    urgent = [each for each in waiting if each.reason in URGENT and chosen.at_once and each.reason not in chosen.muted]
    made = _mail(person, urgent, f"at-once:{urgent[0].pk}") if urgent else 0
    if chosen.next_at is None or chosen.next_at > now:
        return made
    rest = [each for each in waiting if each not in urgent]
    if chosen.rhythm != MailRhythm.NEVER:
        told = [each for each in rest if each.reason not in chosen.muted]
        zone = zoneinfo.ZoneInfo(chosen.time_zone or settings.TIME_ZONE)
        made += _mail(person, told, f"{chosen.rhythm}:{now.astimezone(zone).date()}") if told else 0
    Notice.objects.filter(pk__in=[each.pk for each in rest]).update(to_mail=False)
    chosen.next_at = next_mail(chosen, now)
    chosen.save(update_fields=["next_at"])
    return made


def _mail(person: int, notices: list[Notice], key: str) -> int:
    delivery, made = deliveries.plan(KIND, key=key, recipient=User(pk=person))
    if made:
        Notice.objects.filter(pk__in=[each.pk for each in notices]).update(delivery=delivery, to_mail=False)
    return int(made)


@deliveries.composer(KIND)
def compose(delivery: Delivery) -> EmailMessage | None:
    """The mail as it may be sent now: nothing to a shut account, nothing they may not see or asked not to be mailed."""
    person = User.objects.get(pk=delivery.recipient_id)
    if not person.is_active or person.is_system:
        return None
    chosen = NoticeSettings.objects.filter(pk=person.pk).first() or NoticeSettings(user=person)
    rows = Notice.objects.shown_to(person).filter(delivery=delivery).exclude(reason__in=chosen.muted)
    notices = list(rows.select_related("actor").order_by("reason", "-at", "-pk")[: LISTED + 1])
    if not notices or (chosen.rhythm == MailRhythm.NEVER and not chosen.at_once):
        return None
    with (
        translation.override(person.language or settings.LANGUAGE_CODE),
        timezone.override(chosen.time_zone or settings.TIME_ZONE),
    ):
        return _message(person, notices)


def _message(person: User, notices: list[Notice]) -> EmailMessage:
    order = list(Reason.values)
    notices.sort(key=lambda each: order.index(each.reason))
    reasons = list(dict.fromkeys(each.reason for each in notices))
    context: dict[str, Any] = {
        "person": person,
        "site_url": settings.SITE_URL,
        "groups": [
            (str(Reason(reason).label), list(rows), unsubscribe_url(person, reason))
            for reason, rows in groupby(notices[:LISTED], key=lambda each: each.reason)
        ],
        "more": len(notices) > LISTED,
        "list_url": settings.SITE_URL + reverse("notices:list"),
        "settings_url": settings.SITE_URL + reverse("accounts:notice-settings"),
        "all_url": unsubscribe_url(person),
        "language": translation.get_language(),
        "direction": "rtl" if translation.get_language_bidi() else "ltr",
    }
    one = notices[0]
    subject = f"{one.label}: {one.get_reason_display()}"
    if len(notices) > 1:
        subject = ngettext("BRICS Tracker: %(n)d notice", "BRICS Tracker: %(n)d notices", len(notices)) % {
            "n": len(notices)
        }
    unsubscribe = unsubscribe_url(person, reasons[0] if len(reasons) == 1 else "")
    headers = {
        "List-Unsubscribe": f"<{unsubscribe}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Auto-Submitted": "auto-generated",
    }
    text = render_to_string("notices/mail.txt", context).strip() + "\n"
    message = EmailMultiAlternatives(" ".join(subject.split())[:200], text, to=[person.email], headers=headers)
    message.attach_alternative(render_to_string("notices/mail.html", context), "text/html")
    return message


def unsubscribe_url(person: User, reason: str = "") -> str:
    """An address that ends the mails about one reason (or all), for whoever holds it, by POST alone."""
    token = signing.dumps([person.pk, reason], salt=SALT)
    return f"{settings.SITE_URL}{reverse('notices:unsubscribe', args=[token])}"


def read_token(token: str) -> tuple[User, str] | None:
    """Whose mails of which reason; None where the address was not made here."""
    try:
        pk, reason = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    person = User.objects.filter(pk=pk).first()
    return (person, reason) if person is not None and reason in ("", *Reason.values) else None


def told_reason(reason: str) -> str:
    """The reason in words, for the page of the unsubscribe link."""
    return str(Reason(reason).label) if reason else _("all notices")
