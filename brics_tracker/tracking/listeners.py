"""What tracking does when a floor below tells of a change."""

from typing import Any

from django.db.models import Q
from django.dispatch import receiver

from brics_tracker.core.models import Theme
from brics_tracker.core.signals import theme_merged

from .models import TrackedItem
from .services.changes import lock_item, write


@receiver(theme_merged, dispatch_uid="tracking.move_items")
def move_items(source: Theme, target: Theme, by: Any, **kwargs: Any) -> None:
    """Items of a merged theme bear the one that took it over, each on record; references stay as they are."""
    borne = TrackedItem.objects.filter(Q(lead_theme=source) | Q(themes=source)).distinct().order_by("pk")
    for pk in list(borne.values_list("pk", flat=True)):
        item = lock_item(pk, merged_too=True)
        changes: dict[str, Any] = {"themes": [target, *item.themes.exclude(pk__in=[source.pk, target.pk])]}
        if item.lead_theme_id == source.pk:
            changes["lead_theme"] = target
        write(item, by=by, because=f"{source.code} merged into {target.code}", **changes)
