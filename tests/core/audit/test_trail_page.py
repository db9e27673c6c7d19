"""An administrator finds who did what, to what, what it was before, and takes it away as a file."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from brics_tracker.accounts import services as people
from brics_tracker.accounts.adapter import AccountAdapter
from brics_tracker.accounts.models import User
from brics_tracker.core.audit import record_event, trail
from brics_tracker.core.audit.entries import TrailEntry
from brics_tracker.core.audit.trail import Asked, read_trail
from brics_tracker.core.choices import Act
from brics_tracker.core.models import AuditEvent
from brics_tracker.core.services import retire_theme
from brics_tracker.tracking.models import Update
from brics_tracker.tracking.services import items
from proposals.services import edit_proposal
from tests.factories.accounts import make_user
from tests.factories.core import make_member, make_theme
from tests.factories.tracking import make_draft, make_item, make_milestone, make_proposal, make_update
from tests.growth import queries_of

pytestmark = pytest.mark.django_db
ADDRESS = "/admin/audit/"


@pytest.fixture
def client(client: Client, administrator: User) -> Client:
    client.force_login(administrator)
    return client


def look(client: Client, **asked: Any) -> list[TrailEntry]:
    answer = client.get(ADDRESS, asked)
    assert answer.status_code == 200, answer.context["form"].errors
    found: list[TrailEntry] = answer.context["entries"]
    return found


def file_rows(client: Client, **asked: Any) -> list[dict[str, str]]:
    answer: Any = client.get(ADDRESS, {**asked, "export": "csv"})
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"), newline="")))


class TestWhatIsShown:
    def test_a_change_with_who_what_why_and_before_and_after(self, client: Client, analyst: User) -> None:
        proposal = make_proposal(title="Grain exchange")
        edit_proposal(proposal, by=analyst, version=None, changes={"title": "Grain reserve"}, own={})
        entry = look(client, person="analyst", kind="tracking.trackeditem")[0]
        assert (entry.who, entry.mail, entry.act) == ("analyst", "analyst@example.org", "changed")
        assert entry.thing == f"{proposal.item.reference} Grain reserve"
        assert [(change.label, change.old, change.new) for change in entry.changes] == [
            ("Title", "Grain exchange", "Grain reserve")
        ]
        page = client.get(ADDRESS).content.decode()
        assert "<del><bdi>Grain exchange</bdi></del>" in page

    def test_why(self, client: Client, administrator: User) -> None:
        retire_theme(make_theme("EN"), by=administrator)
        assert look(client, kind="core.theme")[0].reason == "retired"

    def test_links_that_were_set_and_taken_away(self, client: Client, analyst: User) -> None:
        item = make_item(members=[make_member("BR")])
        items.edit_item(item, by=analyst, version=item.version, changes={"members": [make_member("CN")]})
        [change] = look(client, kind="tracking.trackeditem", act="changed", person="analyst")[0].changes
        assert (change.old, change.new) == ("Country BR", "Country CN")

    def test_what_was_removed_with_what_it_was(self, client: Client, administrator: User, reader: User) -> None:
        grant = people.grant_role(reader, "analyst", by=administrator, themes=[make_theme("EN", name="Energy")])
        people.revoke_grant(grant, by=administrator)
        entry = look(client, kind="accounts.grant", act="removed")[0]
        assert (entry.thing, entry.reason) == ("reader · analyst", "revoked")
        assert ("Within themes", "Energy", "—") in [(each.label, each.old, each.new) for each in entry.changes]

    def test_a_fetch_stands_among_the_changes_in_the_order_of_time(self, client: Client, reader: User) -> None:
        make_theme("AA")
        record_event(Act.EXPORT_MADE, by=reader, thing="proposals", words="proposals.csv", filters={"q": "grain"})
        make_theme("BB")
        entries = [entry for entry in look(client) if entry.kind == "theme" or entry.act == "export made"]
        assert [entry.thing for entry in entries] == ["BB Theme BB", "proposals.csv", "AA Theme AA"]
        assert [(each.label, each.new) for each in entries[1].changes] == [("q", "grain")]

    def test_a_password_that_was_set_shows_that_and_nothing_of_it(self, client: Client, reader: User) -> None:
        AccountAdapter().set_password(reader, "a long and quiet river")
        entry = look(client, kind="accounts.user", person="reader")[0]
        assert (entry.reason, entry.changes) == ("password set", [])

    def test_hostile_text_stays_text(self, client: Client) -> None:
        make_theme("EN", name="<script>alert(1)</script>\u202egnol")
        page = client.get(ADDRESS).content.decode()
        assert "<script>alert" not in page
        assert "\u202e" not in page


class TestLookingFor:
    def test_one_person(self, client: Client) -> None:
        first, second = make_user("Ana Lima", role="analyst"), make_user("Wu Li", role="analyst")
        for person in (first, second):
            make_draft(make_item(), by=person)
        assert {entry.who for entry in look(client, person="ana")} == {"Ana Lima"}
        assert {entry.mail for entry in look(client, person=second.email)} == {second.email}

    def test_some_days(self, client: Client) -> None:
        event = record_event(Act.EXPORT_MADE, by=None, thing="old")
        AuditEvent.objects.filter(pk=event.pk).update(at=dt.datetime(2026, 3, 4, 23, 59, tzinfo=dt.UTC))
        assert [entry.thing for entry in look(client, since="2026-03-04", until="2026-03-04")] == ["old"]
        assert look(client, since="2026-03-01", until="2026-03-03") == []
        assert "old" not in [entry.thing for entry in look(client, since="2026-03-05")]

    def test_a_reference_finds_the_thing_and_what_belongs_to_it(self, client: Client, analyst: User) -> None:
        update = make_update(make_item(title="Grid"), by=analyst, sources=1)
        make_milestone(update.item, by=analyst, title="First step")
        make_update(make_item(title="Another"))
        record_event(Act.FILE_FETCHED, by=analyst, thing=update, words="minutes.pdf", reference=update.item.reference)
        entries = look(client, reference=update.item.reference.lower())
        assert {entry.kind for entry in entries} >= {"update", "milestone", "evidence", "proposal", ""}
        assert all(update.item.reference in entry.thing for entry in entries)
        assert look(client, reference="EC-99") == []

    def test_a_mail_address_or_code_is_a_reference_too(self, client: Client, administrator: User, reader: User) -> None:
        people.grant_role(reader, "analyst", by=administrator)
        assert {entry.kind for entry in look(client, reference="reader@example.org")} == {"user", "grant"}
        make_theme("EN")
        assert {entry.thing for entry in look(client, reference="EN")} == {"EN Theme EN"}

    def test_an_act(self, client: Client, analyst: User) -> None:
        make_update(make_item(), by=analyst)
        assert {entry.act for entry in look(client, act="added")} == {"added"}
        assert {entry.act for entry in look(client, act="signed_in")} == {"signed in"}

    def test_words_in_texts_and_reasons(self, client: Client, analyst: User) -> None:
        update = make_update(make_item(), by=analyst, text="The ministers signed the grain protocol.")
        Update.history.filter(pk=Update.history.earliest().pk).update(history_change_reason="typing slip")
        assert {entry.kind for entry in look(client, q="PROTOCOL grain")} == {"update"}
        assert len(look(client, q="typing")) == 1
        assert look(client, q="protocol barley") == []
        assert str(update.item.reference) in look(client, q="protocol")[0].thing

    def test_words_reach_three_months_back_unless_days_are_chosen(self, client: Client) -> None:
        event = record_event(Act.EXPORT_MADE, by=None, thing="barley")
        AuditEvent.objects.filter(pk=event.pk).update(at=timezone.now() - dt.timedelta(days=100))
        assert look(client, q="barley") == []
        assert len(look(client, q="barley", since=(timezone.localdate() - dt.timedelta(days=101)).isoformat())) == 1

    @pytest.mark.parametrize(
        ("asked", "field"),
        [
            ({"person": "nobody at all"}, "person"),
            ({"since": "yesterday"}, "since"),
            ({"since": "2026-03-04", "until": "2026-03-01"}, "until"),
            ({"kind": "accounts.password"}, "kind"),
            ({"act": "x"}, "act"),
            ({"q": "a\x01b"}, ""),
        ],
    )
    def test_what_cannot_be_read_is_said_at_its_field_and_kept(
        self, client: Client, asked: dict[str, str], field: str
    ) -> None:
        answer = client.get(ADDRESS, {**asked, "export": "csv"})
        if not field:
            assert answer.status_code == 400  # refused at the edge, as on every page
            return
        assert answer.status_code == 422
        assert list(answer.context["form"].errors) == [field]
        assert answer.context["entries"] == []
        assert not AuditEvent.objects.filter(act=Act.EXPORT_MADE).exists()


class TestPages:
    def test_older_pages_follow_without_gap_or_repetition(
        self, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        moment = timezone.now()
        for number in range(9):  # some at the very same moment, in two tables
            event = record_event(Act.EXPORT_MADE, by=None, thing=f"list {number}")
            AuditEvent.objects.filter(pk=event.pk).update(at=moment - dt.timedelta(seconds=number // 3))
            theme = make_theme(f"A{chr(65 + number)}")
            theme.history.update(history_date=moment - dt.timedelta(seconds=number // 3))
        monkeypatch.setattr("brics_tracker.core.audit.views.ENTRIES", 4)
        answer = client.get(ADDRESS)
        seen = [entry.record for entry in answer.context["entries"]]
        while older := answer.context["older"]:
            assert f"before={older.replace(':', '%3A')}" in answer.content.decode()
            answer = client.get(ADDRESS, {"before": older})
            seen += [entry.record for entry in answer.context["entries"]]
        assert len(seen) == len(set(seen))
        assert seen == [entry.record for entry in read_trail(Asked(), before=None, size=1000)[0]]
        assert len(seen) > 20

    @pytest.mark.parametrize("before", ["x", "2026-01-01T00:00:00~core.theme~1", "~~", "2026-01-01~core.auditevent~x"])
    def test_a_place_that_is_none_is_not_found(self, client: Client, before: str) -> None:
        assert client.get(ADDRESS, {"before": before}).status_code == 404

    def test_an_empty_trail_says_what_it_is_for(self, client: Client) -> None:
        assert "Nothing on record fits" in client.get(ADDRESS, {"q": "zzz"}).content.decode()

    def test_its_queries_do_not_grow(self, client: Client) -> None:
        def enter(number: int) -> None:
            for _each in range(number):
                update = make_update(make_item(members=[make_member("BR")]), sources=1)
                edit_proposal(
                    update.item.proposal, by=update.author, version=None, changes={"title": f"T{_each}"}, own={}
                )

        enter(1)
        client.get(ADDRESS)
        few = queries_of(lambda: client.get(ADDRESS))
        enter(4)
        assert queries_of(lambda: client.get(ADDRESS)) <= few

    def test_it_is_on_the_first_page_of_the_administration(self, client: Client) -> None:
        assert f'href="{ADDRESS}"' in client.get("/admin/").content.decode()


class TestTheFile:
    def test_it_holds_what_is_asked_for_and_is_on_record_itself(self, client: Client, analyst: User) -> None:
        proposal = make_proposal(title="=HYPERLINK()")
        edit_proposal(proposal, by=analyst, version=None, changes={"summary": "New."}, own={})
        [row] = file_rows(client, person="analyst", kind="tracking.trackeditem")
        assert row["Who"] == "analyst"
        assert row["Before → after"].startswith("Summary: ")
        assert row["Before → after"].endswith("→ New.")
        assert row["Thing"] == f"{proposal.item.reference} =HYPERLINK()"
        [event] = AuditEvent.objects.filter(act=Act.EXPORT_MADE)
        assert event.detail == {"filters": {"person": "analyst", "kind": "tracking.trackeditem"}}

    def test_many_chunks_hold_every_entry_once(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(trail, "CHUNK", 5)
        for _number in range(3):
            make_update(make_item(), sources=1)
        rows = file_rows(client)
        records = [row["Record"] for row in rows]
        everything = [entry.record for entry in read_trail(Asked(), before=None, size=1000)[0]]
        assert len(records) > 20
        assert sorted(records) == sorted(set(everything))
        assert [row["When"] for row in rows] == sorted((row["When"] for row in rows), reverse=True)

    def test_an_unknown_format_is_refused(self, client: Client) -> None:
        assert client.get(ADDRESS, {"export": "docx"}).status_code == 400
