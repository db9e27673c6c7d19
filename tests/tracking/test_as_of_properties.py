"""Whatever happens later, the register as of a day says what it said on that day."""

from __future__ import annotations

import datetime as dt
import re
from html import unescape
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from brics_tracker.tracking.models import TrackedItem, Update
from brics_tracker.tracking.services import items, milestones, updates
from brics_tracker.tracking.services.checks import Claim
from brics_tracker.tracking.workflow import WORKFLOWS
from proposals.models import Proposal
from tests.factories.accounts import make_user
from tests.factories.core import make_member, make_organisation, make_theme
from tests.factories.tracking import make_evidence, make_milestone, make_proposal

FIRST = dt.datetime(2030, 3, 1, 9, 0, tzinfo=dt.UTC)
DAYS = 4
ACTS = ("enter", "log", "log", "log", "retract", "edit", "links", "archive", "restore", "plan", "move", "drop")
ACT = st.fixed_dictionaries({
    "day": st.integers(0, DAYS - 1),
    "act": st.sampled_from(ACTS),
    "item": st.integers(0, 3),
    "number": st.integers(0, 9),
    "status": st.sampled_from(["", *WORKFLOWS["proposal"].statuses]),
    "sources": st.integers(0, 1),
})  # fmt: skip


class Register:
    """People doing things to a handful of items, one day after the other."""

    def __init__(self) -> None:
        self.analyst, self.reviewer = make_user(role="analyst"), make_user(role="reviewer")
        self.administrator = make_user(role="administrator")
        self.themes = [make_theme("EN"), make_theme("GR")]
        self.owners = [make_organisation("bank"), make_organisation("council")]
        self.members = [make_member("BR"), make_member("IN")]
        self.items: list[TrackedItem] = []

    def do(self, told: dict[str, Any]) -> None:
        """One act; what the register's rules refuse is simply not done."""
        if told["act"] == "enter" or not self.items:
            proposal = make_proposal(theme=self.themes[told["number"] % 2], target_date="2030-03-03")
            self.items.append(proposal.item)
            return
        item = TrackedItem.objects.get(pk=self.items[told["item"] % len(self.items)].pk)
        try:
            with transaction.atomic():
                getattr(self, f"_{told['act']}")(item, told)
        except (ValidationError, PermissionDenied):
            pass

    def _log(self, item: TrackedItem, told: dict[str, Any]) -> None:
        steps = list(item.milestones.filter(dropped_at=None, completed_on="", confirmed=True))
        claims = []
        if steps and told["number"] > 4:
            moved = Claim(steps[0], "moved", dt.date(2030, 3, 20 + told["number"]), "It took longer.")
            claims = [Claim(steps[0], "completed") if told["number"] % 2 else moved]
        fields = {
            "text": f"Entry {told['number']}.", "happened": f"2029-{told['number'] + 1:02d}", "reason": "As reported.",
            "status_claimed": told["status"], "percent_claimed": None if steps else told["number"] * 10,
        }  # fmt: skip
        update = updates.create_update(item, by=self.analyst, fields=fields, claims=claims)
        if told["sources"]:
            make_evidence(item, by=self.analyst, update=update)
        update = updates.submit_update(update, by=self.analyst)
        updates.publish_update(update, by=self.reviewer, evidence_checked=bool(told["sources"]))

    def _retract(self, item: TrackedItem, told: dict[str, Any]) -> None:
        update = Update.objects.published().filter(item=item).first()
        if update is not None:
            updates.retract_update(update, by=self.reviewer, reason="Misread.")

    def _edit(self, item: TrackedItem, told: dict[str, Any]) -> None:
        changes = {"title": f"Renamed {told['number']}", "target_date": f"2030-03-0{told['number'] + 1}"[:10]}
        items.edit_item(item, by=self.analyst, version=None, changes=changes)

    def _links(self, item: TrackedItem, told: dict[str, Any]) -> None:
        changes = {
            "owner": self.owners[told["number"] % 2],
            "themes": self.themes[: told["number"] % 2 + 1],
            "members": self.members[told["number"] % 2 :],
        }
        items.edit_item(item, by=self.analyst, version=None, changes=changes)

    def _archive(self, item: TrackedItem, told: dict[str, Any]) -> None:
        items.archive_item(item, by=self.administrator, reason="Taken up elsewhere.")

    def _restore(self, item: TrackedItem, told: dict[str, Any]) -> None:
        items.restore_item(item, by=self.administrator)

    def _plan(self, item: TrackedItem, told: dict[str, Any]) -> None:
        make_milestone(item, by=self.reviewer, due=dt.date(2030, 3, 1 + told["number"]), weight=told["number"] + 1)

    def _move(self, item: TrackedItem, told: dict[str, Any]) -> None:
        step = item.milestones.filter(dropped_at=None).first()
        if step is not None:
            due = dt.date(2030, 3, 10 + told["number"])
            milestones.edit_milestone(
                step, by=self.analyst, version=None, changes={"due": due}, reason="A quorum lacked."
            )

    def _drop(self, item: TrackedItem, told: dict[str, Any]) -> None:
        step = item.milestones.filter(dropped_at=None).last()
        if step is not None:
            milestones.drop_milestone(step, by=self.analyst, reason="No longer planned.")


