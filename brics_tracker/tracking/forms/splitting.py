"""The form that splits an item: a title for each part, and where each update, step and paragraph goes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from brics_tracker.core.forms import FormKeyMixin, TrackerForm
from brics_tracker.core.partial_dates import show
from brics_tracker.tracking.models import TrackedItem
from brics_tracker.tracking.querysets import PUBLIC_STATES
from brics_tracker.tracking.services.splitting import MOST, ORIGIN, Part

SHOWN = 300  # updates that are offered, newest first; those before them stay


class SplitForm(FormKeyMixin, TrackerForm):
    """`count` parts; what is chosen for none stays with the item."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    count = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=MOST)

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        item: TrackedItem,
        count: int,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial={"version": item.version, **(initial or {}), "count": min(max(count, 1), MOST)})
        self.item, self.size = item, min(max(count, 1), MOST)
        self.part_names = [_("Part %(n)d") % {"n": n} for n in range(1, self.size + 1)]
        for number, name in enumerate(self.part_names, start=1):
            self.fields[f"title_{number}"] = forms.CharField(
                label=_("Title of %(part)s") % {"part": name}, max_length=200
            )
            self.fields[f"summary_{number}"] = forms.CharField(
                label=_("Summary of %(part)s") % {"part": name}, max_length=4000, required=False,
                widget=forms.Textarea({"rows": 3}), help_text=_("Left empty, that of the whole."),
            )  # fmt: skip
        stays = _("stays with %(reference)s") % {"reference": item.reference}
        self.places = [(str(n), name) for n, name in enumerate([stays, *self.part_names])]
        self._add_sources()
        self._add_rows("update", [(each.pk, _told(each)) for each in item.updates.all()[:SHOWN]])
        steps = item.milestones.filter(dropped_at=None)
        self._add_rows("step", [(step.pk, step.title) for step in steps])
        self.fields["archive"] = forms.BooleanField(
            label=_("Archive %(reference)s once it is split") % {"reference": item.reference}, required=False,
            help_text=_("The parts then succeed it; otherwise they are part of it."),
        )  # fmt: skip
        self.fields["reason"] = forms.CharField(
            label=_("Reason"), max_length=500, widget=forms.Textarea({"rows": 2}),
            help_text=_("It is kept with the split and shown in the record."),
        )  # fmt: skip

    def _add_sources(self) -> None:
        citations = self.item.citations.select_related("passage__document")
        everywhere = [place for place, _name in self.places]
        names = [(str(ORIGIN), self.item.reference), *self.places[1:]]
        for citation in citations.order_by("passage__document", "passage__number"):
            passage = citation.passage
            self.fields[f"source_{passage.pk}"] = forms.MultipleChoiceField(
                label=f"{passage.document.title} ¶{passage.number}", choices=names, required=False,
                widget=forms.CheckboxSelectMultiple, initial=everywhere,
            )  # fmt: skip

    def _add_rows(self, sort: str, rows: list[tuple[int, str]]) -> None:
        for pk, label in rows:
            self.fields[f"{sort}_{pk}"] = forms.ChoiceField(label=label, choices=self.places, initial=str(ORIGIN))

    def _bound(self, sort: str) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith(f"{sort}_")]

    @property
    def grouped(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """The visible fields under their headings; headings under which there is nothing are left out."""
        parts = [field for pair in zip(self._bound("title"), self._bound("summary"), strict=True) for field in pair]
        groups = [
            (gettext_lazy("Parts"), parts),
            (gettext_lazy("Which paragraphs each rests on"), self._bound("source")),
            (gettext_lazy("Where each update goes, with its evidence"), self._bound("update")),
            (gettext_lazy("Where each step of the plan goes"), self._bound("step")),
            (gettext_lazy("What becomes of it"), [self["archive"], self["reason"]]),
        ]
        return [group for group in groups if group[1]]

    @property
    def parts(self) -> list[Part]:
        """As tracking.services.splitting takes them."""
        return [
            Part(
                self.cleaned_data[f"title_{number}"], self.cleaned_data[f"summary_{number}"],
                passages=self.resting(number), milestones=self._given("step", number),
                updates=self._given("update", number),
            )
            for number in range(1, self.size + 1)
        ]  # fmt: skip

    def resting(self, number: int) -> list[int]:
        """Keys of the paragraphs on which a part, or the item itself (ORIGIN), rests."""
        told = self.cleaned_data
        return [_key(name) for name in told if name.startswith("source_") and str(number) in told[name]]

    def _given(self, sort: str, number: int) -> list[int]:
        told = self.cleaned_data
        return [_key(name) for name in told if name.startswith(f"{sort}_") and told[name] == str(number)]


def _key(name: str) -> int:
    return int(name.rpartition("_")[2])


def _told(update: Any) -> str:
    """An update in one line."""
    said = Truncator(update.text or _("No change this period")).chars(80)
    parts = [show(update.happened), update.get_status_claimed_display(), said]
    if update.review_state not in PUBLIC_STATES:
        parts.append(update.get_review_state_display())
    return " · ".join(part for part in parts if part)
