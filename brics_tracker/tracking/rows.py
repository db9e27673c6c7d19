"""Tracked items and what hangs on them as the API's rows: plain dictionaries in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.urls import reverse

from brics_tracker.core.models import Member
from brics_tracker.core.rows import Among, Links, Many, Row, read_rows

from .columns import CITATIONS, MEMBERS, SUPPORTERS, THEMES, is_at_risk, is_overdue, is_stagnant
from .models import (
    Comment,
    DueDateChange,
    Evidence,
    EvidenceFile,
    Milestone,
    MilestoneClaim,
    Relation,
    StatusChange,
    TrackedItem,
    Update,
    today,
)
from .models.items import ROOMS

if TYPE_CHECKING:
    from collections.abc import Callable

    from brics_tracker.accounts.access import Actor

    Address = Callable[[str], str]

ITEM_PATHS = (
    "item_kind", "reference", "title", "summary", "status", "proof", "percent", "phase", "priority", "lead_theme__code",
    "owner__key", "owner_confirmed", "all_members", "start_date", "target_date", "next_due", "stagnant_after", "slips",
    "rhythm_days", "review_state", "archived_at", "merged_into_id", "updated_at", "version",
)  # fmt: skip


def item_rows(
    page: QuerySet[TrackedItem], address: Address, own: Mapping[str, str] | None = None, many: Sequence[Many] = ()
) -> list[Row]:
    """Items with their themes, members, supporters and citations; `own` adds columns of the kind, key by path."""
    own = own or {}
    read = read_rows(page, (*ITEM_PATHS, *own.values()), (THEMES, MEMBERS, SUPPORTERS, CITATIONS, ASSIGNEES, *many))
    day = today()
    merged = {row["merged_into_id"] for row in read if row["merged_into_id"]}
    references = dict(TrackedItem.objects.filter(pk__in=merged).values_list("pk", "reference")) if merged else {}
    members_today = _members_today() if any(row["all_members"] for row in read) else []
    pages = {kind: (address(api_path(kind)), address(page_path(kind))) for kind in {row["item_kind"] for row in read}}
    return [
        {
            "reference": row["reference"],
            "item_kind": row["item_kind"],
            "title": row["title"],
            "summary": row["summary"],
            **{key: row[path] for key, path in own.items()},
            **{each.key: row[each.key] for each in many},
            "status": row["status"],
            "proof": row["proof"],
            "percent": number(row["percent"]),
            "phase": row["phase"] or None,
            "priority": row["priority"],
            "lead_theme": row["lead_theme__code"],
            "themes": [code for code, _name in row["themes"]],
            "owner": row["owner__key"],
            "owner_confirmed": row["owner_confirmed"],
            "supporters": [key for key, _name in row["supporters"]],
            "all_members": row["all_members"],
            "members": members_today if row["all_members"] else [code for code, _name in row["members"]],
            "assignees": row["assignees"],
            "rhythm_days": row["rhythm_days"],
            "start_date": row["start_date"] or None,
            "target_date": row["target_date"] or None,
            "next_due": row["next_due"],
            "overdue": is_overdue(row, day),
            "stagnant": is_stagnant(row, day),
            "at_risk": is_at_risk(row, day),
            "citations": [{"document": key, "paragraph": paragraph} for key, paragraph in row["citations"]],
            "review_state": row["review_state"],
            "archived": row["archived_at"] is not None,
            "merged_into": references.get(row["merged_into_id"]),
            "updated_at": row["updated_at"],
            "version": row["version"],
            "url": f"{pages[row['item_kind']][0]}{row['reference']}/",
            "page_url": f"{pages[row['item_kind']][1]}{row['reference']}/",
        }
        for row in read
    ]


ASSIGNEES = Links(
    "assignees", TrackedItem.assignees.through, "trackeditem_id", "user", "name", "name", "pk",
    sort=lambda link: (link[1], link[2]), shape=lambda link: {"id": link[2], "name": link[1]},
)  # fmt: skip


def api_path(kind: str) -> str:
    return reverse(f"api:{kind}-list")


def page_path(kind: str) -> str:
    return reverse(f"{ROOMS[kind]}:list")


def number(value: Any) -> float | None:
    """A stored decimal as a JSON number; unknown stays unknown."""
    return None if value is None else float(value)


def _members_today() -> list[str]:
    return list(Member.objects.members_on(today()).order_by("name").values_list("code", flat=True))


def update_rows(page: QuerySet[Update], user: Actor) -> list[Row]:
    """Updates with what they claim of milestones, and the sources that this person may read."""
    paths = (
        "item__reference", "text", "happened", "status_claimed", "reason", "percent_claimed", "no_change", "wording_only", "corrects_id",
        "review_state", "author__name", "submitted_at", "published_at", "published_by__name", "evidence_checked",
        "retracted_at", "retraction_reason", "version",
    )  # fmt: skip
    claims = Many("milestones", _claims)
    sources = Many("evidence", lambda ids: _sources_of_updates(ids, user))
    return [
        {
            "id": row["pk"],
            "item": row["item__reference"],
            "happened": row["happened"],
            "text": row["text"],
            "status_claimed": row["status_claimed"] or None,
            "reason": row["reason"],
            "percent_claimed": number(row["percent_claimed"]),
            "milestones": row["milestones"],
            "no_change": row["no_change"],
            "wording_only": row["wording_only"],
            "corrects": row["corrects_id"],
            "evidence": row["evidence"],
            "evidence_checked": row["evidence_checked"],
            "review_state": row["review_state"],
            "author": row["author__name"],
            "submitted_at": row["submitted_at"],
            "published_at": row["published_at"],
            "published_by": row["published_by__name"],
            "retracted_at": row["retracted_at"],
            "retraction_reason": row["retraction_reason"],
            "version": row["version"],
        }
        for row in read_rows(page, paths, (claims, sources))
    ]


def _claims(ids: Sequence[int]) -> list[tuple[int, Row]]:
    found = MilestoneClaim.objects.filter(Among("update_id", ids)).order_by("pk")
    return [
        (update, {"milestone": milestone, "kind": kind, "new_due": new_due, "reason": reason})
        for update, milestone, kind, new_due, reason in found.values_list(
            "update_id", "milestone_id", "kind", "new_due", "reason"
        )
    ]


def _sources_of_updates(ids: Sequence[int], user: Actor) -> list[tuple[int, int]]:
    visible = Evidence.objects.visible_to(user).values("pk")
    links = Evidence.updates.through.objects.filter(Among("update_id", ids), evidence__in=visible)
    return list(links.order_by("evidence").values_list("update_id", "evidence_id"))


def milestone_rows(page: QuerySet[Milestone]) -> list[Row]:
    """Steps of a plan, each with every move of its due date that still stands."""
    paths = (
        "item__reference",
        "title",
        "owner__key",
        "weight",
        "due",
        "confirmed",
        "from_template",
        "completed_on",
        "position",
        "version",
    )
    return [
        {
            "id": row["pk"],
            "item": row["item__reference"],
            "title": row["title"],
            "owner": row["owner__key"],
            "weight": row["weight"],
            "due": row["due"],
            "confirmed": row["confirmed"],
            "from_template": row["from_template"],
            "completed_on": row["completed_on"] or None,
            "moves": row["moves"],
            "position": row["position"],
            "version": row["version"],
        }
        for row in read_rows(page, paths, (Many("moves", _moves),))
    ]


def _moves(ids: Sequence[int]) -> list[tuple[int, Row]]:
    found = DueDateChange.objects.filter(Among("milestone_id", ids), undone_at__isnull=True).order_by("at", "pk")
    names = ("old_due", "new_due", "reason", "at")
    return [(row[0], dict(zip(names, row[1:], strict=True))) for row in found.values_list("milestone_id", *names)]


def evidence_rows(page: QuerySet[Evidence], user: Actor, address: Address) -> list[Row]:
    """Sources with their files and the updates of theirs that this person may see."""
    paths = (
        "title", "url", "publisher", "source_date", "accessed", "quote", "language", "reliability", "confidential",
        "author__name", "created_at", "version",
    )  # fmt: skip
    files = Many("files", lambda ids: _files(ids, address))
    updates = Many("updates", lambda ids: _updates_of_sources(ids, user))
    return [
        {
            "id": row["pk"],
            "title": row["title"],
            "url": row["url"] or None,
            "publisher": row["publisher"],
            "source_date": row["source_date"] or None,
            "accessed": row["accessed"],
            "quote": row["quote"],
            "language": row["language"],
            "reliability": row["reliability"] or None,
            "confidential": row["confidential"],
            "updates": row["updates"],
            "files": row["files"],
            "added_by": row["author__name"],
            "created_at": row["created_at"],
            "version": row["version"],
        }
        for row in read_rows(page, paths, (files, updates))
    ]


def _files(ids: Sequence[int], address: Address) -> list[tuple[int, Row]]:
    found = EvidenceFile.objects.filter(Among("evidence_id", ids)).order_by("pk")
    return [
        (
            evidence,
            {
                "name": name,
                "size": size,
                "media_type": media_type,
                "sha256": sha256,
                "id": pk,
                "url": address(reverse("api:evidence-file", args=[pk])),
            },
        )
        for evidence, pk, name, size, media_type, sha256 in found.values_list(
            "evidence_id", "pk", "name", "size", "media_type", "sha256"
        )
    ]


def _updates_of_sources(ids: Sequence[int], user: Actor) -> list[tuple[int, int]]:
    visible = Update.objects.visible_to(user).values("pk")
    links = Evidence.updates.through.objects.filter(Among("evidence_id", ids), update__in=visible)
    return list(links.order_by("update").values_list("evidence_id", "update_id"))


def relation_rows(page: QuerySet[Relation], item: TrackedItem, address: Address) -> list[Row]:
    """Ties of an item, seen from it: "out" reads item → other, "in" reads other → item."""
    ends = (f"{end}__{name}" for end in ("source", "target") for name in ("reference", "title", "item_kind"))
    paths = ("kind", "note", "source_id", *ends)
    rows = []
    for row in read_rows(page, paths):
        direction, other = ("out", "target") if row["source_id"] == item.pk else ("in", "source")
        reference, kind = row[f"{other}__reference"], row[f"{other}__item_kind"]
        rows.append({
            "id": row["pk"],
            "kind": row["kind"],
            "direction": direction,
            "reference": reference,
            "title": row[f"{other}__title"],
            "item_kind": kind,
            "note": row["note"],
            "url": f"{address(api_path(kind))}{reference}/",
        })  # fmt: skip
    return rows


def status_rows(page: QuerySet[StatusChange]) -> list[Row]:
    """What was shown from when until when."""
    paths = ("since", "until", "status", "proof", "percent", "happened", "by__name", "update_id")
    return [
        {
            "since": row["since"],
            "until": row["until"],
            "status": row["status"],
            "proof": row["proof"],
            "percent": number(row["percent"]),
            "happened": row["happened"] or None,
            "by": row["by__name"],
            "update": row["update_id"],
        }
        for row in read_rows(page, paths)
    ]


def comment_rows(page: QuerySet[Comment]) -> list[Row]:
    """What was said; of a removed one only that it was."""
    paths = ("pk", "item__reference", "update_id", "author__name", "author__handle", "text", "created_at", "updated_at",
             "removed_at", "version")  # fmt: skip
    return [
        {
            "id": row["pk"],
            "item": row["item__reference"],
            "update": row["update_id"],
            "author": row["author__name"],
            "author_handle": row["author__handle"],
            "text": row["text"],
            "created_at": row["created_at"],
            "updated_at": row["updated_at"],
            "removed_at": row["removed_at"],
            "version": row["version"],
        }
        for row in read_rows(page, paths)
    ]
