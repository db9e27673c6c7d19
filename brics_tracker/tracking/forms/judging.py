"""Review of many: what was ticked in the queue, and the decision on it."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from brics_tracker.core.forms import FormKeyMixin, TrackerForm
from brics_tracker.tracking.services.judging import MOST, Handed


class JudgeForm(FormKeyMixin, TrackerForm):
    """One reason for all that is handed back."""

    reason = forms.CharField(
        label=gettext_lazy("What the authors should mend"), max_length=500, required=False,
        widget=forms.Textarea({"rows": 3, "dir": "auto"}),
        help_text=gettext_lazy("Needed to hand back; every author is shown it. At most 500 characters."),
    )  # fmt: skip


def handed_in(data: QueryDict) -> Handed:
    """What was ticked, as "key:version" under `update` and `item`, and whose evidence was checked; ValidationError else."""
    handed = Handed(
        updates=_versions(data.getlist("update")),
        items=_versions(data.getlist("item")),
        checked=frozenset(int(key) for key in data.getlist("checked") if _is_number(key)),
    )
    if not len(handed):
        raise ValidationError(_("Choose first: tick what you want to decide on."))
    if len(handed) > MOST:
        raise ValidationError(_("At most %(most)s at once.") % {"most": MOST})
    return handed


def _versions(marks: Sequence[str]) -> dict[int, int]:
    found: dict[int, int] = {}
    for mark in marks:
        key, _colon, version = mark.partition(":")
        if not (_is_number(key) and _is_number(version)):
            raise ValidationError(_("The queue that you chose from is out of date; open it again."))
        found[int(key)] = int(version)
    return found


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10
