"""Loads the proposals of the catalogue."""

from __future__ import annotations

from brics_tracker.core.catalogue import Catalogue, Values
from brics_tracker.tracking import catalogue as shared

from . import services
from .models import Proposal


def load_proposals(run: Catalogue) -> None:
    lookup = shared.Lookup.read()
    rows = list(run.rows("catalogue/proposals-*.json"))
    for row in rows:
        _load_proposal(run, row, lookup)
    for row in rows:
        shared.load_relations(run, "proposal", row)


def _load_proposal(run: Catalogue, row: Values, lookup: shared.Lookup) -> None:
    pk = run.pk("proposal", row["key"])
    proposals = Proposal.objects.select_related("item__lead_theme", "item__owner")
    proposal = proposals.filter(pk=int(pk)).first() if pk else None
    if proposal is not None and shared.was_merged(run, "proposal", row["key"], proposal.item):
        return
    wanted = shared.item_values(row) | {"kind": row["kind"]}

    def make() -> int:
        passages = lookup.cited(row)
        made = services.create_proposal(
            by=run.system, fields=shared.as_fields(wanted, lookup), own={"kind": row["kind"]},
            plan=row.get("plan", ""), passages=passages, entered=True,
        )  # fmt: skip
        happened = min((p.document.date for p in passages if p.document.date), default="")
        shared.enter(
            run, made.item, status=made.item.workflow.first, text=row["summary"] or row["title"], happened=happened,
            sources=shared.document_sources(passages),
        )  # fmt: skip
        return made.item.pk

    def change(values: Values) -> None:
        assert proposal is not None  # noqa: S101 - settle calls change only where the row exists
        shared.change_item(run, proposal.item, values, lookup)
        if "kind" in values:
            services.edit_proposal(proposal, by=run.system, version=None, changes={}, own={"kind": values["kind"]})

    current = None
    if proposal is not None:
        current = shared.current_values(proposal.item) | {"kind": proposal.kind}
    run.settle("proposal", row["key"], wanted, current=current, make=make, change=change)
