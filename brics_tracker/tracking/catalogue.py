"""Loads documents with their passages, and what proposals and mechanisms of the catalogue have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from brics_tracker.core.catalogue import Catalogue, Values, settle_row
from brics_tracker.core.models import Member, Organisation, Theme

from . import access
from .models import Document, Passage, TrackedItem, today
from .services import items, updates

# Fields of an item as the fixtures name them -> as the model does, for values that are plain text or flags.
PLAIN = {
    "title": "title", "summary": "summary", "owner_confirmed": "owner_confirmed", "owner_reason": "owner_reason",
    "phase": "phase", "start": "start_date", "target": "target_date",
}  # fmt: skip


def load_documents(run: Catalogue) -> None:
    for row in run.rows("catalogue/documents.json"):
        names = ("title", "publisher", "author", "date", "language", "address", "note")
        wanted = {name: row.get(name, "") for name in names}
        document = Document.objects.filter(key=row["key"]).first()
        settle_row(run, "document", row["key"], document, wanted, make=Document(key=row["key"]))
        document = Document.objects.filter(key=row["key"]).first()
        found = {p.number: p for p in document.passages.all()} if document else {}
        for passage in row["passages"]:
            _load_passage(run, row["key"], document, found, passage)


def _load_passage(
    run: Catalogue, key: str, document: Document | None, found: Mapping[int, Passage], row: Values
) -> None:
    wanted = {name: row.get(name, "") for name in ("heading", "summary", "reason")}
    wanted |= {"level": row.get("level", 0), "asks": row.get("asks", False)}
    passage = found.get(row["number"])
    new = Passage(document=document, number=row["number"]) if document else Passage(number=row["number"])
    settle_row(run, "passage", f"{key}:{row['number']}", passage, wanted, make=new)


@dataclass
class Lookup:
    """Codes and keys of the fixtures, as rows; read once for a whole file."""

    themes: dict[str, Theme]
    members: dict[str, Member]
    organisations: dict[str, Organisation]
    passages: dict[tuple[str, int], Passage]

    @classmethod
    def read(cls) -> Lookup:
        return cls(
            themes={theme.code: theme for theme in Theme.objects.all()},
            members={member.code: member for member in Member.objects.all()},
            organisations={organisation.key: organisation for organisation in Organisation.objects.all()},
            passages={(p.document.key, p.number): p for p in Passage.objects.select_related("document")},
        )

    def cited(self, row: Values) -> list[Passage]:
        keys = [(citation["document"], citation["paragraph"]) for citation in row.get("citations", [])]
        return [self.passages[key] for key in dict.fromkeys(keys)]


def item_values(row: Values) -> Values:
    """The shared fields of a fixture row in a form that compares with `current_values`."""
    members = row.get("members", [])
    return {
        **{name: row.get(name, "") for name in PLAIN if name not in {"owner_confirmed"}},
        "owner_confirmed": bool(row.get("owner_confirmed", False)),
        "lead_theme": row["lead_theme"],
        "themes": sorted({*row.get("themes", []), row["lead_theme"]}),
        "owner": row.get("owner", ""),
        "supporters": sorted(row.get("supporters", [])),
        "all_members": members == "all",
        "members": [] if members == "all" else sorted(members),
        "citations": sorted([c["document"], c["paragraph"]] for c in row.get("citations", [])),
    }


def current_values(item: TrackedItem) -> Values:
    """The item as it is now, in the form of `item_values`."""
    return {
        **{name: getattr(item, attribute) for name, attribute in PLAIN.items()},
        "lead_theme": item.lead_theme.code,
        "themes": sorted(item.themes.values_list("code", flat=True)),
        "owner": item.owner.key if item.owner else "",
        "supporters": sorted(item.supporters.values_list("key", flat=True)),
        "all_members": item.all_members,
        "members": sorted(item.members.values_list("code", flat=True)),
        "citations": sorted([c.passage.document.key, c.passage.number] for c in item.citations.select_related("passage__document")),
    }  # fmt: skip


def as_fields(values: Values, lookup: Lookup) -> dict[str, Any]:
    """Fixture values as the services take them; only what `values` holds."""
    read: dict[str, Callable[[Any], Any]] = {
        "lead_theme": lambda code: lookup.themes[code],
        "themes": lambda codes: [lookup.themes[code] for code in codes],
        "owner": lambda key: lookup.organisations[key] if key else None,
        "supporters": lambda keys: [lookup.organisations[key] for key in keys],
        "members": lambda codes: [lookup.members[code] for code in codes],
        "all_members": bool,
    }
    fields = {attribute: values[name] for name, attribute in PLAIN.items() if name in values}
    return fields | {name: reader(values[name]) for name, reader in read.items() if name in values}


def was_merged(run: Catalogue, noun: str, key: str, item: TrackedItem) -> bool:
    """Was it merged into another? Then nothing is loaded over it any more, which is reported."""
    if item.merged_into is None:
        return False
    run.kept.append(f"{noun} {key}: was merged into {access.standing_item(item).reference} here and is left as it is")
    return True


def change_item(run: Catalogue, item: TrackedItem, values: Values, lookup: Lookup) -> None:
    """Refresh an item through the services; its citations too."""
    if fields := as_fields(values, lookup):
        items.edit_item(item, by=run.system, version=None, changes=fields)
    if "citations" in values:
        passages = [lookup.passages[document, number] for document, number in values["citations"]]
        items.set_citations(item, passages, by=run.system)


@dataclass(frozen=True, slots=True)
class Source:
    """What an entry of the catalogue rests on."""

    title: str
    url: str = ""
    publisher: str = ""
    date: str = ""


def enter(
    run: Catalogue, item: TrackedItem, *, text: str, happened: str, status: str, sources: Sequence[Source]
) -> None:
    """Log one documented update of the catalogue on an item."""
    fields = {"text": text, "happened": happened or today().isoformat(), "status_claimed": status}
    rows = [{"title": s.title[:300], "url": s.url, "publisher": s.publisher, "source_date": s.date} for s in sources]
    updates.enter_update(item, by=run.system, fields=fields, sources=rows)


def document_sources(passages: Sequence[Passage]) -> list[Source]:
    """The documents behind some passages, each once with its paragraphs."""
    numbers: dict[Document, list[int]] = {}
    for passage in passages:
        numbers.setdefault(passage.document, []).append(passage.number)
    return [
        Source(
            title=f"{document.title}, ¶ {', '.join(str(number) for number in sorted(found))}",
            url=document.address, publisher=document.publisher, date=document.date,
        )
        for document, found in numbers.items()
    ]  # fmt: skip


def load_relations(run: Catalogue, noun: str, row: Values) -> None:
    """Tie an item to the items its row names; a tie that people removed is not made again."""
    source_pk = run.pk(noun, row["key"])
    for relation in row.get("relations", []):
        target_pk = run.pk(relation["to_kind"], relation["to"])
        key = f"{noun}:{row['key']}:{relation['kind']}:{relation['to_kind']}:{relation['to']}"
        if source_pk is None or target_pk is None or run.pk("relation", key):
            continue
        source, target = (access.standing_item(TrackedItem.objects.get(pk=pk)) for pk in (source_pk, target_pk))
        if source == target:
            continue  # merged into one here
        make = partial(_relate, run, source, target, relation["kind"])
        run.settle("relation", key, {}, current=None, make=make, change=lambda values: None)


def _relate(run: Catalogue, source: TrackedItem, target: TrackedItem, kind: str) -> int:
    return items.relate(source, target, kind=kind, by=run.system).pk
