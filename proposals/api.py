"""Endpoints of proposals."""

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from brics_tracker.tracking.api import ITEM_SORTS
from brics_tracker.tracking.bodies import ItemBody, NewItem
from brics_tracker.tracking.choices import ItemKind
from brics_tracker.tracking.item_api import KindView, item_routes
from brics_tracker.tracking.serializers import ItemSerializer

from . import services
from .choices import ProposalKind
from .filters import ProposalFilterSet


class ProposalSerializer(ItemSerializer):
    """A recommendation, a commitment, a goal, or the founding of a mechanism."""

    kind = serializers.ChoiceField(ProposalKind.choices, help_text=_("Kind of proposal."))


class ProposalBody(ItemBody):
    """What a proposal can be sent."""

    kind = serializers.ChoiceField(ProposalKind.choices, required=False, help_text=_("Kind of proposal."))


class NewProposalBody(NewItem, ProposalBody):
    """A new proposal."""


class ProposalsView(KindView):
    """Proposals that you may see, by reference unless sorted otherwise."""

    item_kind = ItemKind.PROPOSAL
    own = {"kind": "proposal__kind"}
    serializer_class = ProposalSerializer
    filterset_class = ProposalFilterSet
    bodies = {"create": NewProposalBody, "partial_update": ProposalBody}
    own_body = ("kind",)
    made_by, changed_by = services.create_proposal, services.edit_proposal
    sortable = {**ITEM_SORTS, "kind": ("proposal__kind",)}


routes = item_routes("proposals", ItemKind.PROPOSAL, ProposalsView)
