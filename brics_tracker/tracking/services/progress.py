"""Log progress in one step: an entry, its sources and the handing in are saved together or not at all."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from brics_tracker.tracking import access
from brics_tracker.tracking.choices import ReviewState
from brics_tracker.tracking.models import Evidence, TrackedItem, Update

from .changes import StaleVersion, lock_item, once
from .checks import Claim
from .evidence import add_evidence, join_evidence, leave_evidence
from .updates import FIELDS, begin_update, create_update, edit_update, stored_claims, submit_update

if TYPE_CHECKING:
    from brics_tracker.accounts.models import User


@dataclass(frozen=True, slots=True)
class NewSource:
    """A source as it was typed, with the files that came with it."""

    fields: Mapping[str, Any]
    files: Sequence[UploadedFile[Any]] = ()

    def key(self, form_key: uuid.UUID | None) -> uuid.UUID | None:
        """The same source of the same form again is the same source; None where no form can come again."""
        if form_key is None:
            return None
        told = [sorted((name, str(value)) for name, value in self.fields.items())]
        told.append([(str(file.name), str(file.size)) for file in self.files])
        return uuid.uuid5(form_key, repr(told))


@dataclass(frozen=True, slots=True)
class Entry:
    """What a person wrote on the form of an update.

    kept: evidence of the item that the update shall rest on. drawn: what stood ticked, and what each
    milestone was said to be (`claim_mark`), when the form was drawn; only what the person changed counts.
    """

    fields: Mapping[str, Any]
    claims: Sequence[Claim] = ()
    sources: Sequence[NewSource] = ()
    kept: Collection[Evidence] = ()
    drawn_evidence: Collection[int] = frozenset()
    drawn_claims: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Logged:
    """The update as it is saved; `refusal` says why it could not be handed in and stays a draft."""

    update: Update
    refusal: ValidationError | None = None


@transaction.atomic
def log_progress(item: TrackedItem, *, by: User, form_key: uuid.UUID | None, entry: Entry, submit: bool) -> Logged:
    """Make an update with its sources, and hand it in where asked.

    The same `form_key` again makes nothing new: it finds the update, and takes in what was changed on the
    form since. None: the caller sees to it that nothing is made twice. Raises ValidationError by field (then nothing is kept), PermissionDenied, StaleVersion.
    """
    item = lock_item(item.pk)
    access.require_of(access.may_log, by, item)
    made: list[Logged] = []

    def make() -> Update:
        update, refusal = begin_update(
            item, by=by, fields=entry.fields, claims=entry.claims, hand_in=submit,
            with_evidence=bool(entry.kept or entry.sources),
        )  # fmt: skip
        _join_sources(update, by=by, form_key=form_key, entry=entry)
        made.append(Logged(update, refusal))
        return update

    if form_key is None:
        make()
        return made[0]
    try:
        update = once(by, form_key, make)
    except ObjectDoesNotExist:
        # What this form made was deleted since; what is typed on it now is worth a new one.
        return log_progress(item, by=by, form_key=uuid.uuid5(form_key, "again"), entry=entry, submit=submit)
    if made:
        return made[0]
    if not isinstance(update, Update) or update.item_id != item.pk:
        raise ValidationError(_("This form was used for something else. Open the page again."), code="used_form")
    return _log_again(update, by=by, form_key=form_key, entry=entry, submit=submit)


def _log_again(update: Update, *, by: User, form_key: uuid.UUID, entry: Entry, submit: bool) -> Logged:
    """A form that came twice: nothing to do where it says the same, else an edit of what it made."""
    if update.is_editable:
        return revise_progress(update, by=by, version=1, form_key=form_key, entry=entry, submit=submit)
    if all(getattr(update, name) == value for name, value in entry.fields.items()):
        return Logged(update)
    raise ValidationError(
        _("You handed this in already, in other words. Withdraw it from review to change it."), code="handed_in"
    )


@transaction.atomic
def revise_progress(
    update: Update, *, by: User, version: int, form_key: uuid.UUID | None, entry: Entry, submit: bool
) -> Logged:
    """Change one's own draft or returned update and its sources, and hand it in where asked.

    Raises StaleVersion where another window changed the same fields or milestones, ValidationError by field.
    """
    lock_item(update.item_id)
    update = Update.objects.select_for_update(no_key=True).get(pk=update.pk)
    claims = _merge_claims(update, entry, stale=version != update.version)
    update = edit_update(update, by=by, version=version, fields=entry.fields, claims=claims)
    _leave_sources(update, by=by, entry=entry)
    _join_sources(update, by=by, form_key=form_key, entry=entry)
    return _hand_in(update, by=by, submit=submit)


@transaction.atomic
def correct_update(update: Update, *, by: User) -> Update:
    """A draft that says again what a published update says, to be corrected; one at a time for each author."""
    item = lock_item(update.item_id)
    access.require_of(access.may_log, by, item)
    update = Update.objects.get(pk=update.pk)
    if update.review_state != ReviewState.PUBLISHED:
        raise ValidationError(
            _("Only a published update can be corrected; this one is not, by now."), code="wrong_state"
        )
    underway = update.corrections.filter(
        author=by, review_state__in=[ReviewState.DRAFT, ReviewState.RETURNED, ReviewState.SUBMITTED]
    ).first()
    if underway is not None:
        return underway
    fields = {name: getattr(update, name) for name in FIELDS}
    draft = create_update(item, by=by, fields=fields, claims=stored_claims(update), corrects=update)
    join_evidence(draft, list(Evidence.objects.visible_to(by).filter(updates=update)), by=by)
    return draft


def claim_mark(claim: Claim | None) -> str:
    """A short mark of what is said of a milestone; "" for nothing. A form carries it to know what it was drawn from."""
    if claim is None:
        return ""
    told = f"{claim.kind} {claim.new_due or ''} {claim.reason.strip()}"
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _merge_claims(update: Update, entry: Entry, *, stale: bool) -> list[Claim]:
    """The claims as typed; of a stale form only those that the person changed, the rest as saved now."""
    if not stale:
        return list(entry.claims)
    mine = {claim.milestone.pk: claim for claim in entry.claims}
    theirs = {claim.milestone.pk: claim for claim in stored_claims(update)}
    merged, clashes = [], []
    for pk in dict.fromkeys([*theirs, *mine]):
        drawn, now, typed = entry.drawn_claims.get(pk, ""), claim_mark(theirs.get(pk)), claim_mark(mine.get(pk))
        if typed != drawn and now not in {drawn, typed}:
            clashes.append(pk)
        chosen = mine.get(pk) if typed != drawn else theirs.get(pk)
        if chosen is not None:
            merged.append(chosen)
    if clashes:
        raise StaleVersion(update, {}, [f"step-{pk}" for pk in clashes])
    return merged


def _leave_sources(update: Update, *, by: User, entry: Entry) -> None:
    """Take off what was ticked when the form was drawn and is not any more."""
    kept = {evidence.pk for evidence in entry.kept}
    gone = set(entry.drawn_evidence) - kept
    leave_evidence(update, Evidence.objects.visible_to(by).filter(updates=update, pk__in=gone), by=by)


def _join_sources(update: Update, *, by: User, form_key: uuid.UUID | None, entry: Entry) -> None:
    """Tie the chosen sources and the new ones to an update that was just written as `by`'s own."""
    join_evidence(update, [evidence for evidence in entry.kept if evidence.pk not in entry.drawn_evidence], by=by)
    new = [
        add_evidence(update.item, by=by, fields=source.fields, files=source.files, form_key=source.key(form_key))
        for source in entry.sources
    ]
    if new:
        update.evidence.add(*new)


def _hand_in(update: Update, *, by: User, submit: bool) -> Logged:
    """Hand it in; what it still lacks leaves it a draft, with all that was written and sent kept."""
    if not submit:
        return Logged(update)
    try:
        with transaction.atomic():
            return Logged(submit_update(update, by=by))
    except ValidationError as refusal:
        return Logged(Update.objects.get(pk=update.pk), refusal)
