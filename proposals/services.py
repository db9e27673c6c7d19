"""Changes of proposals: the shared part goes through tracking's services, the kind is ours."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from brics_tracker.tracking.choices import ItemKind
from brics_tracker.tracking.models import Passage, TrackedItem
from brics_tracker.tracking.plans import PLANS
from brics_tracker.tracking.services import items, milestones
from brics_tracker.tracking.services.changes import lock_item, once, record

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


@transaction.atomic
def edit_proposal(
    proposal: Proposal,
    *,
    by: User,
    version: int | None,
    changes: Mapping[str, Any],
    kind: str | None = None,
    passages: Sequence[Passage] | None = None,
) -> TrackedItem:
    """Change a proposal and its shared fields; raises what tracking.services.items.edit_item raises."""
    item = lock_item(proposal.pk)
    item = items.edit_item(item, by=by, version=version, changes=changes)
    if kind is not None and kind != proposal.kind:
        check_kind(kind)
        proposal.kind = kind
        record(proposal, by=by)
        proposal.save(update_fields=["kind"])
    if passages is not None:
        items.set_citations(item, passages, by=by)
    return item


def check_kind(kind: str) -> None:
    if kind not in ProposalKind.values:
        raise ValidationError({"kind": _("Choose one of the kinds.")})
