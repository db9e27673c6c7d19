"""Changes of proposals: by the rules that tracking has for the items of every kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Unpack

from brics_tracker.tracking.services.details import Beginning, Edit, create_detail, edit_detail

from .models import Proposal

if TYPE_CHECKING:
    from brics_tracker.accounts.models import User
    from brics_tracker.tracking.models import TrackedItem


def create_proposal(
    *, by: User, fields: Mapping[str, Any], own: Mapping[str, Any], **more: Unpack[Beginning]
) -> Proposal:
    """A draft proposal; see create_detail. `own`: its kind."""
    return create_detail(Proposal, by=by, fields=fields, own=own, **more)


def edit_proposal(proposal: Proposal, *, by: User, **edit: Unpack[Edit]) -> TrackedItem:
    """Change a proposal and the fields that it shares with every item; see edit_detail."""
    return edit_detail(proposal, by=by, **edit)
