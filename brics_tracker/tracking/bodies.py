"""What programs send, field by field: its types and names. What else must hold, the services say."""

from __future__ import annotations

from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers as s

from brics_tracker.accounts.models import User
from brics_tracker.accounts.selectors import assignable_people
from brics_tracker.core.api_writing import Body as Body
from brics_tracker.core.api_writing import TextField
from brics_tracker.core.models import Member, Organisation, Theme
from brics_tracker.core.partial_dates import validate_partial_date
from brics_tracker.core.text import clean_text

from .choices import ClaimKind, MergeChoice, Phase, PlanChoice, Priority, RelationKind, Reliability
from .forms.citations import passages_of
from .forms.plan import check_due
from .forms.sources import check_source_date, is_web_address
from .models import Document, Passage
from .plans import PLANS
from .workflow import Status

MOST = 100  # in any list that is sent


def is_web_address_or_none(text: str) -> None:
    """Refuse what is not empty and no address of the web."""
    if text:
        is_web_address(text)


class Line(TextField):
    """One line of text, cleaned as in a form; null is the empty one where that is allowed."""

    def validate_empty_values(self, data: Any) -> tuple[bool, Any]:
        return (True, "") if data is None and self.allow_null else super().validate_empty_values(data)

    def to_internal_value(self, data: Any) -> str:
        return clean_text(super().to_internal_value(data))


class Text(Line):
    """Text of several lines."""


class Word(s.ChoiceField):
    """One word of a list; null is the empty one."""

    def validate_empty_values(self, data: Any) -> tuple[bool, Any]:
        return (True, "") if data is None and self.allow_null else super().validate_empty_values(data)


class PartialDate(Line):
    def __init__(self, **more: Any) -> None:
        super().__init__(max_length=10, validators=[validate_partial_date], **more)


class Key(TextField):
    """The row that a key names."""

    def __init__(self, model: type[Model], name: str, **more: Any) -> None:
        super().__init__(**more)
        self.model, self.name = model, name

    def to_internal_value(self, data: Any) -> Any:
        return rows_named(self.model, self.name, [clean_text(super().to_internal_value(data))])[0]


class Keys(s.ListField):
    """The rows that keys name, each once."""

    def __init__(self, model: type[Model], name: str, **more: Any) -> None:
        super().__init__(child=Line(max_length=60), max_length=MOST, **more)
        self.model, self.name = model, name

    def to_internal_value(self, data: Any) -> list[Any]:
        return rows_named(self.model, self.name, super().to_internal_value(data))


class Numbers(s.ListField):
    """Numbers of rows, each once."""

    def __init__(self, **more: Any) -> None:
        child = s.IntegerField(min_value=1, max_value=2**31 - 1)
        super().__init__(child=child, max_length=MOST, **more)

    def to_internal_value(self, data: Any) -> list[int]:
        return list(dict.fromkeys(super().to_internal_value(data)))


class People(Numbers):
    """The people with these numbers who can be given something to do: those who can sign in."""

    def to_internal_value(self, data: Any) -> list[Any]:
        numbers = super().to_internal_value(data)
        found = {person.pk: person for person in assignable_people().filter(pk__in=numbers)}
        if missing := [number for number in numbers if number not in found]:
            words = {"keys": ", ".join(map(str, missing[:10]))}
            raise s.ValidationError(_("There is nobody with the number %(keys)s.") % words)
        return [found[number] for number in numbers]


def rows_named(model: type[Model], name: str, keys: list[str]) -> list[Any]:
    """The rows with these keys, in their order, each once; a ValidationError names the keys of none."""
    found = {getattr(row, name): row for row in model._default_manager.filter(**{f"{name}__in": keys})}
    if missing := [key for key in keys if key not in found]:
        raise s.ValidationError(_("There is no %(keys)s.") % {"keys": ", ".join(missing[:10])})
    return [found[key] for key in dict.fromkeys(keys)]


