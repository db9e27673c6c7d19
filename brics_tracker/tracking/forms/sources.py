"""New sources of an update: rows for an address and files; and the choice among what is on record."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import URLValidator
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from brics_tracker.accounts.drafts import files as kept
from brics_tracker.accounts.drafts.files import as_upload
from brics_tracker.core.forms import TrackerForm
from brics_tracker.core.partial_dates import first_day, validate_partial_date
from brics_tracker.core.uploads import KINDS, check_upload
from brics_tracker.tracking.choices import Reliability
from brics_tracker.tracking.models import Evidence, today
from brics_tracker.tracking.services.progress import NewSource

from .items import PartialDateInput

if TYPE_CHECKING:
    from brics_tracker.accounts.models import KeptFile, User

ACCEPTED = ",".join(f".{suffix}" for suffix in KINDS)
# The words of a row without which its files and switches say nothing.
PROOF = ("url", "files", "kept")
WORDS = ("url", "title", "publisher", "source_date", "quote", "reliability")


class KeptFiles:
    """The files that are kept of one person's form: which stand on which row, and which could not be kept."""

    def __init__(self, user: User | None = None, address: str = "") -> None:
        self.user, self.address = user, address
        self.lost: list[str] = []  # names of files that have to be chosen again
        self._fresh: dict[str, list[KeptFile]] = {}  # kept just now, by row

    @cached_property
    def waiting(self) -> list[KeptFile]:
        """Everything that is kept and was not saved."""
        return list(kept.kept_files(self.user, self.address)) if self.user and self.address else []

    def named(self, numbers: Collection[int]) -> list[KeptFile]:
        return kept.files_to_send(self.user, self.address, numbers) if self.user and self.address else []

    def of(self, row: SourceForm) -> list[KeptFile]:
        """Of a row as it was sent: what was ticked, and what came with it. Of a new one: what is kept of it."""
        if row.is_bound:
            ticked = row.cleaned_data.get("kept") or [] if hasattr(row, "cleaned_data") else []
            found = [*ticked, *self._fresh.get(str(row.prefix), ())]
            return list({each.pk: each for each in found}.values())
        last = f"source-{SourceFormSet.extra - 1}"
        rows = {f"source-{number}" for number in range(SourceFormSet.extra)}
        return [each for each in self.waiting if (each.field if each.field in rows else last) == row.prefix]

    def keep(self, rows: BaseSourceFormSet, shown: Collection[str]) -> None:
        """Keep what came with a form that is not saved, and let go what its author took the tick from."""
        if self.user is None or not self.address:
            return
        ticked = {each.pk for row in rows.forms for each in self.of(row)}
        taken_off = {int(pk) for pk in shown if pk.isascii() and pk.isdigit() and len(pk) < 19} - ticked
        kept.let_go(self.user, self.address, taken_off)
        for row in rows.forms:
            for file in files_in(row):
                try:
                    found = kept.keep_file(by=self.user, address=self.address, field=str(row.prefix), file=file)
                except ValidationError:
                    self.lost.append(str(file.name))
                else:
                    self._fresh.setdefault(str(row.prefix), []).append(found)


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


class KeptFilesField(forms.Field):
    """Files that an earlier sending of this form left with us, by their numbers; `read` gives the rows."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, read: Callable[[Collection[int]], list[KeptFile]] = lambda numbers: []) -> None:
        super().__init__(label=gettext_lazy("Kept files"), required=False)
        self.read = read

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(data)

    def clean(self, value: Any) -> list[KeptFile]:
        numbers = {int(pk) for pk in value or [] if pk.isascii() and pk.isdigit() and len(pk) < 19}
        rows = self.read(numbers) if numbers else []
        if len(rows) < len(value or []):
            raise ValidationError(_("A file that was kept here is not there any more. Choose it again."))
        return rows


class SourceForm(TrackerForm):
    """A new source: an address, files, or both. An empty row is no source."""

    kept = KeptFilesField()

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

    def __init__(self, *args: Any, kept: KeptFiles | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kept_files = kept or KeptFiles()
        self.fields["kept"].read = self.kept_files.named  # type: ignore[attr-defined]

    @property
    def kept_here(self) -> list[KeptFile]:
        """The kept files of this row, to be drawn with a tick each."""
        return self.kept_files.of(self)

    def clean_source_date(self) -> str:
        day: str = self.cleaned_data["source_date"]
        if day:
            check_source_date(day)
        return day

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        said = any(cleaned.get(name) for name in (*WORDS, "confidential"))
        proof = any(cleaned.get(name) for name in PROOF)
        if said and not proof and not set(PROOF) & set(self.errors):
            self.add_error("url", _("Give an address or add a file; without one this is no source."))
        return cleaned

    @property
    def source(self) -> NewSource | None:
        """As tracking.services.progress takes it; None for an empty row."""
        if not self.has_changed() or not any(self.cleaned_data.get(name) for name in PROOF):
            return None
        fields = {name: self.cleaned_data[name] for name in (*WORDS, "confidential")}
        kept = [as_upload(row) for row in self.cleaned_data["kept"]]
        return NewSource(fields, [*kept, *self.cleaned_data["files"]])

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


def files_in(form: SourceForm) -> list[UploadedFile[Any]]:
    files: Any = form.files
    return files.getlist(form.add_prefix("files")) if hasattr(files, "getlist") else []


SourceFormSet = forms.formset_factory(
    SourceForm, formset=BaseSourceFormSet, extra=3, max_num=20, absolute_max=20, validate_max=True
)


def source_rows(
    data: Mapping[str, Any] | None = None, files: Any = None, *, kept: KeptFiles | None = None
) -> BaseSourceFormSet:
    """Rows as they came, or three empty ones; with the files that are kept of them."""
    return SourceFormSet(data, files, prefix="source", form_kwargs={"kept": kept})  # type: ignore[return-value]
