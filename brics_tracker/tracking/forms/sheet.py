"""The whole sheet of log progress, read and drawn as one: entry, milestones, sources on record, new sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from brics_tracker.core.markdown import render_markdown
from brics_tracker.tracking.models import Evidence, Milestone, TrackedItem, Update, today
from brics_tracker.tracking.services.changes import StaleVersion
from brics_tracker.tracking.services.checks import Claim
from brics_tracker.tracking.services.progress import Entry
from brics_tracker.tracking.services.state import status_before
from brics_tracker.tracking.services.updates import stored_claims

from .progress import EntryForm, StepForm, lost_steps, refuse_lost_steps
from .sources import EvidenceChoices, KeptFiles, source_rows
from .versions import Clash

if TYPE_CHECKING:
    from brics_tracker.accounts.models import User

ON_RECORD = 50  # sources on record that may be ticked, newest first; those of the update itself come always


@dataclass(frozen=True, slots=True)
class Tick:
    """A source on record, and whether it stands ticked."""

    evidence: Evidence
    is_ticked: bool


class ProgressSheet:
    """Drawn empty for a new entry, or from an update; bound to what was sent."""

    def __init__(
        self, item: TrackedItem, user: User, *, update: Update | None = None, data: Mapping[str, Any] | None = None,
        files: Any = None, address: str = "",
    ) -> None:  # fmt: skip
        self.item, self.user, self.update = item, user, update
        self.is_bound = data is not None
        plan = list(item.milestones.filter(dropped_at__isnull=True, confirmed=True).order_by("position", "pk"))
        claims = {claim.milestone.pk: claim for claim in stored_claims(update)} if update else {}
        self.attached = self._attached()
        drawn = self._drawn_evidence(data)
        self.form = EntryForm(
            data, item=item, update=update, current=self._status_now(), has_plan=bool(plan),
            choices=EvidenceChoices(lambda: [*self.attached, *self.others], ticked=self.attached),
        )  # fmt: skip
        self.drawn_evidence = drawn
        self.steps = [
            StepForm(data, milestone=milestone, claim=claims.get(milestone.pk))
            for milestone in plan
            if self._is_open(milestone)
        ]
        self.kept = KeptFiles(user, address)
        self.sources = source_rows(data, files, kept=self.kept)
        self.clashes: list[Clash] = []
        self.whole: list[str] = []

    def _is_open(self, milestone: Milestone) -> bool:
        """May the entry say something of it: not completed, or completed by the update that this one corrects."""
        own = {self.update.pk, self.update.corrects_id} if self.update else set()
        return not milestone.completed_on or milestone.completed_by_id in own

    def _on_record(self) -> QuerySet[Evidence]:
        """Sources of the item that the person may see."""
        rows = Evidence.objects.visible_to(self.user).filter(item=self.item)
        return rows.prefetch_related("files").order_by("-pk")

    def _attached(self) -> list[Evidence]:
        """Those that this update rests on."""
        if self.update is None:
            return []
        return list(self._on_record().filter(pk__in=self.update.evidence.values("pk")))

    @cached_property
    def others(self) -> list[Evidence]:
        """Those that it may rest on too; read only where the sheet is drawn or one of them is ticked."""
        attached = [evidence.pk for evidence in self.attached]
        return list(self._on_record().exclude(pk__in=attached)[:ON_RECORD])

    def _drawn_evidence(self, data: Mapping[str, Any] | None) -> set[int]:
        """What stood ticked when the form was drawn, as the form says itself."""
        if data is None:
            return {row.pk for row in self.attached}
        said = data.getlist("drawn_evidence") if hasattr(data, "getlist") else []
        return {int(pk) for pk in said if pk.isascii() and pk.isdigit() and len(pk) < 19}

    def _status_now(self) -> str:
        """The status that a new one would follow."""
        if self.update is None:
            return self.item.status
        without = [pk for pk in (self.update.pk, self.update.corrects_id) if pk]
        return status_before(self.item, today().isoformat(), without=without)[0]

    # --- reading ------------------------------------------------------------------------------------------
    def is_valid(self) -> bool:
        """Every part is read, so that every error is shown at once."""
        parts = [self.form.is_valid(), *[step.is_valid() for step in self.steps], self.sources.is_valid()]
        if self.form.is_bound and lost_steps(self.form.data, self.steps):
            refuse_lost_steps(self.form)
            return False
        return all(parts)

    @property
    def entry(self) -> Entry:
        """As tracking.services.progress takes it."""
        return Entry(
            fields=self.form.entered,
            claims=self.claims,
            sources=self.sources.sources,
            kept=self.form.cleaned_data["evidence"],
            drawn_evidence=self.drawn_evidence,
            drawn_claims={step.milestone.pk: step.cleaned_data["drawn"] for step in self.steps},
        )

    @property
    def claims(self) -> list[Claim]:
        return [claim for step in self.steps if (claim := step.claim)]

    # --- drawing again ------------------------------------------------------------------------------------
    def refuse(self, refusal: ValidationError) -> None:
        """Show what a service refused at its field, in the entry or else at the head."""
        if not self.form.is_bound:
            # A sheet drawn anew from what was saved: Django keeps errors only on forms that were read.
            self.form.cleaned_data = {}
        if isinstance(refusal, StaleVersion):
            self._show_clash(refusal)
            return
        for name, messages in as_fields(refusal).items():
            if name in self.form.fields:
                self.form.add_error(name, messages)
            else:
                self.whole += messages

    def _show_clash(self, stale: StaleVersion) -> None:
        steps = {step.prefix: step for step in self.steps}
        self.form.show_clash(stale)
        stored = {claim.milestone.pk: claim for claim in stored_claims(stale.current)}  # type: ignore[arg-type]
        self.clashes = [
            *self.form.clashes,
            *[steps[name].clash_with(stored.get(steps[name].milestone.pk)) for name in stale.fields if name in steps],
        ]

    @property
    def problems(self) -> list[str]:
        """What is wrong with the form as a whole."""
        hidden = [message for bound in self.form.hidden_fields() for message in bound.errors]
        steps = [message for step in self.steps for message in step.non_field_errors()]
        rows = [str(message) for message in self.sources.non_form_errors()] if self.sources.is_bound else []
        found = [*self.whole, *self.form.non_field_errors(), *hidden, *steps, *rows]
        if self.kept.lost:
            found.append(
                _("These files could not be kept; choose them again: %(names)s") % {"names": ", ".join(self.kept.lost)}
            )
        return [str(message) for message in found]

    @property
    def faulty(self) -> list[forms.BoundField]:
        """Every visible field with an error, wherever it stands on the sheet."""
        parts: list[forms.Form] = [self.form, *self.steps, *(self.sources.forms if self.sources.is_bound else [])]
        return [bound for part in parts for bound in part.visible_fields() if bound.errors]

    def keep_files(self) -> None:
        """Keep what came with a form that is not saved: a browser does not send files again by itself."""
        if self.sources.is_bound:
            self.sources.is_valid()
            data: Any = self.sources.data
            self.kept.keep(self.sources, data.getlist("kept_shown") if hasattr(data, "getlist") else [])

    @property
    def has_kept_files(self) -> bool:
        return any(row.kept_here for row in self.sources)

    @property
    def attached_ticks(self) -> list[Tick]:
        return self._ticks(self.attached)

    @property
    def other_ticks(self) -> list[Tick]:
        return self._ticks(self.others)

    def _ticks(self, rows: list[Evidence]) -> list[Tick]:
        ticked = {str(pk) for pk in self.form["evidence"].value() or []}
        return [Tick(row, str(row.pk) in ticked) for row in rows]

    @property
    def uses_others(self) -> bool:
        """Something on record that this update did not rest on is ticked."""
        return any(tick.is_ticked for tick in self.other_ticks)

    @property
    def preview(self) -> str:
        """The text as it will stand."""
        return render_markdown(str(self.form["text"].value() or ""))


def as_fields(refusal: ValidationError) -> dict[str, list[str]]:
    """Messages by field; what belongs to none under Django's own name for that."""
    if hasattr(refusal, "error_dict"):
        return {name: [str(text) for text in texts] for name, texts in refusal.message_dict.items()}
    return {NON_FIELD_ERRORS: list(refusal.messages)}
