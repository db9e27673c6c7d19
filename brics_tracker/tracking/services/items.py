"""Items themselves: entering, editing, handing in, publishing, archiving; owners confirmed, ties made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from brics_tracker.accounts import access as grants
from brics_tracker.accounts.notices.services import tell_soon
from brics_tracker.core.models import Theme
from brics_tracker.core.partial_dates import first_day, last_day
from brics_tracker.tracking import access
from brics_tracker.tracking.choices import ItemKind, RelationKind, ReviewState
from brics_tracker.tracking.models import (
    Citation,
    Passage,
    ReferenceCounter,
    Relation,
    ReviewReturn,
    TrackedItem,
    today,
)
from brics_tracker.tracking.workflow import WORKFLOWS

from .changes import add, check_version, lock_item, remove, write
from .checks import check_four_eyes, require_reason
from .conversation import RETURNS
from .state import refresh_item

if TYPE_CHECKING:
    from brics_tracker.accounts.access import Actor
    from brics_tracker.accounts.models import User

NO_SUCH_ITEM = gettext_lazy("There is no item %(reference)s.")  # said alike of what is not there and what is not seen
PREFIXES = {ItemKind.MECHANISM: ("M", 3), ItemKind.ACTIVITY: ("A", 3)}
FIELDS = frozenset({
    "title", "summary", "lead_theme", "themes", "owner", "owner_confirmed", "owner_reason", "supporters", "members",
    "all_members", "assignees", "priority", "phase", "start_date", "target_date", "rhythm_days",
})  # fmt: skip
LINKS = frozenset({"themes", "supporters", "members", "assignees"})
CITING = frozenset({ItemKind.PROPOSAL})  # kinds that always rest on a paragraph of a document
_NO_SOURCE = gettext_lazy(
    "Name the paragraph that this comes from. If its document is not among those to choose from, an administrator "
    "can add it; a draft can wait for that."
)


@transaction.atomic
def add_item(kind: str, *, by: User, fields: Mapping[str, Any], entered: bool = False) -> TrackedItem:
    """A draft item with the next reference of its lead theme (proposals) or kind. Called by each kind's own service.

    `entered`: public at once, without review; the marked system actor's exception (catalogue, generated data).
    Raises ValidationError by field; at `lead_theme`, else at `themes`, where the person's grants do not
    cover the themes and members chosen.
    """
    values, links = _split(fields)
    lead: Theme = values["lead_theme"]
    links["themes"] = with_lead(links.get("themes", []), lead)
    check_item(values)
    _check_lead(by, lead)
    _check_covered(by, links["themes"], links.get("members", []), all_members=bool(values.get("all_members")))
    # A new item's owner is a suggestion; only the catalogue enters one that its source names.
    access.require(by.is_system or not values.get("owner_confirmed"))
    access.require(by.is_system or not entered)
    return _enter(ItemKind(kind), by=by, values=values, links=links, public=entered)


def add_part(origin: TrackedItem, *, by: User, title: str, summary: str) -> TrackedItem:
    """A new item beside a locked public one that is split, with the same people, themes and dates; public as that is."""
    own = {"title", "summary"}
    values = {name: getattr(origin, name) for name in FIELDS - LINKS - own} | {"title": title, "summary": summary}
    links = {name: list(getattr(origin, name).all()) for name in LINKS}
    return _enter(ItemKind(origin.item_kind), by=by, values=values, links=links, public=True)


def _enter(
    kind: ItemKind, *, by: User, values: Mapping[str, Any], links: Mapping[str, Sequence[Any]], public: bool
) -> TrackedItem:
    """Insert an item under the next reference of its lead theme or kind."""
    prefix, width = PREFIXES.get(kind, (values["lead_theme"].code[:2], 2))
    number = _next_number(prefix)
    item = TrackedItem(
        item_kind=kind, reference=f"{prefix}-{number:0{width}d}", reference_prefix=prefix, reference_number=number,
        author=by, status=WORKFLOWS[kind].first, **values,
    )  # fmt: skip
    if public:
        item.review_state, item.published_by = ReviewState.PUBLISHED, by
        item.published_at, item.tracked_since = timezone.now(), today()
    return add(item, by=by, **links)


@transaction.atomic
def edit_item(
    item: TrackedItem, *, by: User, version: int | None, changes: Mapping[str, Any], as_before: bool = False
) -> TrackedItem:
    """Change an item's text, people and dates. Only what really differs is written.

    `as_before`: an undo brings back what stood here, an owner with or without the confirmation that an overseer gave.
    Raises StaleVersion where someone else changed one of the same fields since `version`, ValidationError
    by field, PermissionDenied where the grants do not cover the item as it is.
    """
    item = lock_item(item.pk)
    access.require_of(access.may_edit, by, item)
    values, links = _split(changes)
    if "lead_theme" in values or "themes" in links:
        lead = values.get("lead_theme", item.lead_theme)
        links["themes"] = with_lead(links.get("themes", list(item.themes.all())), lead)
    wanted = check_version(item, version, {**values, **links})
    if not wanted:
        return item
    check_item({**{name: getattr(item, name) for name in ("start_date", "target_date")}, **wanted})
    if "lead_theme" in wanted:
        _check_lead(by, wanted["lead_theme"])
    _check_covered(
        by,
        list(wanted.get("themes", item.themes.all())),
        list(wanted.get("members", item.members.all())),
        all_members=wanted.get("all_members", item.all_members),
    )
    may_confirm = access.may_confirm(by, item)
    if as_before:
        pass
    elif "owner" in wanted and "owner_confirmed" not in wanted:
        # Whoever may confirm an owner confirms the one they choose; an analyst's choice is a suggestion.
        wanted["owner_confirmed"] = wanted["owner"] is not None and may_confirm
    elif "owner_confirmed" in wanted:
        access.require(may_confirm)
    return refresh_item(item, by=by, **wanted)


@transaction.atomic
def submit_item(item: TrackedItem, *, by: User) -> TrackedItem:
    """Hand a draft or returned item in for review. A proposal without a citation is refused at `citations`."""
    item = lock_item(item.pk)
    if item.author_id != by.pk:
        access.require_of(access.may_edit, by, item)
    if item.review_state == ReviewState.SUBMITTED:
        return item
    _require_state(item, ReviewState.DRAFT, ReviewState.RETURNED)
    if item.item_kind in CITING and not item.citations.exists():
        raise ValidationError({"citations": _NO_SOURCE})
    return write(item, by=by, review_state=ReviewState.SUBMITTED, submitted_at=timezone.now())


@transaction.atomic
def withdraw_item(item: TrackedItem, *, by: User) -> TrackedItem:
    """Take one's own submitted item back to draft, to go on writing."""
    item = lock_item(item.pk)
    access.require(item.author_id == by.pk)
    if item.review_state == ReviewState.DRAFT:
        return item
    _require_state(item, ReviewState.SUBMITTED)
    return write(item, by=by, review_state=ReviewState.DRAFT, submitted_at=None)