class CitationBody(Body):
    document = Line(max_length=60, help_text=gettext_lazy("Key of the document."))
    paragraph = s.IntegerField(
        min_value=1, max_value=100_000, help_text=gettext_lazy("Number of the paragraph, from 1.")
    )


class Citations(s.ListField):
    """The paragraphs named."""

    child = CitationBody()

    def to_internal_value(self, data: Any) -> list[Passage]:
        numbers: dict[str, list[int]] = {}
        for each in super().to_internal_value(data):
            numbers.setdefault(each["document"], []).append(each["paragraph"])
        documents = rows_named(Document, "key", list(numbers))
        return [passage for row in documents for passage in passages_of(row, list(dict.fromkeys(numbers[row.key])))]


class ItemBody(Body):
    """What every item can be sent."""

    title = Line(max_length=200, help_text=gettext_lazy("Title."))
    summary = Text(
        max_length=4000, allow_blank=True, required=False, help_text=gettext_lazy("Summary in your own words.")
    )
    lead_theme = Key(Theme, "code", help_text=gettext_lazy("Code of its lead theme."))
    themes = Keys(
        Theme, "code", required=False, help_text=gettext_lazy("Codes of its themes; the lead theme always is one.")
    )
    owner = Key(
        Organisation, "key", allow_null=True, required=False,
        help_text=gettext_lazy("Key of the organisation that owns it; null for none."),
    )  # fmt: skip
    supporters = Keys(
        Organisation, "key", required=False, help_text=gettext_lazy("Keys of organisations that support it.")
    )
    all_members = s.BooleanField(required=False, help_text=gettext_lazy("Whether all members are responsible."))
    members = Keys(Member, "code", required=False, help_text=gettext_lazy("ISO codes of the responsible members."))
    phase = Word(
        Phase.choices, allow_null=True, required=False, help_text=gettext_lazy("Phase of its plan; null for none.")
    )
    priority = s.ChoiceField(Priority.choices, required=False, help_text=gettext_lazy("Priority."))
    start_date = PartialDate(
        allow_null=True, required=False, help_text=gettext_lazy("Start: a year, month or day; null for none.")
    )
    target_date = PartialDate(
        allow_null=True, required=False, help_text=gettext_lazy("Target: a year, month or day; null for none.")
    )
    rhythm_days = s.IntegerField(
        min_value=1, max_value=1100, required=False,
        help_text=gettext_lazy("Days after which it is stagnant without a substantive update, 1 to 1100."),
    )  # fmt: skip
    assignees = People(required=False, help_text=gettext_lazy("Numbers of the people who look after it."))
    citations = Citations(required=False, max_length=MOST, help_text=gettext_lazy("All paragraphs on which it rests."))


class NewItem(s.Serializer[Any]):
    """What only a new item is sent."""

    plan = s.ChoiceField(
        list(PLANS), required=False, help_text=gettext_lazy("Template of its plan; its steps count once confirmed.")
    )
    submit = s.BooleanField(required=False, help_text=gettext_lazy("Hand it in for review at once."))


class ClaimBody(Body):
    milestone = s.IntegerField(min_value=1, max_value=2**31 - 1, help_text=gettext_lazy("Number of the milestone."))
    kind = s.ChoiceField(ClaimKind.choices, help_text=gettext_lazy("Whether it was completed or moved."))
    new_due = s.DateField(
        required=False, validators=[check_due], help_text=gettext_lazy("The new day, where it is moved.")
    )
    reason = Line(max_length=500, required=False, help_text=gettext_lazy("Why it is moved."))


class SourceFields(Body):
    """What every source can be sent."""

    title = Line(max_length=300, required=False, help_text=gettext_lazy("Title; left out, the address."))
    publisher = Line(max_length=200, required=False, help_text=gettext_lazy("Publisher."))
    source_date = PartialDate(required=False, help_text=gettext_lazy("Date of the source: a year, month or day."))
    quote = Text(max_length=5000, required=False, help_text=gettext_lazy("The words that prove it."))
    reliability = s.ChoiceField(
        Reliability.choices,
        required=False,
        help_text=gettext_lazy("How reliable it is: official, media, expert or other."),
    )
    confidential = s.BooleanField(
        required=False, help_text=gettext_lazy("Read only by you, and by reviewers and administrators in scope.")
    )

    def validate_source_date(self, day: str) -> str:
        if day:
            check_source_date(day)
        return day


