"""Which statuses each kind of item has, which may follow which, which need evidence, which end it.

Forward steps may skip; backward steps need a reason; a paused status resumes to any open one; a final
status is left only by retracting the update that set it.
"""

from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from .choices import Direction, ItemKind


class Status(TextChoices):
    """Every status of every kind; the same word means the same thing wherever it is used."""

    PROPOSED = "proposed", _("Proposed")
    DISCUSSION = "discussion", _("Under discussion")
    NEGOTIATION = "negotiation", _("Under negotiation")
    AGREED = "agreed", _("Agreed")
    IMPLEMENTING = "implementing", _("In implementation")
    IMPLEMENTED = "implemented", _("Implemented")
    STALLED = "stalled", _("Stalled")
    REJECTED = "rejected", _("Rejected")
    SUPERSEDED = "superseded", _("Superseded")
    ESTABLISHED = "established", _("Established")
    OPERATING = "operating", _("Operating")
    DORMANT = "dormant", _("Dormant")
    WOUND_UP = "wound_up", _("Wound up")
    SCHEDULED = "scheduled", _("Scheduled")
    UNDER_WAY = "under_way", _("Under way")
    COMPLETED = "completed", _("Completed")
    CANCELLED = "cancelled", _("Cancelled")


S = Status


@dataclass(frozen=True, slots=True)
class Workflow:
    """One kind's statuses, as data.

    path: in order of advance; the last is the goal. paused: may resume to any of the path.
    final: ended, by success or not. needs_evidence: may be claimed only with evidence.
    done: counts as 100 percent. dropped: ended without success, left out of means.
    """

    path: tuple[str, ...]
    paused: frozenset[str]
    final: frozenset[str]
    needs_evidence: frozenset[str]
    done: frozenset[str]
    dropped: frozenset[str]

    @property
    def statuses(self) -> tuple[str, ...]:
        return (*self.path, *sorted(self.paused), *(s for s in Status.values if s in self.final and s not in self.path))

    @property
    def first(self) -> str:
        return self.path[0]

    @property
    def closed(self) -> frozenset[str]:
        """Statuses in which nothing more is due and nothing can stagnate."""
        return self.final | self.done

    def allows(self, current: str, claimed: str) -> bool:
        """May `claimed` follow `current` at all (a reason or evidence may still be asked)?

        The same status again is allowed: it says that it still holds, with better proof.
        """
        if claimed not in self.statuses:
            return False
        return current == claimed or current not in self.final

    def is_backward(self, current: str, claimed: str) -> bool:
        """A step to an earlier status of the path; resuming from a pause is none."""
        return current in self.path and claimed in self.path and self.path.index(claimed) < self.path.index(current)

    def direction(self, before: str, after: str) -> Direction | None:
        """Which way the step from one status to another goes; None where it is no step."""
        if before == after:
            return None
        if after in self.dropped:
            return Direction.ENDED
        if after in self.paused:
            return Direction.PAUSED
        if before in self.dropped:
            return Direction.REOPENED
        if before in self.paused:
            return Direction.RESUMED
        return Direction.BACK if self.is_backward(before, after) else Direction.FORWARD

    def next_statuses(self, current: str) -> tuple[str, ...]:
        return tuple(status for status in self.statuses if self.allows(current, status))


WORKFLOWS: dict[str, Workflow] = {
    ItemKind.PROPOSAL: Workflow(
        path=(S.PROPOSED, S.DISCUSSION, S.AGREED, S.IMPLEMENTING, S.IMPLEMENTED),
        paused=frozenset({S.STALLED}),
        final=frozenset({S.IMPLEMENTED, S.REJECTED, S.SUPERSEDED}),
        needs_evidence=frozenset({S.AGREED, S.IMPLEMENTED}),
        done=frozenset({S.IMPLEMENTED}),
        dropped=frozenset({S.REJECTED, S.SUPERSEDED}),
    ),
    ItemKind.MECHANISM: Workflow(
        path=(S.PROPOSED, S.NEGOTIATION, S.AGREED, S.ESTABLISHED, S.OPERATING),
        paused=frozenset({S.DORMANT}),
        final=frozenset({S.WOUND_UP}),
        needs_evidence=frozenset({S.AGREED, S.ESTABLISHED, S.OPERATING}),
        done=frozenset({S.OPERATING}),
        dropped=frozenset({S.WOUND_UP}),
    ),
    ItemKind.ACTIVITY: Workflow(
        path=(S.PROPOSED, S.AGREED, S.SCHEDULED, S.UNDER_WAY, S.COMPLETED),
        paused=frozenset(),
        final=frozenset({S.COMPLETED, S.CANCELLED}),
        needs_evidence=frozenset({S.AGREED, S.COMPLETED}),
        done=frozenset({S.COMPLETED}),
        dropped=frozenset({S.CANCELLED}),
    ),
}
DONE = frozenset().union(*(workflow.done for workflow in WORKFLOWS.values()))
DROPPED = frozenset().union(*(workflow.dropped for workflow in WORKFLOWS.values()))
CLOSED = frozenset().union(*(workflow.closed for workflow in WORKFLOWS.values()))
