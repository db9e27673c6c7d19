"""The sheet on which progress is logged: the entry, a row per milestone, rows for new sources."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from brics_tracker.core.forms import FormKeyMixin, TrackerForm
from brics_tracker.core.partial_dates import validate_partial_date
from brics_tracker.tracking.choices import ClaimKind
from brics_tracker.tracking.models import Milestone, TrackedItem, Update, today
from brics_tracker.tracking.services.checks import Claim
from brics_tracker.tracking.services.progress import claim_mark
from brics_tracker.tracking.workflow import Status

from .items import PartialDateInput
from .sources import EvidenceChoices
from .versions import Clash, VersionedForm

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

Choices = list[tuple[Any, Any]]


class EntryForm(FormKeyMixin, VersionedForm):
    """What happened, when, and what it changes."""

    no_change = forms.BooleanField(
        label=gettext_lazy("No change this period"), required=False,
        help_text=gettext_lazy("Counts as reported, not as a sign of life."),
    )  # fmt: skip
    text = forms.CharField(
        label=gettext_lazy("In words"), required=False, max_length=20_000,
        widget=forms.Textarea({"rows": 7, "dir": "auto"}),
        help_text=gettext_lazy("Plain text, or Markdown for emphasis, lists and links."),
    )  # fmt: skip
    happened = forms.CharField(
        label=gettext_lazy("When it happened"), max_length=10, widget=PartialDateInput(),
        validators=[validate_partial_date],
        help_text=gettext_lazy("A day, or the month or year where no more is known: 2031-04-14, 2031-04 or 2031."),
    )  # fmt: skip
    status_claimed = forms.ChoiceField(label=gettext_lazy("New status"), required=False)
    reason = forms.CharField(
        label=gettext_lazy("Reason of a step back"), required=False, max_length=500,
        help_text=gettext_lazy("Needed only when the new status lies before the present one."),
    )  # fmt: skip
    percent_claimed = forms.DecimalField(
        label=gettext_lazy("Progress in percent"), required=False, min_value=0, max_value=100, max_digits=5, decimal_places=2,
        widget=forms.NumberInput({"inputmode": "decimal", "class": "number"}),
        help_text=gettext_lazy("0 to 100. Once a milestone of the plan is confirmed, progress follows from the milestones."),
    )  # fmt: skip
    wording_only = forms.BooleanField(
        label=gettext_lazy("Corrects wording only"), required=False,
        help_text=gettext_lazy("Nothing else happened: it does not count as a sign of life."),
    )  # fmt: skip
    evidence = EvidenceChoices()

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, item: TrackedItem, update: Update | None, current: str,
        choices: EvidenceChoices, has_plan: bool,
    ) -> None:  # fmt: skip
        super().__init__(data, row=update, initial={} if update else {"happened": today().isoformat()})
        self.fields["evidence"] = choices
        self.following = item.workflow.next_statuses(current)
        status = self.fields["status_claimed"]
        status.choices = status_choices(item, current)  # type: ignore[attr-defined]
        status.help_text = _("Now: %(status)s.") % {"status": Status(current).label}
        if has_plan and (update is None or update.percent_claimed is None):
            del self.fields["percent_claimed"]
        if update is None or update.corrects_id is None:
            del self.fields["wording_only"]

    def values_of(self, row: Update) -> dict[str, Any]:
        names = ("version", "no_change", "text", "happened", "status_claimed", "reason", "wording_only")
        percent = row.percent_claimed
        return {
            **{name: getattr(row, name) for name in names},
            "percent_claimed": None if percent is None else percent.normalize() + 0,
            "form_key": uuid.uuid4(),
        }

    def choose_status(self, status: str) -> None:
        """Draw an empty form with this status chosen, where the item may go there."""
        if status in self.following:
            self.initial["status_claimed"] = status

    @property
    def entered(self) -> dict[str, Any]:
        """As tracking.services.updates takes them."""
        names = ("no_change", "text", "happened", "status_claimed", "reason", "percent_claimed", "wording_only")
        return {name: self.cleaned_data[name] for name in names if name in self.cleaned_data}


def status_choices(item: TrackedItem, current: str) -> Choices:
    """No new status; those that may follow the present one, with what they need; and, where it has ended, those
    that can only have come before."""
    flow = item.workflow
    following = flow.next_statuses(current)
    choices: Choices = [("", _("No new status"))]
    choices.append((_("Next"), [(status, _status_words(item, current, status)) for status in following]))
    earlier = [status for status in flow.statuses if status not in following]
    if earlier:
        words = _("Only for what happened before it was %(status)s") % {"status": Status(current).label}
        choices.append((words, [(status, Status(status).label) for status in earlier]))
    return choices


def _status_words(item: TrackedItem, current: str, status: str) -> StrOrPromise:
    flow, word = item.workflow, Status(status).label
    if status == current:
        return _("%(status)s still (needs evidence)") % {"status": word}
    if flow.is_backward(current, status):
        needs = (
            _("a step back: needs a reason and evidence")
            if status in flow.needs_evidence
            else _("a step back: needs a reason")
        )
        return f"{word} ({needs})"
    return f"{word} ({_('needs evidence')})" if status in flow.needs_evidence else word


class StepForm(TrackerForm):
    """One milestone of the plan: completed, or moved to another day for a reason."""

    completed = forms.BooleanField(label=gettext_lazy("Completed"), required=False)
    new_due = forms.DateField(
        label=gettext_lazy("New due date"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    reason = forms.CharField(label=gettext_lazy("Reason of the move"), required=False, max_length=500)
    drawn = forms.CharField(required=False, max_length=16, widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None, *, milestone: Milestone, claim: Claim | None) -> None:
        self.milestone = milestone
        initial: dict[str, Any] = {"drawn": claim_mark(claim)}
        if claim is not None:
            initial |= {
                "completed": claim.kind == ClaimKind.COMPLETED,
                "new_due": claim.new_due,
                "reason": claim.reason,
            }
        super().__init__(data, prefix=step_name(milestone), initial=initial)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        due, reason = cleaned.get("new_due"), cleaned.get("reason", "")
        if due and cleaned.get("completed"):
            self.add_error("new_due", _("It is either completed or moved to another day, not both."))
        elif due and not 1990 <= due.year <= today().year + 100:
            self.add_error("new_due", _("This year lies too far away."))
        elif due and due == self.milestone.due:
            self.add_error("new_due", _("It is due on that day already."))
        elif due and not reason.strip() and "reason" not in self.errors:
            self.add_error("reason", _("A move needs a reason."))
        elif reason.strip() and not due and "new_due" not in self.errors:
            self.add_error("new_due", _("Give the new due date."))
        return cleaned

    @property
    def claim(self) -> Claim | None:
        """What is said of the milestone, if anything."""
        if self.cleaned_data.get("completed"):
            return Claim(self.milestone, ClaimKind.COMPLETED)
        if due := self.cleaned_data.get("new_due"):
            return Claim(self.milestone, ClaimKind.MOVED, due, self.cleaned_data["reason"])
        return None

    @property
    def is_used(self) -> bool:
        """Something is said here, or wrong here: stands open on the sheet."""
        return bool(self.errors) or any(self[name].value() for name in ("completed", "new_due", "reason"))

    def clash_with(self, stored: Claim | None) -> Clash:
        """What is saved of this milestone and what this person wrote; from now on drawn from what is saved."""
        data = self.data.copy()  # type: ignore[attr-defined]
        data[self.add_prefix("drawn")] = claim_mark(stored)
        self.data = data
        return Clash(self.add_prefix("new_due"), self.milestone.title, claim_words(stored), claim_words(self.claim))


def step_name(milestone: Milestone) -> str:
    return f"step-{milestone.pk}"


def claim_words(claim: Claim | None) -> str:
    """What an update says of a milestone, in words."""
    if claim is None:
        return _("nothing said")
    if claim.kind == ClaimKind.COMPLETED:
        return _("completed")
    return _("moved to %(day)s: %(reason)s") % {"day": claim.new_due, "reason": claim.reason}


def lost_steps(data: Mapping[str, Any], drawn: Sequence[StepForm]) -> bool:
    """Does the form say something of a milestone that is not, or no longer, open on this item's plan?"""
    known = {form.prefix for form in drawn}
    for name, value in data.items():
        prefix, _dash, field = name.rpartition("-")
        if prefix.startswith("step-") and prefix not in known and field in {"completed", "new_due", "reason"} and value:
            return True
    return False


def refuse_lost_steps(form: EntryForm) -> None:
    message = _(
        "A milestone that you marked is no longer open: it was completed, dropped or is not part of this plan. "
        "Look at the milestones below and save again."
    )
    form.add_error(None, ValidationError(message, code="lost_step"))
