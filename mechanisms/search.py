"""What of mechanisms and meetings can be found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from brics_tracker.core.search.sources import About, Addition, Columns, Kind, Source

from .models import Meeting

if TYPE_CHECKING:
    from brics_tracker.accounts.access import Actor


def mechanisms() -> Addition:
    """A mechanism is found as an item; its acronym weighs as much as its title."""
    return Addition("item", Columns("mechanisms.Mechanism", names=("acronym",), text=("founding_event", "note")))


def meetings() -> Source:
    columns = Columns("mechanisms.Meeting", title="title", names=("area", "place"), text=("declaration", "note"))
    kind = Kind("meeting", _("meeting"), _("meetings"), Meeting.objects.visible_to, about_meetings, day="started")
    return Source("meeting", columns, (kind,))


def about_meetings(keys: Sequence[int], user: Actor) -> dict[int, About]:
    """Each leads to its row among those of its title."""
    root = reverse("mechanisms:meeting-list")
    return {
        pk: About(url=f"{root}?{urlencode({'q': title[:200].strip()})}#{key}", day=started)
        for pk, key, title, started in Meeting.objects.filter(pk__in=keys).values_list("pk", "key", "title", "started")
    }
