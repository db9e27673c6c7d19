"""The form of a proposal: the fields that every item has, and its kind."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from brics_tracker.tracking.choices import ItemKind
from brics_tracker.tracking.forms.items import ItemForm

from .choices import ProposalKind


class ProposalForm(ItemForm):
    kind = forms.ChoiceField(label=_("Kind"), choices=ProposalKind.choices, initial=ProposalKind.RECOMMENDATION)

    own = ("kind",)
    kind_of_item = ItemKind.PROPOSAL
    groups = (
        (_("What"), ("title", "summary", "kind", "lead_theme", "themes")),
        (_("Who"), ("owner", "supporters", "all_members", "members", "assignees")),
        (_("When"), ("phase", "priority", "start_date", "target_date", "rhythm_days", "plan")),
    )
