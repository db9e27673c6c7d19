"""The form of a proposal: shared fields, its kind, and (when it is new) the plan that it starts with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from brics_tracker.tracking.forms.items import ItemForm
from brics_tracker.tracking.models import TrackedItem
from brics_tracker.tracking.plans import PLANS

from .choices import ProposalKind
from .models import Proposal
from .services import Drawn

if TYPE_CHECKING:
    from brics_tracker.tracking.services.changes import StaleVersion


class ProposalForm(ItemForm):
    """`drawn_*` say what the form showed of what carries no version of its own."""

    kind = forms.ChoiceField(label=_("Kind"), choices=ProposalKind.choices, initial=ProposalKind.RECOMMENDATION)
    plan = forms.ChoiceField(
        label=_("Plan"), required=False, choices=[("", _("No plan yet")), *((key, plan.title) for key, plan in PLANS.items())],
        help_text=_("Its steps are added undated and do not count until someone confirms them."),
    )  # fmt: skip
    drawn_kind = forms.CharField(widget=forms.HiddenInput, required=False, max_length=20)
    drawn_passages = forms.CharField(widget=forms.HiddenInput, required=False, max_length=4000)

    groups = (
        (_("What"), ("title", "summary", "kind", "lead_theme", "themes")),
        (_("Who"), ("owner", "supporters", "all_members", "members", "assignees")),
        (_("When"), ("phase", "priority", "start_date", "target_date", "rhythm_days", "plan")),
    )

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, proposal: Proposal | None = None, **kwargs: Any
    ) -> None:
        super().__init__(data, item=proposal.item if proposal else None, **kwargs)
        if proposal is not None:
            del self.fields["plan"]

    def values_of(self, row: TrackedItem) -> dict[str, Any]:
        proposal = Proposal.objects.get(pk=row.pk)
        passages = row.citations.order_by("passage").values_list("passage", flat=True)
        return {
            **super().values_of(row),
            "kind": proposal.kind,
            "drawn_kind": proposal.kind,
            "drawn_passages": ",".join(str(pk) for pk in passages),
        }

    def show_clash(self, stale: StaleVersion) -> None:
        # The rows of sources stay as typed, so what they are compared with stays as well.
        passages = self.cleaned_data["drawn_passages"]
        super().show_clash(stale)
        self.data["drawn_passages"] = passages  # type: ignore[index]

    @property
    def drawn(self) -> Drawn:
        """What the form showed when it was drawn."""
        keys = self.cleaned_data["drawn_passages"].split(",")
        return Drawn(
            self.cleaned_data["drawn_kind"], frozenset(int(key) for key in keys if key.isdecimal() and len(key) < 19)
        )
