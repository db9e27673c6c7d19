"""What an administrator looks for in the trail."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from brics_tracker.core.choices import Act
from brics_tracker.core.clock import end_of, start_of
from brics_tracker.core.forms import TrackerForm

from .tables import histories, instance_of
from .trail import Asked

# Words are looked for row by row: without days, in the newest of them only.
DAYS_OF_WORDS = 92
MOST_PEOPLE = 50


def _kinds() -> list[tuple[str, str]]:
    named = (
        (instance_of(model)._meta.label_lower, capfirst(instance_of(model)._meta.verbose_name)) for model in histories()
    )
    return [("", _("all")), *sorted(((label, str(name)) for label, name in named), key=lambda choice: choice[1])]


def _acts() -> list[tuple[str, str]]:
    changes = [("added", _("added")), ("changed", _("changed")), ("removed", _("removed"))]
    return [("", _("all")), *changes, *((act.value, str(act.label)) for act in Act)]


class DayInput(forms.DateInput):
    input_type = "date"


class TrailForm(TrackerForm):
    """Everything may be left empty."""

    q = forms.CharField(
        label=gettext_lazy("Words"), required=False, max_length=200,
        help_text=gettext_lazy("In texts and reasons. Without days, of the last three months."),
    )  # fmt: skip
    person = forms.CharField(
        label=gettext_lazy("Who"),
        required=False,
        max_length=120,
        help_text=gettext_lazy("Part of a name or mail address."),
    )
    reference = forms.CharField(
        label=gettext_lazy("Reference"), required=False, max_length=254,
        help_text=gettext_lazy("EC-07, a report's number, a theme's code, a mail address."),
    )  # fmt: skip
    act = forms.ChoiceField(label=gettext_lazy("Act"), required=False, choices=_acts)
    kind = forms.ChoiceField(label=gettext_lazy("Kind of thing"), required=False, choices=_kinds)
    since = forms.DateField(label=gettext_lazy("From"), required=False, widget=DayInput)
    until = forms.DateField(label=gettext_lazy("To"), required=False, widget=DayInput)

    def clean_person(self) -> frozenset[int] | None:
        """The people that are meant, by their keys; None for everyone."""
        text = self.cleaned_data["person"].strip()
        if not text:
            return None
        found = get_user_model()._default_manager.filter(Q(name__icontains=text) | Q(email__icontains=text))
        people = frozenset(found.values_list("pk", flat=True)[: MOST_PEOPLE + 1])
        if not people:
            raise ValidationError(_("Nobody here is called so."))
        if len(people) > MOST_PEOPLE:
            raise ValidationError(
                _("More than %(n)d people are called so. Write more of the name.") % {"n": MOST_PEOPLE}
            )
        return people

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", _("The last day lies before the first."))
        return cleaned

    @property
    def asked(self) -> Asked:
        """What a valid form looks for."""
        found = self.cleaned_data
        since, until = found["since"], found["until"]
        words = tuple(found["q"].split())
        if words and since is None:
            since = (until or timezone.localdate()) - dt.timedelta(days=DAYS_OF_WORDS)
        return Asked(
            people=found["person"],
            since=start_of(since) if since else None,
            until=end_of(until) if until else None,
            kind=found["kind"],
            act=found["act"],
            reference=found["reference"].strip(),
            words=words,
        )