@transaction.atomic
def publish_item(item: TrackedItem, *, by: User) -> TrackedItem:
    """Make a submitted item public: from today it is tracked, at its workflow's first status."""
    item = lock_item(item.pk)
    access.check_may_review(by, item)
    if item.is_published:
        return item
    _require_state(item, ReviewState.SUBMITTED)
    check_four_eyes(item.author_id, by)
    now = timezone.now()
    return refresh_item(
        item, by=by, at=now,
        review_state=ReviewState.PUBLISHED, published_at=now, published_by=by, tracked_since=today(),
    )  # fmt: skip


@transaction.atomic
def return_item(item: TrackedItem, *, by: User, reason: str) -> TrackedItem:
    """Hand a submitted item back to its author with a reason, which is kept for good."""
    item = lock_item(item.pk)
    access.check_may_review(by, item)
    check_four_eyes(item.author_id, by)
    _require_state(item, ReviewState.SUBMITTED)
    reason = require_reason(reason)
    returned = ReviewReturn.objects.create(item=item, reason=reason, by=by, at=timezone.now())
    tell_soon(RETURNS, key=f"return:{returned.pk}")
    return write(item, by=by, because=reason, review_state=ReviewState.RETURNED)


@transaction.atomic
def archive_item(item: TrackedItem, *, by: User, reason: str) -> TrackedItem:
    """Take an item out of the lists; nothing of it is deleted and its page stays."""
    item = lock_item(item.pk)
    access.require(access.may_archive(by, item))
    if item.archived_at is not None:
        return item
    return refresh_item(item, by=by, because=require_reason(reason), archived_at=timezone.now())


@transaction.atomic
def restore_item(item: TrackedItem, *, by: User) -> TrackedItem:
    """Bring an archived item back into the lists."""
    item = lock_item(item.pk)
    access.require(access.may_archive(by, item))
    if item.archived_at is None:
        return item
    return refresh_item(item, by=by, archived_at=None)


@transaction.atomic
def confirm_owner(item: TrackedItem, *, by: User) -> TrackedItem:
    """Say that the suggested owner is the owner: reviewers and administrators in scope."""
    item = lock_item(item.pk)
    access.require_of(access.may_confirm, by, item)
    if item.owner is None:
        raise ValidationError({"owner": _("There is no owner to confirm; choose one first.")})
    return item if item.owner_confirmed else write(item, by=by, owner_confirmed=True)


def named_item(user: Actor, reference: str) -> TrackedItem:
    """The item of this reference, however it is typed, or what it was merged into.

    Raises ValidationError where the person sees none.
    """
    reference = reference.strip().upper()
    found = TrackedItem.objects.visible_to(user).filter(reference=reference).first()
    if found is None:
        raise ValidationError(NO_SUCH_ITEM, params={"reference": reference})
    return access.standing_item(found)


