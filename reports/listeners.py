"""What reports does when a floor below tells of a change."""

from typing import Any

from django.dispatch import receiver

from brics_tracker.core.history import save_with_links
from brics_tracker.core.models import Theme
from brics_tracker.core.signals import theme_merged

from .models import ReportDefinition


@receiver(theme_merged, dispatch_uid="reports.move_definitions")
def move_definitions(source: Theme, target: Theme, by: Any, **kwargs: Any) -> None:
    """Definitions on a merged theme report on the one that took it over; frozen reports stay as they are."""
    for definition in ReportDefinition.objects.filter(themes=source).prefetch_related("themes"):
        themes = [target, *(theme for theme in definition.themes.all() if theme not in (source, target))]
        save_with_links(definition, by=by, links={"themes": themes}, reason=f"{source.code} merged into {target.code}")
