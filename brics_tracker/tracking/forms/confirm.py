"""Confirm many: one row for each item whose owner or plan waits, with its owner and the dates of its steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from brics_tracker.core.forms import FormKeyMixin, TrackerForm
from brics_tracker.core.models import Organisation
from brics_tracker.tracking.models import Milestone, TrackedItem
from brics_tracker.tracking.services.bulk import StepsWanted, Wanted

from .plan import check_due

OWNERS = "owner-names"  # the list of suggestions that every row's owner draws on


class OwnerField(forms.CharField):
    """An organisation by its name, as typed or picked from the list; None where it is left empty."""

    def __init__(self, known: Mapping[str, Sequence[Organisation]], **kwargs: Any) -> None:
        super().__init__(max_length=200, required=False, **kwargs)
        self.known = known

    def clean(self, value: Any) -> Organisation | None:
        name = super().clean(value)
        if not name:
            return None
        found = self.known.get(name.casefold(), ())
        if not found:
            raise ValidationError(_("There is no organisation of this name; pick one from the list."))
        if len(found) > 1:
            raise ValidationError(_("Several organisations bear this name; choose it on the item's own page."))
        return found[0]


class ConfirmRow(TrackerForm):
    """One item: is it taken, who owns it, which of its steps get a date, does its plan count from now on."""

    take = forms.BooleanField(required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    plan = forms.BooleanField(label=gettext_lazy("Confirm the plan"), required=False, initial=True)

    def __init__(
        self, data: Mapping[str, Any] | None, *, item: TrackedItem, steps: Sequence[Milestone],
        known: Mapping[str, Sequence[Organisation]],
    ) -> None:  # fmt: skip
        super().__init__(data, prefix=str(item.pk), initial={"version": item.version})
        self.item, self.steps = item, steps
        self.fields["take"].label = _("Confirm %(reference)s") % {"reference": item.reference}
        owner = item.owner.name if item.owner else ""
        label = _("Owner of %(reference)s") % {"reference": item.reference}
        self.fields["owner"] = OwnerField(
            known, label=label, initial=owner, widget=forms.TextInput({"list": OWNERS, "autocomplete": "off"})
        )
        if not steps:
            del self.fields["plan"]
        for step in steps:
            self.fields[f"due-{step.pk}"] = forms.DateField(
                label=step.title, required=False, initial=step.due, validators=[check_due],
                widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
            )  # fmt: skip
            self.fields[f"version-{step.pk}"] = forms.IntegerField(
                widget=forms.HiddenInput, min_value=1, initial=step.version
            )

    @property
    def is_taken(self) -> bool:
        return bool(self["take"].value())

    @property
    def dates(self) -> list[forms.BoundField]:
        """The steps' dates, as the page draws them."""
        return [self[f"due-{step.pk}"] for step in self.steps]

    @property
    def hidden(self) -> list[forms.BoundField]:
        return self.hidden_fields()

    @cached_property
    def wanted(self) -> Wanted:
        """As tracking.services.bulk takes it; nothing where no owner is named and no plan is confirmed."""
        told = self.cleaned_data
        owner = told["owner"]
        dated = {
            step.pk: (told[f"version-{step.pk}"], told[f"due-{step.pk}"])
            for step in self.steps
            if told[f"due-{step.pk}"] != step.due
        }
        return Wanted(
            values={"owner": owner} if owner and owner.pk != self.item.owner_id else {},
            steps=StepsWanted(dated=dated),
            confirm_owner=owner is not None and not self.item.owner_confirmed,
            confirm_plan=bool(told.get("plan")),
        )


class ConfirmForm(FormKeyMixin, TrackerForm):
    """The rows of a page together; only those that are ticked are read."""

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, items: Iterable[TrackedItem],
        steps: Mapping[int, Sequence[Milestone]],
    ) -> None:  # fmt: skip
        super().__init__(data)
        self.names = known_owners()
        self.rows = [ConfirmRow(data, item=item, steps=steps.get(item.pk, ()), known=self.names) for item in items]

    @property
    def taken(self) -> list[ConfirmRow]:
        return [row for row in self.rows if row.is_bound and row.is_taken]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        # Every row is read, so that every error is shown at once.
        wrong = [row.item.reference for row in self.taken if not row.is_valid()]
        if not self.taken:
            raise ValidationError(_("Tick the items to confirm first."), code="empty")
        if wrong:
            raise ValidationError(_("Look at what is marked in: %(rows)s.") % {"rows": ", ".join(wrong)})
        if all(row.wanted.is_empty for row in self.taken):
            raise ValidationError(_("Name an owner or confirm a plan; nothing would change."), code="empty")
        return cleaned

    @property
    def chosen(self) -> dict[int, int | None]:
        return {row.item.pk: row.cleaned_data["version"] for row in self.taken}

    @property
    def wanted(self) -> dict[int, Wanted]:
        return {row.item.pk: row.wanted for row in self.taken}


def known_owners() -> dict[str, list[Organisation]]:
    """Every organisation by its name, whatever the case; one query."""
    known: dict[str, list[Organisation]] = {}
    for organisation in Organisation.objects.order_by("name"):
        known.setdefault(organisation.name.casefold(), []).append(organisation)
    return known
