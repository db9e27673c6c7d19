"""The form of a mechanism: the fields that it shares with every item."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from brics_tracker.tracking.forms.items import ItemForm


class MechanismForm(ItemForm):
    groups = (
        (_("What"), ("title", "summary", "lead_theme", "themes")),
        (_("Who"), ("owner", "supporters", "all_members", "members", "assignees")),
        (_("When"), ("phase", "priority", "start_date", "target_date", "rhythm_days")),
    )
