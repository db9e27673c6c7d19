"""The menus and links over and under a list: {% load lists %}."""

from __future__ import annotations

from typing import Any

from django import template
from django.http import HttpRequest
from django.template import Context

from brics_tracker.core.cells import Choice
from brics_tracker.core.export import PLACE

register = template.Library()


@register.inclusion_tag("components/_columns.html", takes_context=True)
def columns_menu(context: Context) -> dict[str, Any]:
    """Which columns the list shows: kept for who is signed in, in the address for everyone else."""
    request, choice = context["request"], context["choice"]
    return {
        "request": request,
        "csrf_token": context.get("csrf_token"),
        "path": context["path"],
        "list_name": context.get("list_name", ""),
        "may_keep": context.get("may_keep", False),
        "always": [column for column in choice.shown if column.key in choice.always],
        "shown": [
            (column, address) for column, address in zip(_movable(choice), _earlier(request, choice), strict=True)
        ],
        "others": choice.others,
        "kept": _kept(request, "columns"),
    }


def _movable(choice: Choice) -> list[Any]:
    return [column for column in choice.shown if column.key not in choice.always]


def _earlier(request: HttpRequest, choice: Choice) -> list[str]:
    """For each column that can move, the address of the list with it one place further to the front; "" for the first."""
    keys = [column.key for column in _movable(choice)]
    found = []
    for place in range(len(keys)):
        moved = [*keys]
        if place:
            moved[place - 1 : place + 1] = [moved[place], moved[place - 1]]
        found.append(_address(request, columns=",".join(moved)) if place else "")
    return found


@register.inclusion_tag("components/_page_sizes.html", takes_context=True)
def page_sizes(context: Context) -> dict[str, Any]:
    """How many rows a page has: buttons that keep it for who is signed in, links for everyone else."""
    request = context["request"]
    return {
        "request": request,
        "csrf_token": context.get("csrf_token"),
        "list_name": context.get("list_name", ""),
        "may_keep": context.get("may_keep", False),
        "size": context["page_obj"].size,
        "sizes": [(size, _address(request, page_size=str(size))) for size in context.get("sizes") or ()],
    }


def _address(request: HttpRequest, **changed: str) -> str:
    """The list as it is shown, from its first page on, with these parameters."""
    query = request.GET.copy()
    for name in PLACE:
        query.pop(name, None)
    for name, value in changed.items():
        query[name] = value
    return f"{request.path}?{query.urlencode()}"


def _kept(request: HttpRequest, left_out: str) -> list[tuple[str, str]]:
    """What a form of the list sends along so that all else stays."""
    names = [name for name in request.GET if name not in (*PLACE, left_out)]
    return [(name, value) for name in names for value in request.GET.getlist(name) if value]
