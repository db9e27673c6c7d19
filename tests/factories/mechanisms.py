"""Mechanisms for tests."""

from typing import Any

from brics_tracker.accounts.models import User
from brics_tracker.tracking.services import items
from mechanisms.models import Mechanism
from mechanisms.services import create_mechanism

from .core import make_member, make_theme
from .tracking import make_system, publish_item


def make_mechanism(
    title: str = "Energy Ministers' Meeting",
    *,
    by: User | None = None,
    published: bool = True,
    fields: dict[str, Any] | None = None,
    **own: Any,
) -> Mechanism:
    """A mechanism of Brazil's in the theme EN, published unless said otherwise."""
    author = by or make_system()
    values = {"title": title, "lead_theme": make_theme("EN"), "members": [make_member("BR")], **(fields or {})}
    own = {"kind": "ministerial", "track": "economy_finance", **own}
    mechanism = create_mechanism(by=author, fields=values, own=own)
    if published:
        publish_item(items.submit_item(mechanism.item, by=author))
    return Mechanism.objects.select_related("item").get(pk=mechanism.pk)
