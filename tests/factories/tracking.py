"""Items and their updates for tests, made through the services wherever a rule exists."""

import datetime as dt
import itertools
from collections.abc import Iterable
from typing import Any

from brics_tracker.accounts.models import User
from brics_tracker.core.models import Member, Theme
from brics_tracker.tracking.models import Document, Evidence, Milestone, Passage, TrackedItem, Update
from brics_tracker.tracking.services import evidence as evidence_services
from brics_tracker.tracking.services import items, milestones, updates
from proposals.models import Proposal
from proposals.services import create_proposal
from tests.factories.accounts import make_user
from tests.factories.core import make_theme

_numbers = itertools.count(1)


def make_system() -> User:
    """The catalogue's actor: enters things without a second pair of eyes."""
    user, _made = User.objects.get_or_create(
        email="system@example.org", defaults={"name": "catalogue", "is_system": True, "is_active": False}
    )
    return user


def make_proposal(
    *,
    by: User | None = None,
    published: bool = True,
    theme: Theme | None = None,
    themes: Iterable[Theme] = (),
    members: Iterable[Member] = (),
    kind: str = "recommendation",
    plan: str = "",
    passages: Iterable[Passage] | None = None,
    **fields: Any,
) -> Proposal:
    """A proposal, published unless said otherwise; it cites one paragraph unless `passages` says which, or none."""
    number = next(_numbers)
    values = {
        "title": f"Proposal {number}",
        "summary": f"Summary of proposal {number}.",
        "lead_theme": theme or make_theme("EN"),
        "themes": list(themes),
        "members": list(members),
        **fields,
    }
    author = by or make_system()
    cited = make_document("source", paragraphs=1).passages.all() if passages is None else passages
    proposal = create_proposal(by=author, fields=values, own={"kind": kind}, plan=plan, passages=list(cited))
    if published:
        items.submit_item(proposal.item, by=author)
        publish_item(proposal.item)
        proposal = Proposal.objects.select_related("item").get(pk=proposal.pk)
    return proposal


def make_item(**fields: Any) -> TrackedItem:
    return make_proposal(**fields).item


def publish_item(item: TrackedItem) -> TrackedItem:
    return items.publish_item(item, by=make_system())


def make_draft(item: TrackedItem, *, by: User, text: str = "Something happened.", **fields: Any) -> Update:
    """An update still being written by `by` (who needs a grant)."""
    values = {"text": text, "happened": dt.date.today().isoformat(), **fields}
    claims = values.pop("claims", ())
    return updates.create_update(item, by=by, fields=values, claims=claims)


def make_update(
    item: TrackedItem,
    *,
    by: User | None = None,
    reviewer: User | None = None,
    state: str = "published",
    sources: int = 0,
    checked: bool = False,
    **fields: Any,
) -> Update:
    """An update brought to `state` (draft, submitted, published) through the services."""
    author = by or make_user(role="analyst")
    update = make_draft(item, by=author, **fields)
    for _source in range(sources):
        make_evidence(item, by=author, update=update)
    if state != "draft":
        update = updates.submit_update(update, by=author)
    if state == "published":
        update = updates.publish_update(update, by=reviewer or make_user(role="reviewer"), evidence_checked=checked)
        item.refresh_from_db()
    return update


def make_evidence(item: TrackedItem, *, by: User, update: Update | None = None, **fields: Any) -> Evidence:
    number = next(_numbers)
    files = fields.pop("files", ())
    values = {"url": f"https://example.org/source-{number}", "title": f"Source {number}", **fields}
    return evidence_services.add_evidence(item, by=by, update=update, fields=values, files=files)


def make_milestone(item: TrackedItem, *, by: User | None = None, **fields: Any) -> Milestone:
    """A step of the plan: confirmed unless said otherwise, or unless `by` may not confirm."""
    editor = by or make_user(role="reviewer")
    return milestones.add_milestone(item, by=editor, fields={"title": f"Step {next(_numbers)}", **fields})


def make_document(key: str = "declaration-2030", paragraphs: int = 3) -> Document:
    document, made = Document.objects.get_or_create(key=key, defaults={"title": f"Document {key}"})
    if made:
        for n in range(1, paragraphs + 1):
            Passage.objects.create(document=document, number=n, summary=f"Paragraph {n}.", asks=True)
    return document
