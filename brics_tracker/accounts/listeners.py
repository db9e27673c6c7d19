"""What accounts does when the floor below tells of a change."""

from typing import Any

from django.dispatch import receiver

from brics_tracker.core.history import save_with_links
from brics_tracker.core.models import Theme
from brics_tracker.core.signals import theme_merged

from .models import Grant


@receiver(theme_merged, dispatch_uid="accounts.move_grants")
def move_grants(source: Theme, target: Theme, by: Any, **kwargs: Any) -> None:
    """Grants within a merged theme hold within the one that took it over."""
    for grant in Grant.objects.filter(themes=source).prefetch_related("themes", "members"):
        themes = [target, *(theme for theme in grant.themes.all() if theme not in (source, target))]
        reason = f"{source.code} merged into {target.code}"
        save_with_links(grant, by=by, links={"themes": themes, "members": list(grant.members.all())}, reason=reason)