def shown(client: Client, day: dt.date | None) -> dict[str, str]:
    """What a reader is shown: lists, their file, the overview and every item's page; now, or as of a day."""
    as_of = f"as_of={day.isoformat()}" if day else ""
    pages = ["/", "/proposals/?archived=all", "/proposals/?overdue=true", "/proposals/?theme=GR&sort=-due"]
    pages += [f"/proposals/{reference}/" for reference in sorted(references())]
    found = {}
    for page in pages:
        address = f"{page}{'&' if '?' in page else '?'}{as_of}" if as_of else page
        part = {"HX-Request": "true"} if "proposals/?" in page else {}
        found[page] = plain(client.get(address, headers=part).content.decode())
        if "proposals/?" in page:
            sent = client.get(f"{address}&export=csv")
            found[f"{page} as a file"] = b"".join(sent).decode()
    return found


def references() -> list[str]:
    return list(Proposal.objects.values_list("item__reference", flat=True))


def differing(then: str, back: str) -> tuple[str, str]:
    """Where two pages part, for the message of a failure."""
    start = next((n for n, (a, b) in enumerate(zip(then, back, strict=False)) if a != b), min(len(then), len(back)))
    return then[max(0, start - 80) : start + 120], back[max(0, start - 80) : start + 120]


def plain(page: str) -> str:
    """The body of a page without its forms, as nobody acts on the past; what its addresses say of the day is the frame's."""
    body = page.split("<main", 1)[-1].split("</main>", 1)[0]
    body = re.sub(r"<form\b.*?</form>", "", body, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r'="([^"]*[?][^"]*)"', lambda found: f'="{presently(unescape(found[1]))}"', body))


def presently(address: str) -> str:
    path, _mark, rest = address.partition("?")
    query, mark, anchor = rest.partition("#")
    pairs = [pair for pair in query.split("&") if pair and not pair.startswith("as_of=")]
    return "?".join([path, *(["&".join(pairs)] if pairs else [])]) + mark + anchor


@pytest.mark.django_db
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=st.lists(ACT, min_size=4, max_size=14))
def test_as_of_a_day_is_what_was_shown_on_that_day(client: Client, told: list[dict[str, Any]]) -> None:
    with transaction.atomic():
        reader, register = make_user(), Register()
        seen: dict[dt.date, dict[str, str]] = {}
        for number in range(DAYS):
            morning = FIRST + dt.timedelta(days=number)
            with time_machine.travel(morning, tick=False):
                for act in [act for act in told if act["day"] == number]:
                    register.do(act)
                client.force_login(reader)
                seen[morning.date()] = shown(client, None)
        for number, (day, then) in enumerate(seen.items()):
            with time_machine.travel(FIRST + dt.timedelta(days=DAYS + number), tick=False):
                client.force_login(reader)
                back = shown(client, day)
                later = {page for page in back if page not in then}  # items that were entered after that day
                assert [differing(then[page], back[page]) for page in then if back[page] != then[page]] == []
                assert all(client.get(f"{page}?as_of={day}").status_code == 404 for page in later if "file" not in page)
        transaction.set_rollback(True)