@transaction.atomic
def relate(source: TrackedItem, target: TrackedItem, *, kind: str, by: User, note: str = "") -> Relation:
    """Tie two items, an edit of the one that the tie is read from; the same tie again returns the one there is.

    Raises ValidationError at `target` where the person may not see it, in the words for one that is not there.
    """
    item = lock_item(source.pk)
    access.require_of(access.may_edit, by, item)
    if not by.is_system and not TrackedItem.objects.visible_to(by).filter(pk=target.pk).exists():
        raise ValidationError({"target": NO_SUCH_ITEM % {"reference": target.reference}})
    target = access.standing_item(target)
    if kind not in RelationKind.values:
        raise ValidationError({"kind": _("Choose one of the kinds of relation.")})
    if source.pk == target.pk:
        raise ValidationError({"target": _("An item cannot be related to itself.")})
    found = Relation.objects.filter(source=source, target=target, kind=kind).first()
    if found is not None:
        return found
    tie = add(Relation(source=source, target=target, kind=kind, note=note), by=by)
    write(item, by=by)
    return tie


@transaction.atomic
def unrelate(relation: Relation, *, by: User) -> None:
    """Untie two items, an edit of the one that the tie is read from; the tie stays in the history."""
    item = lock_item(relation.source_id)
    access.require_of(access.may_edit, by, item)
    remove(relation, by=by)
    write(item, by=by)


@transaction.atomic
def set_citations(item: TrackedItem, passages: Sequence[Passage], *, by: User) -> None:
    """Say on which paragraphs an item rests, an edit of the item; see cite."""
    item = lock_item(item.pk)
    access.require_of(access.may_edit, by, item)
    if cite(item, passages, by=by):
        write(item, by=by)


def cite(item: TrackedItem, passages: Sequence[Passage], *, by: User) -> bool:
    """Let a locked item rest on these paragraphs: adds what is missing, removes what is not named. Was there anything?

    The caller counts it as an edit of the item. Raises ValidationError at `citations` where a proposal that was
    handed in or published would lose its last.
    """
    wanted = {passage.pk: passage for passage in passages}
    being_written = item.review_state in {ReviewState.DRAFT, ReviewState.RETURNED}
    if not wanted and item.item_kind in CITING and not being_written and item.citations.exists():
        raise ValidationError({"citations": _NO_SOURCE})
    held = {citation.passage_id: citation for citation in item.citations.all()}
    for pk in held.keys() - wanted.keys():
        remove(held[pk], by=by)
    for pk in wanted.keys() - held.keys():
        add(Citation(item=item, passage=wanted[pk]), by=by)
    return held.keys() != wanted.keys()


def check_item(values: Mapping[str, Any]) -> None:
    """What must hold between the fields of an item."""
    start, target = values.get("start_date", ""), values.get("target_date", "")
    if start and target and last_day(target) < first_day(start):
        raise ValidationError({"target_date": _("The target lies before the start.")})


def _check_lead(by: User, lead: Theme) -> None:
    """An item is led by a theme of one's own: one that only touches them is handed over by someone who has both."""
    if not by.is_system and not grants.covers_theme(by, grants.EDITORS, lead.pk):
        raise ValidationError({"lead_theme": _("Your grants do not cover this theme; choose one that they cover.")})


def _check_covered(by: User, themes: Sequence[Any], members: Sequence[Any], *, all_members: bool) -> None:
    if by.is_system:
        return
    theme_ids, member_ids = {theme.pk for theme in themes}, {member.pk for member in members}
    if not grants.covers(by, grants.EDITORS, theme_ids=theme_ids, member_ids=member_ids, all_members=all_members):
        raise ValidationError({"themes": _("Your grants do not cover these themes and members.")})


def _split(fields: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, list[Any]]]:
    unknown = set(fields) - FIELDS
    if unknown:
        raise TypeError(f"not a field of an item that people write: {sorted(unknown)}")
    return (
        {name: value for name, value in fields.items() if name not in LINKS},
        {name: list(value) for name, value in fields.items() if name in LINKS},
    )


def with_lead(themes: Sequence[Theme], lead: Theme) -> list[Theme]:
    """The lead theme always is one of the themes, so that a filter by theme needs to look in one place only."""
    return [*themes, *([] if lead in themes else [lead])]


def _next_number(prefix: str) -> int:
    ReferenceCounter.objects.get_or_create(prefix=prefix)
    counter = ReferenceCounter.objects.select_for_update().get(prefix=prefix)
    counter.last += 1
    counter.save(update_fields=["last"])
    return counter.last


def _require_state(item: TrackedItem, *states: str) -> None:
    if item.review_state not in states:
        words = {"state": item.get_review_state_display()}
        raise ValidationError(_("This item is %(state)s by now; look at it again.") % words, code="wrong_state")