class SourceBody(SourceFields):
    """A source that comes with an update."""

    url = Line(max_length=1000, validators=[is_web_address], help_text=gettext_lazy("Web address."))


class EvidenceBody(SourceFields):
    """A source as it is changed."""

    url = Line(
        max_length=1000, allow_blank=True, required=False, validators=[is_web_address_or_none],
        help_text=gettext_lazy("Web address; left out where files are sent."),
    )  # fmt: skip
    language = Line(max_length=10, allow_blank=True, required=False, help_text=gettext_lazy("Language code."))


class FilesBody(Body):
    """Files, as multipart/form-data."""

    files = s.ListField(
        child=s.FileField(allow_empty_file=True, max_length=255), max_length=20, help_text=gettext_lazy("The files.")
    )


class NewEvidenceBody(EvidenceBody):
    """A new source: JSON, or with files multipart/form-data."""

    files = s.ListField(
        child=s.FileField(allow_empty_file=True, max_length=255), max_length=20, required=False,
        help_text=gettext_lazy("Files, where it is sent as multipart/form-data."),
    )  # fmt: skip
    update = s.IntegerField(  # type: ignore[assignment] # a field of this name, not the serializer's method
        min_value=1, max_value=2**31 - 1, required=False,
        help_text=gettext_lazy("Number of an update of your own that is still being written, to rest on it."),
    )  # fmt: skip


class UpdateBody(Body):
    """What an update can be sent."""

    happened = PartialDate(help_text=gettext_lazy("When it happened: a year, month or day."))
    text = Text(
        max_length=20_000, allow_blank=True, required=False, help_text=gettext_lazy("What happened, in Markdown.")
    )
    status_claimed = Word(
        Status.choices, allow_null=True, required=False, help_text=gettext_lazy("The status it claims; null for none.")
    )
    reason = Line(max_length=500, allow_blank=True, required=False, help_text=gettext_lazy("Reason of a step back."))
    percent_claimed = s.DecimalField(
        max_digits=5, decimal_places=2, min_value=0, max_value=100, allow_null=True, required=False,
        coerce_to_string=False, help_text=gettext_lazy("The progress it claims, 0 to 100; null for none."),
    )  # fmt: skip
    no_change = s.BooleanField(required=False, help_text=gettext_lazy("Nothing changed in the period."))
    milestones = s.ListField(
        child=ClaimBody(), max_length=MOST, required=False, help_text=gettext_lazy("All that it says of milestones.")
    )
    wording_only = s.BooleanField(required=False, help_text=gettext_lazy("Corrects wording only; of a correction."))
    evidence = Numbers(
        required=False, help_text=gettext_lazy("Numbers of all sources on record of the item that it rests on.")
    )
    sources = s.ListField(
        child=SourceBody(), max_length=20, required=False, help_text=gettext_lazy("New sources that it rests on.")
    )


class NewUpdateBody(UpdateBody):
    """A new entry of progress."""

    submit = s.BooleanField(required=False, help_text=gettext_lazy("Hand it in for review at once."))


class MilestoneBody(Body):
    """A step of the plan."""

    title = Line(max_length=200, help_text=gettext_lazy("Title."))
    owner = Key(
        Organisation, "key", allow_null=True, required=False,
        help_text=gettext_lazy("Key of the organisation that owns it; null for that of the item."),
    )  # fmt: skip
    weight = s.IntegerField(
        min_value=1,
        max_value=100,
        required=False,
        help_text=gettext_lazy("Its share relative to the others, 1 to 100."),
    )
    due = s.DateField(
        allow_null=True,
        required=False,
        validators=[check_due],
        help_text=gettext_lazy("When it is due; null while undated."),
    )
    confirmed = s.BooleanField(
        required=False, help_text=gettext_lazy("Whether it counts; reviewers and administrators say so.")
    )


