"""The form of a mechanism: the fields that every item has, and its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from brics_tracker.core.forms import LinesField
from brics_tracker.core.models import Organisation
from brics_tracker.tracking.choices import ItemKind
from brics_tracker.tracking.forms.items import ItemForm, partial_date_field

from .choices import MechanismKind, Track

MOST_SOURCES = 30


class MechanismForm(ItemForm):
    acronym = forms.CharField(label=_("Acronym"), max_length=30, required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=[("", _("Choose a kind")), *MechanismKind.choices])
    track = forms.ChoiceField(label=_("Track"), choices=[("", _("Choose a track")), *Track.choices])
    body = forms.ModelChoiceField(
        label=_("Body"), queryset=Organisation.objects.none(), required=False, empty_label=_("None"),
        help_text=_("The organisation that this mechanism also is."),
    )  # fmt: skip
    founded = partial_date_field(_("Founded"))
    founding_event = forms.CharField(
        label=_("Founding event"), max_length=300, required=False, help_text=_("Where or how it was founded.")
    )
    sources = LinesField(
        label=_("Other sources"), required=False, validators=[MaxLengthValidator(600)],
        help_text=_("Addresses or titles, one a line; paragraphs of our documents are cited below."),
    )  # fmt: skip
    note = forms.CharField(label=_("Note"), max_length=4000, required=False, widget=forms.Textarea({"rows": 3}))

    kind_of_item = ItemKind.MECHANISM
    own = ("acronym", "kind", "track", "body", "founded", "founding_event", "sources", "note")
    groups = (
        (_("What"), ("title", "acronym", "summary", "kind", "track", "lead_theme", "themes")),
        (_("Founding"), ("founded", "founding_event", "body", "sources", "note")),
        (_("Who"), ("owner", "supporters", "all_members", "members", "assignees")),
        (_("When"), ("phase", "priority", "start_date", "target_date", "rhythm_days", "plan")),
    )

    def __init__(self, data: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["title"].help_text = _("Its name in full.")
        self.fields["body"].queryset = Organisation.objects.order_by("name")  # type: ignore[attr-defined]

    def clean_sources(self) -> list[str]:
        sources: list[str] = self.cleaned_data["sources"]
        if len(sources) > MOST_SOURCES:
            raise ValidationError(_("No more than %(n)d lines."), params={"n": MOST_SOURCES})
        return sources
