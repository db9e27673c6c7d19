"""Addresses of items, without a look-up for each."""

from __future__ import annotations

from collections.abc import Mapping

from django.urls import NoReverseMatch, reverse

from brics_tracker.tracking.models.items import ROOMS


def item_links() -> dict[str, str]:
    """The address of an item of each sort with a mark for its reference; sorts without pages have none."""
    links = {}
    for kind, room in ROOMS.items():
        try:
            links[str(kind)] = reverse(f"{room}:detail", args=["REFERENCE"])
        except NoReverseMatch:
            continue
    return links


def link_to(links: Mapping[str, str], kind: str, reference: str) -> str:
    return links.get(kind, "").replace("REFERENCE", reference)
