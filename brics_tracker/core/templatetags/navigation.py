"""The way around: which pages the rail offers to whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import template
from django.conf import settings
from django.template import Context
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from brics_tracker.core.pseudo import language_of_words

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

register = template.Library()
register.simple_tag(language_of_words)


@dataclass(frozen=True, slots=True)
class Place:
    """A page of the rail, by its route's name; `key` is pressed after g; `only` and `count` name facts of the person."""

    route: str
    label: StrOrPromise
    key: str = ""
    only: str = ""
    count: str = ""  # the fact that says how many wait there


MOST_COUNTED = 99
PLACES = (
    Place("proposals:overview", _("Overview"), "g o"),
    Place("tracking:my-work", _("My work"), "g w", "is_signed_in"),
    Place("notices:list", _("Notices"), "g n", "is_signed_in", "unread_notices"),
    Place("proposals:list", _("Proposals"), "g p"),
    Place("tracking:document-list", _("Documents"), "g d"),
    Place("mechanisms:list", _("Mechanisms"), "g m"),
    Place("mechanisms:meeting-list", _("Meetings")),
    Place("tracking:changes", _("What changed")),
    Place("tracking:reporting", _("Reporting")),
    Place("reports:list", _("Reports")),
    Place("tracking:review-queue", _("Review"), "g r", "is_reviewer"),
    Place("tracking:duplicate-list", _("Duplicates"), "", "is_editor"),
    Place("admin:index", _("Administration"), "", "is_administrator"),
)


@register.inclusion_tag("components/_rail.html", takes_context=True)
def rail(context: Context) -> dict[str, Any]:
    """The rail; facts about the person come from tracking.context.site and are asked only here."""
    request, user = context["request"], context["user"]
    facts = {
        "": True,
        "is_signed_in": user.is_authenticated,
        "is_reviewer": context.get("is_reviewer"),
        "is_editor": context.get("is_editor"),
        "is_administrator": user.is_authenticated and user.is_staff,
    }
    offered = [place for place in PLACES if _holds(facts[place.only])]
    return {
        "entries": [_entry(place, request.path) | {"count": _count(context, place)} for place in offered],
        "user": user,
        "request": request,
        "csrf_token": context.get("csrf_token"),
        "languages": settings.LANGUAGES,
        "language": get_language(),
    }


def _holds(fact: Any) -> bool:
    return bool(fact() if callable(fact) else fact)


def _count(context: Context, place: Place) -> str:
    """How many wait there, "99+" where more do; "" where none or nothing is counted."""
    fact = context.get(place.count) if place.count else None
    number = fact() if callable(fact) else 0
    return f"{MOST_COUNTED}+" if number > MOST_COUNTED else str(number or "")


def _entry(place: Place, path: str) -> dict[str, Any]:
    address = reverse(place.route)
    current = "page" if path == address else "true" if address != "/" and path.startswith(address) else ""
    return {"address": address, "label": place.label, "key": place.key, "is_current": current}
