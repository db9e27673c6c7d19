"""What a session knows of its place: browser, network address, since when, last seen; and how that reads."""

from __future__ import annotations

import re
import time

from allauth.account.adapter import get_adapter
from django.http import HttpRequest
from django.utils.translation import gettext as _

from brics_tracker.accounts.models import BrowserSession

from .store import PLACE

# A write for every request would cost more than the minute is worth.
SEEN_EVERY = 10 * 60
BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS", "macOS"),
    ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip


def remember_place(request: HttpRequest) -> None:
    """Note in the session where it was just signed in to."""
    length = BrowserSession._meta.get_field("browser").max_length
    agent = re.sub(r"[^\x20-\x7e]", "", request.headers.get("User-Agent", ""))
    request.session[PLACE] = {
        "since": time.time(),
        "seen": time.time(),
        "address": get_adapter().get_client_ip(request),
        "browser": agent[:length],
    }


def note_seen(request: HttpRequest) -> None:
    """Move "last seen" on, at most once in ten minutes; a session without a place is left alone."""
    place = request.session.get(PLACE)
    if place and time.time() - place["seen"] > SEEN_EVERY:
        request.session[PLACE] = {**place, "seen": time.time()}


def browser_in_words(agent: str) -> str:
    """ "Firefox on Linux", from what a browser says of itself; a browser that says nothing known is "a browser"."""
    browser = next((word for mark, word in BROWSERS if mark in agent), _("A browser"))
    system = next((word for mark, word in SYSTEMS if mark in agent), "")
    return _("%(browser)s on %(system)s") % {"browser": browser, "system": system} if system else str(browser)
