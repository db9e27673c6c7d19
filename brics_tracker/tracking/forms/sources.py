"""New sources of an update: rows for an address and files; and the choice among what is on record."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import URLValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from brics_tracker.core.forms import TrackerForm
from brics_tracker.core.partial_dates import first_day, validate_partial_date
from brics_tracker.core.uploads import KINDS, check_upload
from brics_tracker.tracking.choices import Reliability
from brics_tracker.tracking.models import Evidence, today
from brics_tracker.tracking.services.progress import NewSource

from .items import PartialDateInput

ACCEPTED = ",".join(f".{suffix}" for suffix in KINDS)
# The words of a row without which its files and switches say nothing.
WORDS = ("url", "title", "publisher", "source_date", "quote", "reliability")


class EvidenceChoices(forms.Field):
    """Evidence of one item that the person may see, by its number; `read` gives the rows when they are asked for."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, read: Callable[[], Iterable[Evidence]] = tuple, *, ticked: Iterable[Evidence] = ()) -> None:
        initial = [row.pk for row in ticked]
        super().__init__(label=gettext_lazy("Evidence"), required=False, initial=initial)
        self.read = read

    def clean(self, value: Any) -> list[Evidence]:
        """Only rows of the item: another item's, or one that may not be seen, is refused here."""
        chosen = [str(pk) for pk in value or []]
        rows = {str(row.pk): row for row in self.read()} if chosen else {}
        if any(pk not in rows for pk in chosen):
            raise ValidationError(
                _("Choose evidence of this item only. What you ticked is not, or no longer, on its record.")
            )
        return [rows[pk] for pk in dict.fromkeys(chosen)]


class SeveralFilesInput(forms.FileInput):
    allow_multiple_selected = True


class SeveralFilesField(forms.FileField):
    """Any number of files, each checked by its content; every refusal names its file."""

    widget = SeveralFilesInput

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(data)

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[Any]]:
        files = [file for file in data or [] if file]
        problems = [problem for file in files for problem in refusals_of(file)]
        if len(files) > settings.UPLOAD_MAX_FILES:
            most = settings.UPLOAD_MAX_FILES
            problems.append(ngettext("At most %(n)d file.", "At most %(n)d files in one source.", most) % {"n": most})
        if problems:
            raise ValidationError(problems)
        return files


def refusals_of(file: UploadedFile[Any]) -> list[str]:
    """Why this file is not kept; nothing where it is."""
    try:
        check_upload(file)
    except ValidationError as refusal:
        return list(refusal.messages)
    return []


is_web_address = URLValidator(schemes=["http", "https"])


def check_source_date(day: str) -> None:
    """Refuse a (readable) date that has not come."""
    if first_day(day) > today():
        raise ValidationError(_("A source cannot be dated in the future."))


class WebAddressField(forms.URLField):
    """An address that a browser opens as a page."""

    default_validators = [is_web_address]


class SourceForm(TrackerForm):
    """A new source: an address, files, or both. An empty row is no source."""

    url = WebAddressField(
        label=gettext_lazy("Web address"), required=False, max_length=1000, assume_scheme="https",
        widget=forms.URLInput({"placeholder": "https://…", "autocomplete": "off"}),
    )  # fmt: skip
    files = SeveralFilesField(  # type: ignore[assignment]
        label=gettext_lazy("Files"), required=False, widget=SeveralFilesInput({"accept": ACCEPTED, "multiple": True}),
        help_text=gettext_lazy("PDF, pictures, office documents or text, at most 20 MB each."),
    )  # fmt: skip
    title = forms.CharField(
        label=gettext_lazy("Title"), required=False, max_length=300,
        help_text=gettext_lazy("Left empty, the address or the name of the file."),
    )  # fmt: skip
    publisher = forms.CharField(label=gettext_lazy("Publisher"), required=False, max_length=200)
    source_date = forms.CharField(
        label=gettext_lazy("Date of the source"), required=False, max_length=10, widget=PartialDateInput(),
        validators=[validate_partial_date],
    )  # fmt: skip
    quote = forms.CharField(
        label=gettext_lazy("Quotation"), required=False, max_length=5000, widget=forms.Textarea({"rows": 2, "dir": "auto"}),
        help_text=gettext_lazy("The words that prove it."),
    )  # fmt: skip
    reliability = forms.ChoiceField(
        label=gettext_lazy("Kind of source"),
        required=False,
        choices=[("", gettext_lazy("Not said")), *Reliability.choices],
    )
    confidential = forms.BooleanField(
        label=gettext_lazy("Confidential"), required=False,
        help_text=gettext_lazy("Read only by you, and by reviewers and administrators in scope."),
    )  # fmt: skip

    def clean_source_date(self) -> str:
        day: str = self.cleaned_data["source_date"]
        if day:
            check_source_date(day)
        return day

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        said = any(cleaned.get(name) for name in (*WORDS, "confidential"))
        if said and not cleaned.get("url") and not cleaned.get("files") and not {"url", "files"} & set(self.errors):
            self.add_error("url", _("Give an address or add a file; without one this is no source."))
        return cleaned

    @property
    def source(self) -> NewSource | None:
        """As tracking.services.progress takes it; None for an empty row."""
        if not self.has_changed() or not (self.cleaned_data.get("url") or self.cleaned_data.get("files")):
            return None
        fields = {name: self.cleaned_data[name] for name in (*WORDS, "confidential")}
        return NewSource(fields, self.cleaned_data["files"])

    @property
    def is_used(self) -> bool:
        return self.is_bound and self.has_changed()

    @property
    def has_more(self) -> bool:
        """Something stands in the fields that are folded away."""
        folded = ("publisher", "source_date", "quote", "reliability")
        return any(self[name].value() or self[name].errors for name in folded)


class BaseSourceFormSet(forms.BaseFormSet[SourceForm]):
    """Rows for new sources; empty ones are passed over."""

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        return {**super().get_form_kwargs(index), "use_required_attribute": False}

    @property
    def sources(self) -> list[NewSource]:
        return [source for form in self.forms if (source := form.source)]

    @property
    def sent_names(self) -> list[str]:
        """Names of the files that came with this form: a browser does not send them again by itself."""
        return [str(file.name) for form in self.forms for file in files_in(form)]


def files_in(form: SourceForm) -> list[UploadedFile[Any]]:
    files: Any = form.files
    return files.getlist(form.add_prefix("files")) if hasattr(files, "getlist") else []


SourceFormSet = forms.formset_factory(
    SourceForm, formset=BaseSourceFormSet, extra=3, max_num=20, absolute_max=20, validate_max=True
)


def source_rows(data: Mapping[str, Any] | None = None, files: Any = None) -> BaseSourceFormSet:
    """Rows as they came, or three empty ones."""
    return SourceFormSet(data, files, prefix="source")  # type: ignore[return-value]
