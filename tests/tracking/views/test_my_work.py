"""My work: what waits for one person, and "no change" in one click."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.test import Client
from django.urls import reverse

from brics_tracker.accounts.models import User
from brics_tracker.tracking.models import BulkEdit, TrackedItem, Update, today
from brics_tracker.tracking.services import bulk, items, updates
from tests.factories.accounts import make_user
from tests.factories.core import make_theme
from tests.factories.tracking import make_draft, make_item, make_milestone, make_update
from tests.growth import queries_of
from tests.tracking.views.helpers import said

pytestmark = pytest.mark.django_db
WORK = reverse("tracking:my-work")


def groups(client: Client, **query: str) -> dict[str, list[str]]:
    """References by group, as the page shows them."""
    shown = client.get(WORK, query).context["groups"]
    return {each.group.key: [task.item.reference for task in each.tasks] for each in shown}


def late(days: int = 10, **fields: object) -> TrackedItem:
    item = make_item(**fields)
    make_milestone(item, due=today() - dt.timedelta(days=days))
    item.refresh_from_db()
    return item


def still(**fields: object) -> TrackedItem:
    item = make_item(**fields)
    TrackedItem.objects.filter(pk=item.pk).update(stagnant_after=today() - dt.timedelta(days=1))
    return item


def test_it_groups_what_waits_by_what_to_do(client: Client, analyst: User, reviewer: User) -> None:
    back = make_update(make_item(), by=analyst, state="submitted")
    updates.return_update(back, by=reviewer, reason="Name the ministers.")
    draft, waiting = make_draft(make_item(), by=analyst), make_update(make_item(), by=analyst, state="submitted")
    old, older, near, quiet = late(5), late(50), late(-5), still()
    client.force_login(analyst)
    assert groups(client) == {
        "returned": [back.item.reference],
        "drafts": [draft.item.reference],
        "overdue": [older.reference, old.reference],
        "soon": [near.reference],
        "stagnant": [quiet.reference],
        "waiting": [waiting.item.reference],
    }
    assert "Name the ministers." in said(client.get(WORK))


def test_ones_own_items_stand_there_until_they_are_published(client: Client, analyst: User, reviewer: User) -> None:
    draft, back = make_item(by=analyst, published=False), make_item(by=analyst, published=False)
    items.submit_item(back, by=analyst)
    items.return_item(back, by=reviewer, reason="Which ministers?")
    client.force_login(analyst)
    assert groups(client) == {"returned": [back.reference], "drafts": [draft.reference]}
    assert "Which ministers?" in said(client.get(WORK))


def test_it_shows_what_lies_in_scope_and_what_is_assigned(client: Client) -> None:
    energy, culture = make_theme("EN"), make_theme("CU")
    person = make_user(role="analyst", themes=[energy])
    inside, outside, assigned = late(theme=energy), late(theme=culture), late(theme=culture)
    assigned.assignees.add(person)
    client.force_login(person)
    assert set(groups(client)["overdue"]) == {inside.reference, assigned.reference}
    assert groups(client, mine="1")["overdue"] == [assigned.reference]
    assert outside.reference not in said(client.get(WORK))


def test_what_is_archived_or_not_public_is_not_asked_for(client: Client, analyst: User, administrator: User) -> None:
    items.archive_item(late(), by=administrator, reason="Merged.")
    make_item(by=make_user(role="analyst"), published=False)
    client.force_login(analyst)
    assert groups(client) == {}


def test_a_draft_on_an_archived_item_says_why_it_waits_and_can_be_thrown_away(
    client: Client, analyst: User, administrator: User
) -> None:
    draft = make_draft(make_item(), by=analyst)
    items.archive_item(draft.item, by=administrator, reason="Merged.")
    client.force_login(analyst)
    page, delete = client.get(WORK), reverse("tracking:update-delete", args=[draft.pk])
    assert "Its item is archived" in said(page)
    assert reverse("tracking:update-edit", args=[draft.pk]) not in page.content.decode()
    assert delete in page.content.decode()
    assert client.post(delete).status_code == 302
    assert not Update.objects.filter(pk=draft.pk).exists()


def test_a_reader_is_told_what_the_page_is_for(client: Client, reader: User) -> None:
    late()
    client.force_login(reader)
    assert "Nothing waits for you" in said(client.get(WORK))


def test_nobody_is_sent_to_sign_in(client: Client) -> None:
    assert client.get(WORK)["Location"].endswith(f"?next={WORK}")


def test_more_than_a_page_is_counted_and_can_be_paged(
    client: Client, analyst: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("brics_tracker.tracking.selectors.work.SHOWN", 2)
    monkeypatch.setattr("brics_tracker.tracking.views.work.SHOWN", 2)
    for days in (3, 2, 1):
        late(days)
    client.force_login(analyst)
    assert "See all 3" in said(client.get(WORK))
    assert [len(client.get(WORK, {"group": "overdue", "page": str(n)}).context["tasks"]) for n in (1, 2)] == [2, 1]
    assert client.get(WORK, {"group": "overdue", "page": "3"}).status_code == 404
    assert client.get(WORK, {"group": "nonsense"}).status_code == 404


def test_the_latest_edits_of_many_lead_to_what_they_did(client: Client, analyst: User, other_analyst: User) -> None:
    item, other = make_item(), make_item()

    def edit(by: User, phase: str) -> int:
        chosen = {item.pk: None, other.pk: None}
        return bulk.edit_many(chosen, bulk.Wanted(values={"phase": phase}), by=by, words=[f"Phase: {phase}"]).pk

    client.force_login(analyst)
    assert "latest edits" not in said(client.get(WORK))
    foreign, first = edit(other_analyst, "long"), edit(analyst, "medium")
    client.get(WORK)
    few = queries_of(lambda: client.get(WORK))
    last = [edit(analyst, ("long", "medium")[number % 2]) for number in range(5)]
    bulk.undo_edit(BulkEdit.objects.get(pk=last[-1]), by=analyst)
    page = client.get(WORK)
    assert [each.pk for each in page.context["edits"]][1:] == last[:0:-1]
    assert "2 items · Phase: long undone" in said(page)
    for edit_key, listed in ((last[-1], True), (first, False), (foreign, False)):
        assert (f'href="/items/edits/{edit_key}/"' in page.content.decode()) is listed
    assert queries_of(lambda: client.get(WORK)) == few


def test_it_costs_the_same_for_two_rows_and_for_twelve(client: Client, analyst: User, reviewer: User) -> None:
    def fill(number: int) -> None:
        for _each in range(number):
            updates.return_update(make_update(make_item(), by=analyst, state="submitted"), by=reviewer, reason="Why?")
            make_draft(make_item(), by=analyst)
            late().assignees.add(analyst)
            still()

    client.force_login(analyst)
    fill(2)
    few = queries_of(lambda: client.get(WORK))
    fill(10)
    assert queries_of(lambda: client.get(WORK)) == few
    assert few <= 24


# --- no change ---------------------------------------------------------------------------------------------
def no_change(client: Client, item: TrackedItem, key: str | None = None, **headers: str) -> object:
    address = reverse("tracking:item-no-change", args=[item.reference])
    return client.post(address, {"form_key": key or str(uuid.uuid4())}, headers=headers)


def test_one_click_hands_in_no_change(client: Client, analyst: User) -> None:
    item = late()
    client.force_login(analyst)
    assert no_change(client, item)["Location"] == WORK  # type: ignore[index]
    update = item.updates.get()
    assert (update.no_change, update.review_state) == (True, "submitted")
    assert "Reported; waits for review" in said(client.get(WORK))


def test_the_same_click_twice_makes_one(client: Client, analyst: User) -> None:
    item, key = late(), str(uuid.uuid4())
    client.force_login(analyst)
    for _click in range(2):
        no_change(client, item, key)
    assert Update.objects.count() == 1


def test_control_two_pages_make_two(client: Client, analyst: User) -> None:
    item = late()
    client.force_login(analyst)
    for _click in range(2):
        no_change(client, item)
    assert Update.objects.count() == 2


def test_in_a_swap_the_row_alone_comes_back(client: Client, analyst: User) -> None:
    item = late()
    client.force_login(analyst)
    answer = no_change(client, item, **{"HX-Request": "true"})
    assert "Reported; waits for review" in said(answer)
    assert "<html" not in answer.content.decode()  # type: ignore[attr-defined]


def test_a_broken_key_changes_nothing_and_says_so(client: Client, analyst: User) -> None:
    client.force_login(analyst)
    answer = client.post(reverse("tracking:item-no-change", args=[late().reference]), {"form_key": "x"}, follow=True)
    assert "out of date" in said(answer)
    assert not Update.objects.exists()


def test_a_reader_may_not_report(client: Client, reader: User) -> None:
    item = late()
    client.force_login(reader)
    assert no_change(client, item).status_code == 403  # type: ignore[attr-defined]
    assert client.get(reverse("tracking:item-no-change", args=[item.reference])).status_code == 405
