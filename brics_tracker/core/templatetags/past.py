"""Going back in time: the picker of a day in the frame, the line that says which day is shown, links that stay there."""

from __future__ import annotations

from typing import Any

from django import template
from django.http import HttpRequest
from django.template import Context
from django.utils import timezone

from brics_tracker.core import clock
from brics_tracker.core.as_of import PARAMETER

register = template.Library()
# The page of a list and the kind of a file belong to what was shown before, not to another day.
DROPPED = frozenset({PARAMETER, "page", "export"})


@register.simple_tag
def past_query() -> str:
    """What a link needs to stay on the day that is shown: "?as_of=2031-04-01" or nothing."""
    return clock.past_query()


@register.inclusion_tag("components/_as_of.html", takes_context=True)
def as_of_picker(context: Context) -> dict[str, Any]:
    """A day to turn this page back to; nothing on pages that cannot (core.as_of.in_time)."""
    request: HttpRequest | None = context.get("request")
    offered = getattr(request, "turns_back", False)
    kept = [] if request is None else _kept(request)
    return {"offered": offered, "kept": kept, "day": clock.shown_day(), "today": timezone.localdate()}


@register.simple_tag(takes_context=True)
def present_address(context: Context) -> str:
    """This page's address in the present, with its filter."""
    request: HttpRequest = context["request"]
    query = request.GET.copy()
    for name in DROPPED:
        query.pop(name, None)
    return f"{request.path}?{query.urlencode()}" if query else request.path


def _kept(request: HttpRequest) -> list[tuple[str, str]]:
    return [(name, value) for name, values in request.GET.lists() if name not in DROPPED for value in values if value]
