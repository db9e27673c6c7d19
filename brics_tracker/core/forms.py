"""The base of our forms: text is cleaned at its field; a key against double submits; a version against stale ones."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from .text import clean_text

_OUTDATED = _("This form is incomplete. Open the page again; what you typed stays here until you leave.")


class TrackerForm(forms.Form):
    """A form whose text fields refuse at the field what is broken or hides, and keep NFC with plain line ends.

    For a ModelForm: `class ItemForm(forms.ModelForm[Item], TrackerForm)`.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, forms.CharField):
                field.to_python = _cleaned(field.to_python)  # type: ignore[method-assign, assignment]

    def add_refusal(self, refusal: ValidationError) -> None:
        """Show what a service refused: at its fields where this form has them, else at the head."""
        if not hasattr(refusal, "error_dict"):
            self.add_error(None, refusal)
            return
        for name, errors in refusal.error_dict.items():
            self.add_error(name if name in self.fields else None, errors)


def _cleaned(to_python: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The field's own reading of a value that was cleaned before."""
    return lambda value: to_python(clean_text(value) if isinstance(value, str) else value)


class FormKeyMixin(forms.Form):
    """A key drawn with the form: the same form sent twice makes one record."""

    form_key = forms.UUIDField(
        widget=forms.HiddenInput, initial=uuid.uuid4, error_messages={"required": _OUTDATED, "invalid": _OUTDATED}
    )


class VersionMixin(forms.Form):
    """The version that was shown: a form that has become stale is refused, never merged."""

    version = forms.IntegerField(
        widget=forms.HiddenInput, min_value=1, error_messages={"required": _OUTDATED, "invalid": _OUTDATED}
    )


class LinesField(forms.CharField):
    """A list of texts, one on each line (sources, most of all)."""

    widget = forms.Textarea(attrs={"rows": 3})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(str(line) for line in value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        if isinstance(value, list):
            return value
        return [line.strip() for line in (value or "").splitlines() if line.strip()]

    def validate(self, value: Any) -> None:
        if self.required and not value:
            raise ValidationError(self.error_messages["required"], code="required")

    def run_validators(self, value: Any) -> None:
        for line in value:
            super().run_validators(line)
