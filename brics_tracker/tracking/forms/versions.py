"""Forms that know what they were drawn from: sent twice they make one thing, stale they come back with both versions."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import pgettext

from brics_tracker.core.forms import TrackerForm

if TYPE_CHECKING:
    from brics_tracker.core.models import Versioned
    from brics_tracker.tracking.services.changes import StaleVersion


@dataclass(frozen=True, slots=True)
class Clash:
    """A field that two people changed: what is saved now, and what this person wrote."""

    name: str
    label: str
    theirs: str
    mine: str


class VersionedForm(TrackerForm):
    """Carries the key of a new thing or the version of an old one, and both versions after a clash."""

    form_key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)

    def __init__(self, *args: Any, row: Versioned | None = None, **kwargs: Any) -> None:
        values = self.values_of(row) if row is not None else {"form_key": uuid.uuid4()}
        super().__init__(*args, initial={**values, **kwargs.pop("initial", {})}, **kwargs)
        # Without its version a change could not be told from an overwriting one.
        self.fields["version"].required = row is not None
        self.clashes: list[Clash] = []

    def values_of(self, row: Any) -> dict[str, Any]:
        """The row's values as the fields show them, its version among them."""
        raise NotImplementedError

    def show_clash(self, stale: StaleVersion) -> None:
        """Come back after a StaleVersion: what this person changed stays as typed, the rest is as saved now.

        The fields that both changed are listed with both values; saving again then decides for what stands
        in the form.
        """
        now = self.values_of(stale.current)
        mine = set(stale.mine)
        data = self.data.copy()  # type: ignore[attr-defined]
        for name in self.fields:
            if name not in mine and name in now:
                _put(data, name, self.fields[name].prepare_value(now[name]))
        data["version"] = str(stale.current.version)
        self.clashes = [
            Clash(
                name, str(self.fields[name].label), self._say(name, now[name]), self._say(name, self.cleaned_data[name])
            )
            for name in stale.fields
            if name in now and name in self.cleaned_data
        ]
        self.data = data
        self.add_error(None, stale)

    def _say(self, name: str, value: Any) -> str:
        """A value in words, from a form field or from the row."""
        field = self.fields[name]
        if isinstance(field, forms.ModelChoiceField) and value not in (None, ""):
            rows = field.queryset
            keys = [getattr(part, "pk", part) for part in (value if isinstance(value, list | QuerySet) else [value])]
            value = ", ".join(str(row) for row in rows.filter(pk__in=keys)) if rows is not None else ""
        elif isinstance(field, forms.ChoiceField):
            value = dict(field.choices).get(value, value)  # type: ignore[arg-type]
        elif isinstance(value, list):
            value = "\n".join(value)
        elif isinstance(value, bool):
            value = pgettext("a switch", "yes") if value else pgettext("a switch", "no")
        return str(value if value not in (None, "") else "—")


def _put(data: Any, name: str, value: Any) -> None:
    """Set a value as a browser would send it."""
    if isinstance(value, list):
        data.setlist(name, [str(part) for part in value])
    elif value is False or value is None:
        data.pop(name, None)
    else:
        data[name] = "on" if value is True else str(value)
