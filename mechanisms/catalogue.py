"""Loads the mechanisms and meetings of the catalogue."""

from __future__ import annotations

from brics_tracker.core.catalogue import Catalogue, Values, settle_row
from brics_tracker.core.history import name_author
from brics_tracker.core.models import Member, Organisation
from brics_tracker.tracking import catalogue as shared
from brics_tracker.tracking.access import standing_item
from brics_tracker.tracking.models import TrackedItem

from . import services
from .models import Mechanism, Meeting, MeetingDate

OWN = ("kind", "track", "acronym", "founded", "founding_event", "note")


def load_mechanisms(run: Catalogue) -> None:
    lookup = shared.Lookup.read()
    rows = list(run.rows("catalogue/mechanisms.json", "catalogue/mechanisms-documents.json"))
    for row in rows:
        _load_mechanism(run, row, lookup)
    for row in rows:
        parents = [{"kind": "part_of", "to_kind": "mechanism", "to": row["part_of"]}] if row.get("part_of") else []
        shared.load_relations(run, "mechanism", {**row, "relations": [*parents, *row.get("relations", [])]})
    for row in run.rows("catalogue/achievements.json"):
        _load_achievement(run, row, lookup)


def _load_mechanism(run: Catalogue, row: Values, lookup: shared.Lookup) -> None:
    pk = run.pk("mechanism", row["key"])
    mechanism = (
        Mechanism.objects.select_related("item__lead_theme", "item__owner", "body").filter(pk=int(pk)).first()
        if pk
        else None
    )
    if mechanism is not None and shared.was_merged(run, "mechanism", row["key"], mechanism.item):
        return
    wanted = shared.item_values(row) | {name: row.get(name, "") for name in OWN}
    wanted |= {"body": row.get("body", ""), "sources": row.get("sources", [])}

    def make() -> int:
        made = services.create_mechanism(
            by=run.system, fields=shared.as_fields(wanted, lookup), own=_own(wanted), passages=lookup.cited(row),
            entered=True,
        )  # fmt: skip
        _enter(run, made, row, lookup)
        return made.item.pk

    def change(values: Values) -> None:
        assert mechanism is not None  # noqa: S101 - settle calls change only where the row exists
        shared.change_item(run, mechanism.item, values, lookup)
        services.edit_mechanism(mechanism, by=run.system, version=None, changes={}, own=_own(values))

    run.settle("mechanism", row["key"], wanted, current=_current(mechanism), make=make, change=change)


def _own(values: Values) -> Values:
    own = {name: values[name] for name in (*OWN, "sources") if name in values}
    if "body" in values:
        own["body"] = Organisation.objects.filter(key=values["body"]).first() if values["body"] else None
    return own


def _current(mechanism: Mechanism | None) -> Values | None:
    if mechanism is None:
        return None
    own = {name: getattr(mechanism, name) for name in (*OWN, "sources")}
    return shared.current_values(mechanism.item) | own | {"body": mechanism.body.key if mechanism.body else ""}


def _enter(run: Catalogue, mechanism: Mechanism, row: Values, lookup: shared.Lookup) -> None:
    entry = row.get("entry") or {}
    sources = [
        shared.Source(title=source, url=source if source.startswith("http") and " " not in source else "")
        for source in row.get("sources", [])
    ]
    shared.enter(
        run, mechanism.item, status=row["status"], text=entry.get("text") or row["summary"],
        happened=entry.get("happened") or row.get("founded", ""),
        sources=sources or shared.document_sources(lookup.cited(row)),
    )  # fmt: skip


def _load_achievement(run: Catalogue, row: Values, lookup: shared.Lookup) -> None:
    pk = run.pk("mechanism", row["item"])
    if pk is None or run.pk("achievement", row["key"]):
        return

    def make() -> int:
        item = standing_item(TrackedItem.objects.get(pk=pk))
        sources = shared.document_sources(lookup.cited(row))
        shared.enter(
            run, item, text=row["text"], happened=row["happened"], status=row.get("status", ""), sources=sources
        )
        return item.pk

    run.settle("achievement", row["key"], {}, current=None, make=make, change=lambda values: None)


def load_meetings(run: Catalogue) -> None:
    members = dict(Member.objects.values_list("code", "pk"))
    known = {meeting.key: meeting for meeting in Meeting.objects.all()}
    for row in run.rows("reference/meetings.json"):
        preferred = next(
            (date for date in row["dates"] if date.get("preferred")), row["dates"][0] if row["dates"] else {}
        )
        wanted = {
            name: row.get(name, "")
            for name in ("title", "kind", "area", "track", "format", "place", "declaration", "note")
        }
        wanted |= {
            "number": row.get("number"),
            "sources": row.get("sources", []),
            "chair_id": members.get(row.get("chair", "")),
        }
        mechanism_pk = run.pk("mechanism", row["mechanism"]) if row.get("mechanism") else None
        wanted |= {"mechanism_id": int(mechanism_pk) if mechanism_pk else None}
        wanted |= {"started": preferred.get("start", ""), "ended": preferred.get("end", "")}
        is_new = row["key"] not in known
        settle_row(run, "meeting", row["key"], known.get(row["key"]), wanted, make=Meeting(key=row["key"]))
        if is_new and not run.check:
            _add_dates(run, Meeting.objects.get(key=row["key"]), row["dates"])


def _add_dates(run: Catalogue, meeting: Meeting, dates: list[Values]) -> None:
    for date in dates:
        claim = MeetingDate(
            meeting=meeting, started=date["start"], ended=date.get("end", ""), source=date.get("source", "")[:600],
            note=date.get("note", ""), preferred=bool(date.get("preferred")),
        )  # fmt: skip
        name_author(claim, run.system)
        claim.full_clean()
        claim.save()
