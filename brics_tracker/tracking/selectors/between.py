"""What changed between two days: the register as of the one compared with the register as of the other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Model, Q, TextChoices
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from brics_tracker.core.as_of import as_of
from brics_tracker.core.clock import end_of
from brics_tracker.core.models import Theme
from brics_tracker.tracking.choices import Direction, Proof
from brics_tracker.tracking.columns import is_overdue
from brics_tracker.tracking.models import DueDateChange, TrackedItem
from brics_tracker.tracking.models.items import ROOMS
from brics_tracker.tracking.workflow import CLOSED, WORKFLOWS, Status

if TYPE_CHECKING:
    from brics_tracker.accounts.access import Actor

State = dict[str, Any]
FIELDS = (
    "pk",
    "reference",
    "item_kind",
    "title",
    "status",
    "proof",
    "percent",
    "next_due",
    "archived_at",
    "merged_into__reference",
)


class Sort(TextChoices):
    """What a line of the comparison says, in the order in which it is shown."""

    NEW = "new", _("New in the register")
    FORWARD = "forward", _("Moved forward")
    BACK = "back", _("Moved back")
    PAUSED = "paused", _("Paused")
    RESUMED = "resumed", _("Resumed")
    ENDED = "ended", _("Ended without success")
    REOPENED = "reopened", _("Reopened")
    PROGRESS = "progress", _("Progress reckoned anew")
    VERIFIED = "verified", _("Newly verified")
    UNPROVED = "unproved", _("Proved less well")
    SLIPPED = "slipped", _("Slipped")
    OVERDUE = "overdue", _("Newly overdue")
    CAUGHT_UP = "caught_up", _("Overdue no more")
    MERGED = "merged", _("Merged into another")
    ARCHIVED = "archived", _("Archived")
    RESTORED = "restored", _("Brought back")


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that changed of one item: what stood there before, and what stands there now, in words."""

    sort: Sort
    reference: str
    title: str
    address: str
    before: str = ""
    after: str = ""
    note: str = ""


def differences(user: Actor, first: dt.date, last: dt.date, *, theme: Theme | None = None) -> list[Difference]:
    """Every difference between the ends of two days, by sort, then reference. Eight queries at most.

    Only what was published by then is compared, for everyone alike. `theme`: items under it on the last day.
    """
    known = _states(user, first, first, last)
    now = _states(user, last, first, last, theme=theme)
    if theme is not None:
        known = {pk: state for pk, state in known.items() if pk in now}
    found = [each for pk, state in now.items() for each in _of_item(known.get(pk), state, first, last)]
    found += _slips(now, first, last)
    order = {sort: number for number, sort in enumerate(Sort)}
    place = {state["reference"]: number for number, state in enumerate(now.values())}
    return sorted(found, key=lambda each: (order[each.sort], place[each.reference]))


def _states(
    user: Actor, day: dt.date, first: dt.date, last: dt.date, *, theme: Theme | None = None
) -> Mapping[int, State]:
    """Items as of a day, of those that may differ between the two: touched in between, or come due."""
    touched: type[Model] = TrackedItem.history.model
    entries = touched._default_manager.filter(history_date__gte=end_of(first), history_date__lt=end_of(last))
    may_differ = Q(pk__in=entries.values("id")) | Q(next_due__gte=first, next_due__lt=last)
    with as_of(day):
        items = TrackedItem.objects.visible_to(user).filter(may_differ).order_by("reference_prefix", "reference_number")
        if theme is not None:
            under = TrackedItem.themes.through.objects.filter(theme__in=Theme.objects.with_subtree_ids([theme.pk]))
            items = items.filter(pk__in=under.values("trackeditem"))
        return {state["pk"]: state for state in items.values(*FIELDS)}


def _of_item(was: State | None, now: State, first: dt.date, last: dt.date) -> Iterator[Difference]:
    def told(sort: Sort, before: Any = "", after: Any = "", note: str = "") -> Difference:
        return Difference(sort, now["reference"], now["title"], _address(now, last), str(before), str(after), note)

    if was is None:
        yield told(Sort.NEW, after=Status(now["status"]).label)
        return
    if was["merged_into__reference"] != now["merged_into__reference"]:
        yield told(Sort.MERGED, after=now["merged_into__reference"])
    elif (was["archived_at"] is None) != (now["archived_at"] is None):
        yield told(Sort.RESTORED if now["archived_at"] is None else Sort.ARCHIVED)
    direction = WORKFLOWS[now["item_kind"]].direction(was["status"], now["status"])
    if direction is not None:
        yield told(_OF_DIRECTION[direction], Status(was["status"]).label, Status(now["status"]).label)
    elif was["percent"] != now["percent"]:
        yield told(Sort.PROGRESS, _percent(was["percent"]), _percent(now["percent"]))
    if was["proof"] != now["proof"] and Proof.VERIFIED in {was["proof"], now["proof"]}:
        sort = Sort.VERIFIED if now["proof"] == Proof.VERIFIED else Sort.UNPROVED
        yield told(sort, Proof(was["proof"]).label, Proof(now["proof"]).label)
    late, was_late = is_overdue(now, last), is_overdue(was, first)
    if late and not was_late:
        yield told(Sort.OVERDUE, note=_days_late((last - now["next_due"]).days))
    elif was_late and not late and now["status"] not in CLOSED and now["archived_at"] is None:
        yield told(Sort.CAUGHT_UP, was["next_due"].isoformat(), now["next_due"].isoformat() if now["next_due"] else "—")


_OF_DIRECTION = {direction: Sort(direction.value) for direction in Direction}


def _address(state: State, day: dt.date) -> str:
    page = reverse(f"{ROOMS[state['item_kind']]}:detail", args=[state["reference"]])
    return f"{page}?as_of={day.isoformat()}"


def _percent(value: Any) -> str:
    return "—" if value is None else f"{value.normalize():f} %"


def _days_late(days: int) -> str:
    return ngettext("%(n)d day late", "%(n)d days late", days) % {"n": days}


def _slips(now: Mapping[int, State], first: dt.date, last: dt.date) -> Iterator[Difference]:
    """Moves of due dates to later that were written down in between and stood at the end of it."""
    with as_of(last):
        moves = list(
            DueDateChange.objects.filter(at__gte=end_of(first), undone_at=None)
            .select_related("milestone")
            .order_by("at", "pk")
        )
    for move in moves:
        state = now.get(move.milestone.item_id)
        if state is None or not move.is_slip:
            continue
        days = ngettext("by %(n)d day", "by %(n)d days", move.days or 0) % {"n": move.days or 0}
        yield Difference(
            Sort.SLIPPED, state["reference"], state["title"], _address(state, last), str(move.old_due), str(move.new_due),
            f"{move.milestone.title}: {days}",
        )  # fmt: skip


def usual_days() -> tuple[dt.date, dt.date]:
    """The last thirty days."""
    today = timezone.localdate()
    return today - dt.timedelta(days=30), today
