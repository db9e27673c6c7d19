"""A small register with one thing of every sort, and the people who may or may not see it.

Built through the services, once per module, for the matrix of rights and for the browser's walk over all pages.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from brics_tracker.accounts import exports
from brics_tracker.accounts.choices import Reason, Why
from brics_tracker.accounts.models import ApiToken, Notice, SavedView, User
from brics_tracker.accounts.notices.services import tell
from brics_tracker.accounts.notices.sources import Telling, Tie
from brics_tracker.accounts.saved_views.services import create_view
from brics_tracker.accounts.services import create_token
from brics_tracker.core import deliveries, jobs
from brics_tracker.core.choices import JobState
from brics_tracker.core.models import CatalogueEntry, Job, Member, Organisation
from brics_tracker.tracking.choices import Judgement
from brics_tracker.tracking.models import (
    BulkEdit,
    BulkReview,
    Comment,
    Document,
    Evidence,
    Milestone,
    Relation,
    TrackedItem,
    Update,
)
from brics_tracker.tracking.services import bulk, conversation, items, judging, merging, updates
from mechanisms.models import Meeting
from mechanisms.services import create_mechanism
from reports.models import Report, ReportDefinition
from reports.periods import period_containing
from reports.selectors import JOB
from reports.services import freeze_report, keep_file
from tests.factories import accounts as people
from tests.factories import core, second_factor, tracking

PASSWORD = "a long and quiet river"


@dataclass
class People:
    """`here`: their grants cover the theme of everything below; `elsewhere`: another theme."""

    reader: User
    analyst: User
    analyst_elsewhere: User
    reviewer: User
    reviewer_elsewhere: User
    administrator: User
    gone: User  # deactivated, with an administrator's and a reviewer's grant still on the books
    colleague: User  # an analyst here: the author of what is another's


@dataclass
class World:
    """What the addresses of the matrix lead to; `own` is the analyst's, `draft` and `submitted` the colleague's."""

    people: People
    published: TrackedItem
    other: TrackedItem
    draft: TrackedItem
    submitted: TrackedItem
    own: TrackedItem
    archived: TrackedItem
    merged: TrackedItem  # into `other`
    mechanism: TrackedItem
    mechanism_draft: TrackedItem
    updates: dict[str, Update]
    evidence: dict[str, Evidence]
    milestones: dict[str, Milestone]
    relations: dict[str, Relation]
    comments: dict[str, Comment]
    bulk_edit: BulkEdit
    bulk_review: BulkReview
    document: Document
    meeting: Meeting
    member: Member
    organisation: Organisation
    report: Report
    definition: ReportDefinition
    runs: dict[str, Job]
    exports: dict[str, Job]  # the analyst's
    token: ApiToken
    notice: Notice  # the analyst's
    views: dict[str, SavedView]  # `own`: the analyst's, `shared`: the colleague's
    rows: dict[str, Any]  # one row of each model that the administration shows, by "app_model"
    texts: dict[str, str]  # bearer tokens by person
    writing: dict[str, str]  # the same, of tokens that may write

    def person(self, name: str) -> User | None:
        return getattr(self.people, name, None)


def build_world() -> World:
    """The whole register of these tests; takes about a second."""
    energy, green = core.make_theme("EN", name="Energy"), core.make_theme("GR", name="Green growth")
    member = core.make_member("BR")
    who = _people(energy, green)
    who.gone.is_active = True
    tokens = {name: create_token(person, "script", days=30, by=person) for name, person in vars(who).items()}
    writing = {
        name: create_token(person, "writer", days=30, by=person, scope="write")[1] for name, person in vars(who).items()
    }
    who.gone.is_active = False
    who.gone.save(update_fields=["is_active"])

    published = tracking.make_item(
        title="Energy data platform of all members, with monthly figures",
        theme=energy,
        by=who.colleague,
        members=[member],
    )
    other = tracking.make_item(title="Grid interconnection", theme=energy, plan="agreement")
    draft = tracking.make_item(title="Hydrogen corridor", theme=energy, by=who.colleague, published=False)
    submitted = tracking.make_item(title="Storage standards", theme=energy, by=who.colleague, published=False)
    items.submit_item(submitted, by=who.colleague)
    own = tracking.make_item(title="Nuclear safety", theme=energy, by=who.analyst, published=False)
    archived = tracking.make_item(title="Coal exchange", theme=energy, kind="goal")
    items.archive_item(archived, by=who.administrator, reason="Twice in the register.")
    merged = tracking.make_item(title="Grid connection", theme=energy)
    merging.merge_items(other, merged, by=who.administrator, seen=(None, None), choice=merging.Choice("Twice."))
    mechanism, mechanism_draft = _mechanisms(who, energy)

    document = tracking.make_document("declaration-2030")
    items.set_citations(published, list(document.passages.all()[:2]), by=who.colleague)
    milestones = {
        "published": tracking.make_milestone(published, by=who.reviewer, due=dt.date.today() + dt.timedelta(days=20)),
        "draft": tracking.make_milestone(draft, by=who.reviewer),
    }
    relations = {
        "published": items.relate(published, mechanism, kind="establishes", by=who.colleague),
        "draft": items.relate(published, draft, kind="repeats", by=who.administrator),
    }
    made_updates, evidence = _progress(published, draft, who)
    definition, report, runs = _reports(who)
    token = tokens["analyst"][0]
    world = World(
        people=who, published=published, other=other, draft=draft, submitted=submitted, own=own, archived=archived, merged=merged,
        mechanism=mechanism, mechanism_draft=mechanism_draft, updates=made_updates, evidence=evidence,
        milestones=milestones, relations=relations, comments=_comments(published, made_updates, who), bulk_edit=_bulk_edit(published, who), bulk_review=_bulk_review(made_updates, who), document=document, meeting=_meeting(mechanism, member),
        member=member, organisation=core.make_organisation("energy-council"), report=report, definition=definition,
        runs=runs, exports=_exports(who), token=token, views=_views(who), notice=_notice(published, who), rows={}, texts={name: text for name, (_token, text) in tokens.items()},
        writing=writing,
    )  # fmt: skip
    entry = CatalogueEntry.objects.create(noun="proposal", key="energy-1", object_pk=str(published.pk))
    grant = who.analyst.grants.get()
    shown = (world.views["shared"], member, world.organisation, energy, runs["done"], entry, who.reader, grant, token, document,
             document.passages.first(), published, deliveries.plan("notices", key="daily:2031-04-01", recipient=who.reader)[0], made_updates["published"], evidence["public"],
             milestones["published"], world.meeting, definition)  # fmt: skip
    world.rows = {f"{row._meta.app_label}_{row._meta.model_name}": row for row in shown if row is not None}
    return world


def _people(energy: Any, green: Any) -> People:
    who = People(
        reader=people.make_user("reader"),
        analyst=people.make_user("analyst", role="analyst", themes=[energy]),
        analyst_elsewhere=people.make_user("analyst-elsewhere", role="analyst", themes=[green]),
        reviewer=people.make_user("reviewer", role="reviewer", themes=[energy]),
        reviewer_elsewhere=people.make_user("reviewer-elsewhere", role="reviewer", themes=[green]),
        administrator=people.make_user("administrator", role="administrator"),
        gone=people.make_user("gone", role="administrator"),
        colleague=people.make_user("colleague", role="analyst", themes=[energy]),
    )
    people.make_grant(who.gone, "reviewer")
    for person in vars(who).values():
        person.set_password(PASSWORD)
        person.save(update_fields=["password"])
    second_factor.make_app(who.analyst)
    second_factor.make_passkey(who.analyst)
    return who


def _mechanisms(who: People, energy: Any) -> tuple[TrackedItem, TrackedItem]:
    own = {"kind": "working_group", "track": "economy_finance", "acronym": "EWG", "founded": "2017-05"}
    made = [
        create_mechanism(by=tracking.make_system(), fields={"title": title, "lead_theme": energy}, own=own).item
        for title in ("Energy working group", "Energy academy")
    ]
    items.submit_item(made[0], by=tracking.make_system())
    return tracking.publish_item(made[0]), made[1]


def _progress(published: TrackedItem, draft: TrackedItem, who: People) -> tuple[dict[str, Update], dict[str, Evidence]]:
    """An update in each state, and evidence that is public, confidential, and not yet out."""

    def file(name: str) -> SimpleUploadedFile:
        return SimpleUploadedFile(name, b"Minutes of the meeting.\n")

    first = tracking.make_draft(published, by=who.colleague, text="A text was *agreed*.", status_claimed="agreed",
                                happened="2024-03")  # fmt: skip
    evidence = {
        "public": tracking.make_evidence(published, by=who.colleague, update=first, files=[file("minutes.txt")]),
        "confidential": tracking.make_evidence(
            published, by=who.colleague, update=first, confidential=True, title="Cable", files=[file("cable.txt")]
        ),
    }
    made = {"published": _published(first, who)}
    made["draft"] = tracking.make_draft(published, by=who.colleague, text="Talks go on.")
    evidence["draft"] = tracking.make_evidence(published, by=who.colleague, update=made["draft"],
                                               files=[file("draft.txt")])  # fmt: skip
    made["submitted"] = tracking.make_update(published, by=who.colleague, state="submitted", text="Talks ended.")
    made["own"] = tracking.make_draft(published, by=who.analyst, text="My own note.")
    evidence["own"] = tracking.make_evidence(published, by=who.analyst, update=made["own"], files=[file("own.txt")])
    returned = tracking.make_update(published, by=who.analyst, state="submitted", text="Too short.")
    made["returned"] = updates.return_update(returned, by=who.reviewer, reason="Say who agreed.")
    handed_in = tracking.make_update(published, by=who.analyst, state="submitted", text="Handed in.")
    made["own_submitted"] = handed_in
    published.refresh_from_db()
    return made, evidence


def _published(update: Update, who: People) -> Update:
    return updates.publish_update(
        updates.submit_update(update, by=who.colleague), by=who.reviewer, evidence_checked=True
    )


def _comments(published: TrackedItem, updates: dict[str, Update], who: People) -> dict[str, Comment]:
    """Said of an item by two people, and of an update that is not public."""

    def say(by: User, text: str, update: Update | None = None) -> Comment:
        return conversation.add_comment(published, by=by, text=text, update=update)

    return {
        "own": say(who.analyst, "Is the *second* figure right, @colleague?"),
        "others": say(who.colleague, "It is.", updates["published"]),
        "draft": say(who.colleague, "Not sure yet.", updates["draft"]),
    }


def _notice(item: TrackedItem, who: People) -> Notice:
    """Something that the analyst is told."""
    now = dt.datetime.now(dt.UTC)
    tell([Telling(
        Reason.COMMENT, "world", "item", item.pk, str(item), item.get_absolute_url(), now,
        [Tie(who.analyst.pk, Why.ITEM)], who.colleague.pk, {"text": "It is."},
    )])  # fmt: skip
    return Notice.objects.get(person=who.analyst, key="world")


def _bulk_review(made: dict[str, Update], who: People) -> BulkReview:
    """A decision that found its update published already."""
    update = made["published"]
    handed = judging.Handed(updates={update.pk: update.version})
    return judging.review_many(handed, Judgement.PUBLISH, by=who.reviewer)


def _bulk_edit(item: TrackedItem, who: People) -> BulkEdit:
    return bulk.edit_many(
        {item.pk: None}, bulk.Wanted(values={"phase": "medium"}), by=who.analyst, words=["Phase: medium term"]
    )


def _meeting(mechanism: TrackedItem, member: Member) -> Meeting:
    return Meeting.objects.create(
        key="energy-2024", title="Energy ministers", kind="ministerial", track="economy_finance", started="2024-09",
        mechanism=mechanism.mechanism, chair=member, place="Moscow",
    )  # fmt: skip


def _exports(who: People) -> dict[str, Job]:
    """A list that is a file, one that waits to be, and one that could not be made."""
    done = exports.request_export("/proposals/?q=energy", "xlsx", by=who.analyst, form_key=uuid.uuid4())
    jobs.run(done.pk)
    common = {"kind": exports.JOB, "owner": who.analyst, "arguments": done.arguments}
    return {
        "done": done,
        "waiting": Job.objects.create(key="waiting", **common),
        "failed": Job.objects.create(key="failed", state=JobState.FAILED, reason="The disk is full.", **common),
    }


def _views(who: People) -> dict[str, SavedView]:
    """A view that is its owner's alone, and one that everyone finds."""
    asked: dict[str, Any] = {"list": "proposals", "query": "kind=goal"}
    return {
        "own": create_view(by=who.analyst, name="Goals", **asked),
        "shared": create_view(by=who.colleague, name="Goals for all", shared=True, **asked),
    }


def _reports(who: People) -> tuple[ReportDefinition, Report, dict[str, Job]]:
    """One frozen report, and runs of the administrator's that are done, failed and waiting."""
    day = dt.date.today() - dt.timedelta(days=8)
    definition = ReportDefinition.objects.create(key="weekly", title="Weekly progress", period="week", starts_on=day)
    report = freeze_report(definition, period_containing("week", day))
    keep_file(report, "pdf", b"%PDF-1.7\n")
    states = {"done": JobState.DONE, "failed": JobState.FAILED, "waiting": JobState.WAITING}
    runs = {
        name: Job.objects.create(kind=JOB, key=f"weekly:{name}", owner=who.administrator, state=state,
                                 arguments={"definition": "weekly", "day": day.isoformat()})
        for name, state in states.items()
    }  # fmt: skip
    return definition, report, runs
