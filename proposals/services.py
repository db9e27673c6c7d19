"""Changes of proposals: the shared part goes through tracking's services, the kind is ours."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from brics_tracker.tracking.choices import ItemKind
from brics_tracker.tracking.models import Passage, TrackedItem
from brics_tracker.tracking.plans import PLANS
from brics_tracker.tracking.services import items, milestones
from brics_tracker.tracking.services.changes import StaleVersion, check_version, lock_item, once, record

from .choices import ProposalKind
from .models import Proposal

if TYPE_CHECKING:
    from brics_tracker.accounts.models import User


@transaction.atomic
def create_proposal(
    *,
    by: User,
    fields: Mapping[str, Any],
    kind: str,
    plan: str = "",
    passages: Sequence[Passage] = (),
    form_key: uuid.UUID | None = None,
    entered: bool = False,
) -> Proposal:
    """A draft proposal with its citations and the undated plan of a template ("" for none).

    `fields`: see tracking.services.items.FIELDS. The same `form_key` again returns the one already made.
    `entered`: public at once, by the system actor only. Raises ValidationError by field.
    """
    check_kind(kind)
    if plan and plan not in PLANS:
        raise ValidationError({"plan": _("Choose one of the plans.")})

    def make() -> Proposal:
        item = items.add_item(ItemKind.PROPOSAL, by=by, fields=fields, entered=entered)
        proposal = Proposal(item=item, kind=kind)
        record(proposal, by=by)
        proposal.save(force_insert=True)
        items.set_citations(item, passages, by=by)
        if plan:
            milestones.add_plan(item, plan, by=by)
        return proposal

    return once(by, form_key, make)


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a form showed when it was drawn, of what carries no version of its own."""

    kind: str
    passages: frozenset[int]


@transaction.atomic
def edit_proposal(
    proposal: Proposal,
    *,
    by: User,
    version: int | None,
    changes: Mapping[str, Any],
    kind: str | None = None,
    passages: Sequence[Passage] | None = None,
    drawn: Drawn | None = None,
) -> TrackedItem:
    """Change a proposal and its shared fields; raises what tracking.services.items.edit_item raises.

    `drawn` lets what others changed meanwhile stand: a kind that both changed is a StaleVersion, of the
    citations only what this form added or took away is applied.
    """
    item = lock_item(proposal.pk)
    proposal = Proposal.objects.get(pk=proposal.pk)
    if drawn is not None and kind == drawn.kind:
        kind = None
    elif drawn is not None and kind not in (None, proposal.kind) and proposal.kind != drawn.kind:
        _refuse_stale_kind(item, version, changes, kind)
    item = items.edit_item(item, by=by, version=version, changes=changes)
    if kind is not None and kind != proposal.kind:
        check_kind(kind)
        proposal.kind = kind
        record(proposal, by=by)
        proposal.save(update_fields=["kind"])
    if passages is not None:
        items.set_citations(item, _merged(item, passages, drawn), by=by)
    return item


def _refuse_stale_kind(item: TrackedItem, version: int | None, changes: Mapping[str, Any], kind: str | None) -> None:
    """Both changed the kind: a StaleVersion that names it beside whatever else clashes."""
    attempted = {**changes, "kind": kind}
    try:
        wanted = check_version(item, version, changes)
    except StaleVersion as stale:
        raise StaleVersion(item, attempted, [*stale.fields, "kind"], [*stale.mine, "kind"]) from stale
    raise StaleVersion(item, attempted, ["kind"], [*wanted, "kind"])


def _merged(item: TrackedItem, passages: Sequence[Passage], drawn: Drawn | None) -> Sequence[Passage]:
    """The citations as they are, with what the form added and without what it took away."""
    if drawn is None:
        return passages
    wanted = {passage.pk for passage in passages}
    removed = drawn.passages - wanted
    added = [passage for passage in passages if passage.pk not in drawn.passages]
    kept = Passage.objects.filter(citations__item=item).exclude(pk__in=removed)
    return [*kept, *added]


def check_kind(kind: str) -> None:
    if kind not in ProposalKind.values:
        raise ValidationError({"kind": _("Choose one of the kinds.")})
