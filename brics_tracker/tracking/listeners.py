"""What tracking does when a floor below tells of a change."""

from typing import Any

from django.db.models import Q
from django.dispatch import receiver
from django.urls import reverse
from django.utils import timezone

from brics_tracker.accounts.choices import Reason, Why
from brics_tracker.accounts.notices.services import tell
from brics_tracker.accounts.notices.sources import Telling, Tie
from brics_tracker.core.models import Theme
from brics_tracker.core.signals import theme_merged

from .models import TrackedItem, Watch
from .services.changes import lock_item, write
from .services.watching import set_watch


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


@receiver(theme_merged, dispatch_uid="tracking.move_watches")
def move_watches(source: Theme, target: Theme, by: Any, **kwargs: Any) -> None:
    """Who watched the merged theme watches the one that took it over, and is told."""
    watches = list(Watch.objects.filter(theme=source, on=True).select_related("person"))
    for watch in watches:
        set_watch(watch.person, target, on=True)
    now = timezone.now()
    tell([Telling(
        reason=Reason.MERGED, key=f"theme:{source.pk}:merged:{target.pk}:{now:%Y%m%d%H%M%S}", subject="theme", subject_pk=target.pk,
        label=str(source), address=reverse("tracking:watching"), at=now, actor=by.pk if by else None,
        people=[Tie(watch.person_id, Why.THEME, str(source)) for watch in watches], facts={"into": str(target)},
    )])  # fmt: skip
