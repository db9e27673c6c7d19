"""What every page's frame shows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from brics_tracker.accounts import access
from brics_tracker.accounts.notices.services import unread_count
from brics_tracker.core.clock import shown_day


def site(request: HttpRequest) -> dict[str, Any]:
    """Facts of the installation and of the person that the frame uses; what asks the database waits until it is asked."""
    user = request.user
    return {
        "is_demo": settings.DEMO,
        "version": settings.VERSION,
        "shown_day": shown_day(),
        "viewing": getattr(request, "viewing", None),
        "may_read": access.may_read(user),
        "is_overseer": lambda: access.holds(user, access.OVERSEERS),
        "unread_notices": lambda: unread_count(user) if user.is_authenticated and shown_day() is None else 0,
        "is_reviewer": lambda: access.holds(user, access.REVIEWERS),
        "is_editor": lambda: access.holds(user, access.EDITORS),
    }
