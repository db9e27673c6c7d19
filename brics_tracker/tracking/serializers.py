"""What the rows of the spine hold, field by field: for the schema, and for the test that compares rows with it."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers as s

from .choices import ClaimKind, ItemKind, Phase, Priority, Proof, RelationKind, ReviewState
from .workflow import Status


def partial_date(text: Any, *, null: bool = True) -> s.CharField:
    return s.CharField(allow_null=null, help_text=text)


class CitationSerializer(s.Serializer[Any]):
    document = s.CharField(help_text=_("Key of the document."))
    paragraph = s.IntegerField(help_text=_("Number of the paragraph: its n-th line that is not blank, from 1."))


class AssigneeSerializer(s.Serializer[Any]):
    id = s.IntegerField(help_text=_("Number of the person."))
    name = s.CharField(help_text=_("Name of the person."))


class ItemSerializer(s.Serializer[Any]):
    """What every tracked item has."""

    reference = s.CharField(help_text=_("Reference, as EC-07 or M-012; never changes."))
    item_kind = s.ChoiceField(ItemKind.choices, help_text=_("Sort of item."))
    title = s.CharField(help_text=_("Title."))
    summary = s.CharField(help_text=_("Summary in our own words."))
    status = s.ChoiceField(Status.choices, help_text=_("Where it stands, by its published updates."))
    proof = s.ChoiceField(Proof.choices, help_text=_("How well the status is proved."))
    percent = s.FloatField(allow_null=True, help_text=_("Progress, 0 to 100; null where there is no data."))
    phase = s.ChoiceField(Phase.choices, allow_null=True, help_text=_("Phase of its plan; null where none is given."))
    priority = s.ChoiceField(Priority.choices, help_text=_("Priority."))
    lead_theme = s.CharField(help_text=_("Code of its lead theme."))
    themes = s.ListField(child=s.CharField(), help_text=_("Codes of all its themes."))
    owner = s.CharField(allow_null=True, help_text=_("Key of the organisation that owns it; null for none."))
    owner_confirmed = s.BooleanField(help_text=_("Whether someone confirmed the owner; otherwise it is a suggestion."))
    supporters = s.ListField(child=s.CharField(), help_text=_("Keys of organisations that support it."))
    all_members = s.BooleanField(help_text=_("Whether all members are responsible, whoever they are on the day."))
    members = s.ListField(
        child=s.CharField(), help_text=_("ISO codes of the responsible members; today's where all are.")
    )
    assignees = AssigneeSerializer(many=True, help_text=_("Who looks after it."))
    rhythm_days = s.IntegerField(
        help_text=_("Days after which it is stagnant without a substantive update, 1 to 1100.")
    )
    start_date = partial_date(_("Start: a year, month or day."))
    target_date = partial_date(_("Target: a year, month or day."))
    next_due = s.DateField(allow_null=True, help_text=_("When its next open milestone, or itself, is due."))
    overdue = s.BooleanField(help_text=_("Whether that day has passed."))
    stagnant = s.BooleanField(help_text=_("No substantive update for longer than its rhythm."))
    at_risk = s.BooleanField(help_text=_("Stagnant, or its milestones slipped repeatedly."))
    citations = CitationSerializer(many=True, help_text=_("Paragraphs on which it rests."))
    review_state = s.ChoiceField(
        ReviewState.choices, help_text=_("published, or the state of a draft that you may see.")
    )
    archived = s.BooleanField(help_text=_("Whether it is archived."))
    merged_into = s.CharField(
        allow_null=True, help_text=_("Reference of the item into which it was merged; null for none.")
    )
    updated_at = s.DateTimeField(help_text=_("When its record was last changed."))
    version = s.IntegerField(help_text=_("Counts its accepted edits."))
    url = s.URLField(help_text=_("Its address in this API."))
    page_url = s.URLField(help_text=_("Its page for people."))


class ClaimSerializer(s.Serializer[Any]):
    milestone = s.IntegerField(help_text=_("Number of the milestone."))
    kind = s.ChoiceField(ClaimKind.choices, help_text=_("Whether it is said to be completed or moved."))
    new_due = s.DateField(allow_null=True, help_text=_("The new day, where it is moved."))
    reason = s.CharField(help_text=_("Why it is moved."))


class UpdateSerializer(s.Serializer[Any]):
    """One entry of progress."""

    id = s.IntegerField(help_text=_("Its number."))
    item = s.CharField(help_text=_("Reference of its item."))
    happened = partial_date(_("When it happened: a year, month or day."), null=False)
    text = s.CharField(help_text=_("What happened, in Markdown."))
    status_claimed = s.ChoiceField(Status.choices, allow_null=True, help_text=_("The status it claims; null for none."))
    reason = s.CharField(help_text=_("Reason of a step back."))
    percent_claimed = s.FloatField(allow_null=True, help_text=_("The progress it claims, 0 to 100; null for none."))
    milestones = ClaimSerializer(many=True, help_text=_("What it says of milestones."))
    no_change = s.BooleanField(help_text=_("Says only that nothing changed in the period."))
    wording_only = s.BooleanField(help_text=_("Corrects wording only."))
    corrects = s.IntegerField(allow_null=True, help_text=_("Number of the update that it corrects."))
    evidence = s.ListField(child=s.IntegerField(), help_text=_("Numbers of its sources, as far as you may read them."))
    evidence_checked = s.BooleanField(help_text=_("Whether the reviewer checked the evidence."))
    review_state = s.ChoiceField(
        ReviewState.choices, help_text=_("published, corrected or retracted; or a draft you may see.")
    )
    author = s.CharField(help_text=_("Who wrote it."))
    submitted_at = s.DateTimeField(allow_null=True, help_text=_("When it was handed in."))
    published_at = s.DateTimeField(allow_null=True, help_text=_("When it was published."))
    published_by = s.CharField(allow_null=True, help_text=_("Who published it."))
    retracted_at = s.DateTimeField(allow_null=True, help_text=_("When it was retracted."))
    retraction_reason = s.CharField(help_text=_("Why it was retracted."))
    version = s.IntegerField(help_text=_("Counts its accepted edits."))


class CommentSerializer(s.Serializer[Any]):
    """Something said about an item or one of its updates."""

    id = s.IntegerField(help_text=_("Its number."))
    item = s.CharField(help_text=_("Reference of its item."))
    update = s.IntegerField(  # type: ignore[assignment]
        allow_null=True, help_text=_("Number of the update that it is about; null for the item.")
    )
    author = s.CharField(help_text=_("Who wrote it."))
    author_handle = s.CharField(help_text=_("The handle by which its author can be mentioned."))
    text = s.CharField(help_text=_("What was said, in Markdown; empty once its author removed it."))
    created_at = s.DateTimeField(help_text=_("When it was said."))
    updated_at = s.DateTimeField(help_text=_("When it was last changed."))
    removed_at = s.DateTimeField(allow_null=True, help_text=_("When its author removed it; null while it stands."))
    version = s.IntegerField(help_text=_("Counts its accepted edits."))


class MoveSerializer(s.Serializer[Any]):
    old_due = s.DateField(allow_null=True, help_text=_("The day before."))
    new_due = s.DateField(allow_null=True, help_text=_("The day after."))
    reason = s.CharField(help_text=_("Why."))
    at = s.DateTimeField(help_text=_("When it was moved."))


class MilestoneSerializer(s.Serializer[Any]):
    """One step of the plan."""

    id = s.IntegerField(help_text=_("Its number."))
    item = s.CharField(help_text=_("Reference of its item."))
    title = s.CharField(help_text=_("Title."))
    owner = s.CharField(allow_null=True, help_text=_("Key of the organisation that owns it; null for none."))
    weight = s.IntegerField(help_text=_("Its share of the whole relative to the others, 1 to 100."))
    due = s.DateField(allow_null=True, help_text=_("When it is due; null while undated."))
    confirmed = s.BooleanField(help_text=_("Whether it counts: steps from a template don't until confirmed."))
    from_template = s.BooleanField(help_text=_("Whether it came from a template."))
    completed_on = partial_date(_("When it was completed; null while it is open."))
    moves = MoveSerializer(many=True, help_text=_("Every move of its due date, with the reason."))
    position = s.IntegerField(help_text=_("Its place in the plan."))
    version = s.IntegerField(help_text=_("Counts its accepted edits."))


class FileSerializer(s.Serializer[Any]):
    id = s.IntegerField(help_text=_("Number of the file."))
    name = s.CharField(help_text=_("Name, as its author called it."))
    size = s.IntegerField(help_text=_("Bytes."))
    media_type = s.CharField(help_text=_("Type by content."))
    sha256 = s.CharField(help_text=_("SHA-256 of the content."))
    url = s.URLField(help_text=_("Where it can be fetched."))


class EvidenceSerializer(s.Serializer[Any]):
    """One source."""

    id = s.IntegerField(help_text=_("Its number."))
    title = s.CharField(help_text=_("Title."))
    url = s.URLField(allow_null=True, help_text=_("Web address; null for none."))
    publisher = s.CharField(help_text=_("Publisher."))
    source_date = partial_date(_("Date of the source: a year, month or day."))
    accessed = s.DateField(allow_null=True, help_text=_("When it was read."))
    quote = s.CharField(help_text=_("Quotation."))
    language = s.CharField(help_text=_("Language code."))
    reliability = s.CharField(allow_null=True, help_text=_("How reliable it is: official, media, expert or other."))
    confidential = s.BooleanField(help_text=_("Read only by its author, reviewers and administrators in scope."))
    updates = s.ListField(
        child=s.IntegerField(), help_text=_("Numbers of the updates that use it, as far as you may see them.")
    )
    files = FileSerializer(many=True, help_text=_("Its files."))
    added_by = s.CharField(help_text=_("Who added it."))
    created_at = s.DateTimeField(help_text=_("When it was added."))
    version = s.IntegerField(help_text=_("Counts its accepted edits."))


class RelationSerializer(s.Serializer[Any]):
    """A tie to another item."""

    id = s.IntegerField(help_text=_("Its number."))
    kind = s.ChoiceField(RelationKind.choices, help_text=_("Sort of tie."))
    direction = s.ChoiceField(
        [("out", _("this item → other")), ("in", _("other → this item"))], help_text=_("How to read it.")
    )
    reference = s.CharField(help_text=_("The other item."))
    title = s.CharField(help_text=_("The other item's title."))
    item_kind = s.ChoiceField(ItemKind.choices, help_text=_("The other item's sort."))
    note = s.CharField(help_text=_("Note."))
    url = s.URLField(help_text=_("The other item's address in this API."))


class StatusChangeSerializer(s.Serializer[Any]):
    """What was shown from when until when."""

    since = s.DateTimeField(help_text=_("Shown from."))
    until = s.DateTimeField(allow_null=True, help_text=_("Shown until; null for what is shown now."))
    status = s.ChoiceField(Status.choices, help_text=_("Status."))
    proof = s.ChoiceField(Proof.choices, help_text=_("Proof."))
    percent = s.FloatField(allow_null=True, help_text=_("Progress, 0 to 100; null where there was no data."))
    happened = partial_date(_("When what led to it happened."))
    by = s.CharField(help_text=_("Who published it."))
    update = s.IntegerField(allow_null=True, help_text=_("Number of the update that led to it."))  # type: ignore[assignment]


class ChangeSerializer(s.Serializer[Any]):
    field = s.CharField(help_text=_("The field, in words."))
    before = s.CharField(help_text=_("Its value before, in words."))
    after = s.CharField(help_text=_("Its value after, in words."))


class TrailSerializer(s.Serializer[Any]):
    """One recorded change, in words."""

    at = s.DateTimeField(help_text=_("When."))
    by = s.CharField(help_text=_("Who."))
    what = s.CharField(help_text=_("What was changed; empty for the item itself."))
    act = s.CharField(help_text=_("Added, changed or removed."))
    reason = s.CharField(help_text=_("Why, where a reason was given."))
    changes = ChangeSerializer(many=True, help_text=_("What differs."))


class DocumentSerializer(s.Serializer[Any]):
    """A source or outcome document."""

    key = s.CharField(help_text=_("Key, as article-2023."))
    title = s.CharField(help_text=_("Title."))
    publisher = s.CharField(help_text=_("Publisher."))
    author = s.CharField(help_text=_("Author."))
    date = partial_date(_("Date: a year, month or day."))
    language = s.CharField(help_text=_("Language code."))
    address = s.URLField(allow_null=True, help_text=_("Web address; null for none."))
    note = s.CharField(help_text=_("Note."))
    paragraphs = s.IntegerField(help_text=_("How many paragraphs it has."))
    url = s.URLField(help_text=_("Its address in this API."))
    page_url = s.URLField(help_text=_("Its page for people."))


class PassageSerializer(s.Serializer[Any]):
    """One paragraph of a document."""

    number = s.IntegerField(help_text=_("Its number: the n-th line that is not blank, from 1."))
    level = s.IntegerField(help_text=_("0 body, 1 title, 2 part, 3 section."))
    heading = s.CharField(help_text=_("The document's own heading."))
    summary = s.CharField(help_text=_("What it says, in our own words."))
    asks = s.BooleanField(help_text=_("Whether it asks for something."))
    reason = s.CharField(help_text=_("Why it asks for nothing."))
    tracked_url = s.URLField(help_text=_("Address in this API of the items that cite it."))
