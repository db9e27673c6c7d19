"""The saved view for this person, or 404 for what they may not see and 403 for what they may not do with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404

from brics_tracker.accounts.access import EDITORS, holds, is_administrator
from brics_tracker.accounts.models import SavedView

if TYPE_CHECKING:
    from brics_tracker.accounts.access import Actor


def may_share(user: Actor) -> bool:
    """Analysts, reviewers and administrators, wherever their grant holds."""
    return holds(user, EDITORS)


def may_set_defaults(user: Actor) -> bool:
    """Who says with what a list opens for a role."""
    return is_administrator(user)


def may_change(user: Actor, view: SavedView) -> bool:
    """Its owner; an administrator too, where it is shared."""
    return view.owner_id == user.pk or (view.shared and is_administrator(user))


def view_to_read(user: Actor, pk: int) -> SavedView:
    return get_object_or_404(SavedView.objects.visible_to(user).select_related("owner"), pk=pk)


def view_to_change(user: Actor, pk: int) -> SavedView:
    view = view_to_read(user, pk)
    if not may_change(user, view):
        raise PermissionDenied
    return view
