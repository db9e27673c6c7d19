"""Which proposals: the filters of page, API and export."""

import django_filters
from django.utils.translation import gettext_lazy as _

from brics_tracker.tracking.choices import ItemKind
from brics_tracker.tracking.filters import ItemFilterSet, status_filter

from .choices import ProposalKind
from .models import Proposal


class ProposalFilterSet(ItemFilterSet):
    only_kind = ItemKind.PROPOSAL
    detail = "proposal__"

    status = status_filter(ItemKind.PROPOSAL)
    kind = django_filters.ChoiceFilter(
        label=_("Kind"), choices=ProposalKind.choices, empty_label=_("All kinds"), help_text=_("Kind of proposal.")
    )

    class Meta:
        model = Proposal
        fields: list[str] = []