class ChangedMilestoneBody(MilestoneBody):
    """A change of a step; a move of a confirmed date comes with its reason."""

    reason = Line(max_length=500, required=False, help_text=gettext_lazy("Why a confirmed date is moved."))


class RelationBody(Body):
    """A tie from this item to another."""

    kind = s.ChoiceField(RelationKind.choices, help_text=gettext_lazy("Sort of tie: this item … the other."))
    target = Line(max_length=12, help_text=gettext_lazy("Reference of the other item."))
    note = Line(max_length=300, allow_blank=True, required=False, help_text=gettext_lazy("Note."))


class CommentBody(Body):
    """Something to say."""

    text = Text(max_length=5000, help_text=gettext_lazy("What is said, in Markdown; @handle tells that person."))


class NewCommentBody(CommentBody):
    update = s.IntegerField(  # type: ignore[assignment]
        min_value=1, max_value=2**31 - 1, allow_null=True, required=False,
        help_text=gettext_lazy("Number of the update that it is about; null for the item."),
    )  # fmt: skip


class ReviewerBody(Body):
    """Whom to ask."""

    reviewer = Key(User, "handle", help_text=gettext_lazy("Handle of the reviewer."))


class NoBody(Body):
    """Nothing needs to be sent."""


class ReasonBody(Body):
    """Why: kept with the act."""

    reason = Text(max_length=500, help_text=gettext_lazy("The reason, which is kept and shown."))


class MergeBody(ReasonBody):
    """Which item is merged into the one of the address, and whose values stay."""

    merge = Line(max_length=12, help_text=gettext_lazy("Reference of the item that is merged into this one."))
    merge_version = s.IntegerField(
        min_value=1, max_value=2**31 - 1, help_text=gettext_lazy("The version of that item as you read it.")
    )
    values = s.DictField(
        child=s.ChoiceField(MergeChoice.choices), required=False,
        help_text=gettext_lazy("By field: keep, other, or (of themes, supporters, members and assignees) both. Left out: keep; of assignees: both."),
    )  # fmt: skip
    steps = s.ChoiceField(
        PlanChoice.choices, required=False, help_text=gettext_lazy("Whether the other's steps are added; keep, if left out.")
    )  # fmt: skip


class PartBody(Body):
    """One part of an item that is split."""

    title = Line(max_length=200, help_text=gettext_lazy("Its title."))
    summary = Text(
        max_length=4000, allow_blank=True, required=False, help_text=gettext_lazy("Its summary; left out, that of the whole.")
    )  # fmt: skip
    citations = Citations(
        required=False, max_length=MOST, help_text=gettext_lazy("Paragraphs on which it rests, of those of the whole.")
    )
    updates = s.ListField(
        child=s.IntegerField(min_value=1, max_value=2**31 - 1), max_length=1000, required=False,
        help_text=gettext_lazy("Numbers of the updates that go to it, with their evidence."),
    )  # fmt: skip
    milestones = s.ListField(
        child=s.IntegerField(min_value=1, max_value=2**31 - 1), max_length=MOST, required=False,
        help_text=gettext_lazy("Numbers of the steps that go to it."),
    )  # fmt: skip


class SplitBody(ReasonBody):
    """The parts of an item; what goes to none stays."""

    parts = s.ListField(child=PartBody(), max_length=8, help_text=gettext_lazy("Each part, which gets a reference."))
    keeps = Citations(
        required=False, max_length=MOST, help_text=gettext_lazy("Paragraphs on which the item still rests; all, if left out.")
    )  # fmt: skip
    archive = s.BooleanField(required=False, help_text=gettext_lazy("Archive the item; its parts then succeed it."))


class PublishBody(Body):
    """What the reviewer says of it."""

    evidence_checked = s.BooleanField(
        required=False, help_text=gettext_lazy("You opened the evidence and it says this: the proof is “verified”.")
    )
