"""Loads fixtures/: makes what is missing, refreshes what nobody has edited, leaves and reports the rest.

Each noun has a loader (settings.CATALOGUE_LOADERS, named by string so that this floor imports nothing
above it). A loader turns a row of fixtures/ into values and hands them to `Catalogue.settle`, which holds
the one rule of what may be overwritten.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import models

from .models import CatalogueEntry, Member, MembershipSpell, Organisation, Theme

Values = dict[str, Any]


@dataclass
class Catalogue:
    """One run of the loader. `check`: compare only, write nothing."""

    folder: Path
    system: Any
    check: bool = False
    counts: Counter[str] = field(default_factory=Counter)
    kept: list[str] = field(default_factory=list)
    _entries: dict[tuple[str, str], CatalogueEntry] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._entries = {(entry.noun, entry.key): entry for entry in CatalogueEntry.objects.all()}

    def rows(self, *patterns: str) -> Iterable[Values]:
        """The rows of the named files, in the order of the files' names."""
        for pattern in patterns:
            for path in sorted(self.folder.glob(pattern)):
                yield from json.loads(path.read_text("utf-8"))

    def pk(self, noun: str, key: str) -> str | None:
        """The primary key of what this key was loaded as; None where it is not loaded (yet)."""
        entry = self._entries.get((noun, key))
        return entry.object_pk if entry else None

    def settle(
        self,
        noun: str,
        key: str,
        wanted: Values,
        *,
        current: Values | None,
        make: Callable[[], Any],
        change: Callable[[Values], object],
    ) -> None:
        """Bring one row in line with the fixtures without overwriting anything that a person wrote.

        `current`: the row's values now, in the form of the fixtures; None where there is no such row.
        A value that differs from what was last loaded was edited by someone: it stays and is reported
        once the fixtures ask for something else.
        """
        entry = self._entries.get((noun, key))
        if current is None:
            self._make(noun, key, wanted, make=make, was_loaded=entry is not None)
            return
        loaded = entry.loaded if entry else {}
        differing = [name for name in wanted if wanted[name] != current.get(name)]
        edited = {name for name in differing if name not in loaded or current.get(name) != loaded[name]}
        refresh = {name: wanted[name] for name in differing if name not in edited}
        for name in differing:
            if name in edited and wanted[name] != loaded.get(name):
                self.kept.append(f"{noun} {key}: {name} was edited here and is left as it is")
        self.counts["refreshed" if refresh else "unchanged"] += 1
        if self.check:
            return
        if refresh:
            change(refresh)
        if entry and (refresh or entry.loaded.keys() != wanted.keys()):
            entry.loaded = {**wanted, **{name: loaded[name] for name in edited if name in loaded}}
            entry.save(update_fields=["loaded", "updated_at"])

    def _make(self, noun: str, key: str, wanted: Values, *, make: Callable[[], Any], was_loaded: bool) -> None:
        if was_loaded:
            self.kept.append(f"{noun} {key}: was removed here and is not made again")
            return
        self.counts["made"] += 1
        if not self.check:
            pk = make()
            entry = CatalogueEntry.objects.create(noun=noun, key=key, object_pk=str(pk), loaded=wanted)
            self._entries[noun, key] = entry


def settle_row(
    run: Catalogue, noun: str, key: str, row: models.Model | None, wanted: Values, *, make: models.Model
) -> None:
    """`settle` for a plain row without rules of its own; foreign keys are given by their ids."""

    def store(target: models.Model, values: Mapping[str, Any]) -> Any:
        for name, value in values.items():
            setattr(target, name, value)
        target._history_user = run.system  # type: ignore[attr-defined]
        target.full_clean()
        target.save()
        return target.pk

    run.settle(
        noun, key, wanted,
        current=None if row is None else {name: getattr(row, name) for name in wanted},
        make=lambda: store(make, wanted),
        change=lambda values: store(row or make, values),
    )  # fmt: skip


def load_reference(run: Catalogue) -> None:
    """Countries with their spells, organisations, themes."""
    for row in run.rows("reference/members.json"):
        member = Member.objects.filter(code=row["code"]).first()
        settle_row(run, "member", row["code"], member, {"name": row["name"]}, make=Member(code=row["code"]))
        for spell in row["spells"]:
            _load_spell(run, row["code"], spell)
    members = dict(Member.objects.values_list("code", "pk"))
    for row in run.rows("reference/organisations*.json"):
        wanted = {name: row.get(name, "") for name in ("name", "acronym", "kind", "address", "note")}
        wanted |= {"member_id": members.get(row.get("member", "")), "sources": row.get("sources", [])}
        found = Organisation.objects.filter(key=row["key"]).first()
        settle_row(run, "organisation", row["key"], found, wanted, make=Organisation(key=row["key"]))
    for position, row in enumerate(run.rows("reference/themes.json"), start=1):
        parent = Theme.objects.filter(code=row.get("parent") or None).first()
        wanted = {"name": row["name"], "description": row.get("description", ""), "position": position}
        wanted["parent_id"] = parent.pk if parent else None
        settle_row(
            run,
            "theme",
            row["code"],
            Theme.objects.filter(code=row["code"]).first(),
            wanted,
            make=Theme(code=row["code"]),
        )


def _load_spell(run: Catalogue, code: str, spell: Values) -> None:
    member = Member.objects.filter(code=code).first()
    if member is None:  # only when comparing an empty database
        run.counts["made"] += 1
        return
    key = f"{code}:{spell['kind']}:{spell.get('from', '')}"
    pk = run.pk("spell", key)
    found = MembershipSpell.objects.filter(pk=pk).first() if pk else None
    wanted = {"kind": spell["kind"], "started": spell.get("from", ""), "ended": spell.get("to", "")}
    wanted |= {name: spell.get(name) for name in ("first_summit",)}
    wanted |= {"sources": spell.get("sources", []), "note": spell.get("note", "")}
    settle_row(run, "spell", key, found, wanted, make=MembershipSpell(member=member))
