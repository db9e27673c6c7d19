"""The form of an item's sources: documents and the numbers of their paragraphs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from brics_tracker.core.forms import TrackerForm
from brics_tracker.tracking.models import Document, Passage, TrackedItem

NUMBERS = re.compile(r"^\s*\d+(\s*[-–]\s*\d+)?(\s*[,;]\s*\d+(\s*[-–]\s*\d+)?)*\s*$")
LONGEST_RANGE = 200


class CitationForm(TrackerForm):
    """One document and the numbers of its paragraphs."""

    document = forms.ModelChoiceField(
        label=_("Document"), queryset=Document.objects.all(), to_field_name="key", required=False,
        empty_label=_("Choose a document"),
    )  # fmt: skip
    paragraphs = forms.CharField(
        label=_("Paragraphs"), required=False, max_length=200, help_text=_("Numbers, as in 45, 47 or 12–15."),
        widget=forms.TextInput({"inputmode": "numeric", "placeholder": "45, 47"}),
    )  # fmt: skip

    def clean_paragraphs(self) -> str:
        text: str = self.cleaned_data["paragraphs"]
        if text and not NUMBERS.match(text):
            raise ValidationError(_("Write numbers of paragraphs, as in 45, 47 or 12–15."))
        return text

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        cleaned["passages"] = []
        document, text = cleaned.get("document"), cleaned.get("paragraphs")
        if self.errors or not (document or text):
            return cleaned
        if document is None:
            self.add_error("document", _("Say in which document."))
        elif not text:
            self.add_error("paragraphs", _("Say which paragraphs."))
        else:
            try:
                cleaned["passages"] = passages_of(document, numbers_in(text))
            except ValidationError as problem:
                self.add_error("paragraphs", problem)
        return cleaned


class BaseCitationFormSet(forms.BaseFormSet[CitationForm]):
    """On which paragraphs an item rests."""

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        return {**super().get_form_kwargs(index), "use_required_attribute": False}

    def add_fields(self, form: CitationForm, index: int | None) -> None:
        """All rows share one list of documents, read once."""
        super().add_fields(form, index)
        if not hasattr(self, "_documents"):
            self._documents = [("", _("Choose a document")), *((row.key, row.title) for row in Document.objects.all())]
        form.fields["document"].widget.choices = self._documents

    def refuse(self, messages: Sequence[str]) -> None:
        """Show what a service refused about the sources as a whole."""
        self.non_form_errors().extend(messages)

    @property
    def passages(self) -> list[Passage]:
        """What is cited, each once."""
        found = (passage for form in self.forms for passage in form.cleaned_data.get("passages", []))
        return list({passage.pk: passage for passage in found}.values())


CitationFormSet = forms.formset_factory(
    CitationForm, formset=BaseCitationFormSet, extra=2, max_num=30, absolute_max=40, validate_max=True
)


def citations_initial(item: TrackedItem) -> list[dict[str, str]]:
    """A row per document that the item cites."""
    rows: dict[str, list[str]] = {}
    cited = item.citations.order_by("passage__document__key", "passage__number")
    for key, number in cited.values_list("passage__document__key", "passage__number"):
        rows.setdefault(key, []).append(str(number))
    return [{"document": key, "paragraphs": ", ".join(numbers)} for key, numbers in rows.items()]


def numbers_in(text: str) -> list[int]:
    """The paragraph numbers that a text like "45, 47-49" names. Raises ValidationError for an endless range."""
    numbers: list[int] = []
    for part in re.split(r"[,;]", text):
        first, *last = (int(number) for number in re.split(r"[-–]", part))
        end = last[0] if last else first
        if end < first or end - first > LONGEST_RANGE:
            raise ValidationError(_("%(range)s is not a range of paragraphs."), params={"range": part.strip()})
        numbers.extend(range(first, end + 1))
    return numbers


def passages_of(document: Document, numbers: Sequence[int]) -> list[Passage]:
    """The document's paragraphs with these numbers; a ValidationError names those it does not have."""
    # A number beyond any document would not fit the database's column.
    found = {p.number: p for p in document.passages.filter(number__in=[n for n in numbers if n < 1_000_000])}
    missing = [str(number) for number in numbers if number not in found]
    if missing:
        words = {"numbers": ", ".join(missing[:10])}
        raise ValidationError(_("This document has no paragraph %(numbers)s."), params=words)
    return [found[number] for number in numbers]


def citation_forms(data: Any, item: TrackedItem | None = None) -> BaseCitationFormSet:
    """The rows of an item's sources: as they are, as sent, or empty ones."""
    initial = citations_initial(item) if item else None
    forms_of: BaseCitationFormSet = CitationFormSet(data, prefix="cites", initial=initial)  # type: ignore[assignment]
    return forms_of
