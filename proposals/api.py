"""Endpoints of proposals."""

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from brics_tracker.tracking.api import ITEM_SORTS, ItemsView, item_routes
from brics_tracker.tracking.choices import ItemKind
from brics_tracker.tracking.serializers import ItemSerializer

from .choices import ProposalKind
from .filters import ProposalFilterSet


class ProposalSerializer(ItemSerializer):
    """A recommendation, a commitment, a goal, or the founding of a mechanism."""

    kind = serializers.ChoiceField(ProposalKind.choices, help_text=_("Kind of proposal."))


class ProposalsView(ItemsView):
    """Proposals that you may see, by reference unless sorted otherwise."""

    item_kind = ItemKind.PROPOSAL
    own = {"kind": "proposal__kind"}
    serializer_class = ProposalSerializer
    filterset_class = ProposalFilterSet
    sortable = {**ITEM_SORTS, "kind": ("proposal__kind",)}


routes = item_routes("proposals", ItemKind.PROPOSAL, ProposalsView)
