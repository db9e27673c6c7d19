"""To confirm: ticks, owners and dates in one table; shown, done, undone; nothing typed is lost."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client

from brics_tracker.accounts.models import User
from brics_tracker.core.models import Organisation
from brics_tracker.tracking.models import BulkEdit, TrackedItem
from brics_tracker.tracking.services import items
from tests.factories.accounts import make_user
from tests.factories.core import make_organisation, make_theme
from tests.factories.tracking import make_item
from tests.growth import queries_of
from tests.tracking.views.helpers import said

pytestmark = pytest.mark.django_db
ADDRESS = "/items/to-confirm/"


@pytest.fixture
def signed(client: Client, reviewer: User) -> Client:
    client.force_login(reviewer)
    return client


def filled(client: Client, *taken: TrackedItem, **typed: Any) -> dict[str, Any]:
    """What the browser sends once these rows are ticked; `typed` by "<key>-<field>"."""
    form = client.get(ADDRESS).context["form"]
    data: dict[str, Any] = {"form_key": str(form["form_key"].value()), "row": [row.item.pk for row in form.rows]}
    for row in form.rows:
        for bound in row:
            if (value := bound.value()) not in (None, False, ""):
                data[bound.html_name] = "on" if value is True else value
    return {**data, **{f"{item.pk}-take": "on" for item in taken}, **typed}


def waiting(**fields: Any) -> TrackedItem:
    return make_item(plan="agreement", owner=make_organisation(), **fields)


def test_owners_and_plans_are_confirmed_in_one_go_and_undone(signed: Client) -> None:
    first, second, third = waiting(title="Grain"), waiting(title="Rail"), waiting(title="Gas")
    council = make_organisation("council")
    step = second.milestones.order_by("position").first()
    assert step is not None
    typed = {f"{second.pk}-owner": council.name.upper(), f"{second.pk}-due-{step.pk}": "2031-04-01"}
    data = filled(signed, first, second, **typed)
    page = signed.post(ADDRESS, data | {"then": "preview"})
    assert "Change 2 items" in said(page)
    assert f'value="{council.name.upper()}"' in page.content.decode()
    assert not BulkEdit.objects.exists()
    for _twice in range(2):
        done = signed.post(ADDRESS, data | {"then": "apply"})
    edit = BulkEdit.objects.get()
    assert done.headers["Location"] == f"/items/edits/{edit.pk}/"
    found = {item.pk: item for item in TrackedItem.objects.all()}
    assert [found[item.pk].owner_confirmed for item in (first, second, third)] == [True, True, False]
    assert found[second.pk].owner == council
    step.refresh_from_db()
    assert (step.due, step.confirmed) == (dt.date(2031, 4, 1), True)
    assert first.milestones.filter(confirmed=False).count() == 0
    signed.post(f"/items/edits/{edit.pk}/undo/")
    assert TrackedItem.objects.filter(owner_confirmed=True).count() == 0
    step.refresh_from_db()
    assert (step.due, step.confirmed) == (None, False)


def test_what_is_wrong_is_said_in_its_row_and_everything_typed_stays(signed: Client) -> None:
    item, other = waiting(), waiting()
    step = item.milestones.order_by("position").first()
    assert step is not None
    typed = {f"{item.pk}-owner": "No such body", f"{item.pk}-due-{step.pk}": "soon"}
    answer = signed.post(ADDRESS, filled(signed, item, other, **typed) | {"then": "apply"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "no organisation of this name" in page
    assert 'value="No such body"' in page
    assert 'value="soon"' in page
    assert f'id="id_{other.pk}-take" aria-label="Confirm {other.reference}" checked' in page
    assert not BulkEdit.objects.exists()
    assert "Tick the items" in said(signed.post(ADDRESS, filled(signed) | {"then": "apply"}))


def test_two_of_one_name_are_not_guessed_between(signed: Client) -> None:
    item = waiting()
    for key in ("bank-one", "bank-two"):
        make_organisation(key)
        Organisation.objects.filter(key=key).update(name="The Bank")
    answer = signed.post(ADDRESS, filled(signed, item, **{f"{item.pk}-owner": "the bank"}) | {"then": "apply"})
    assert "Several organisations bear this name" in said(answer)


def test_what_someone_changed_meanwhile_is_a_conflict_of_its_row_alone(signed: Client, other_analyst: User) -> None:
    first, second = waiting(), waiting()
    council, bank = make_organisation("council"), make_organisation("bank")
    data = filled(signed, first, second, **{f"{first.pk}-owner": council.name})
    items.edit_item(first, by=other_analyst, version=None, changes={"owner": bank})
    signed.post(ADDRESS, data | {"then": "apply"})
    assert dict(BulkEdit.objects.get().rows.values_list("item", "outcome")) == {
        first.pk: "conflict", second.pk: "changed",
    }  # fmt: skip


def test_it_holds_what_lies_in_ones_scope_and_the_filter_of_the_list(client: Client, analyst: User) -> None:
    energy, green = make_theme("EN"), make_theme("GR")
    mine, others = waiting(theme=energy, title="Grain"), waiting(theme=green)
    settled = make_item(theme=energy, owner=make_organisation(), owner_confirmed=True)
    limited = make_user(role="reviewer", themes=[energy])
    client.force_login(limited)
    assert [row.item for row in client.get(ADDRESS).context["form"].rows] == [mine]
    for page in ("/my-work/", "/review/"):
        assert re.search(rf'href="{ADDRESS}">[^<]+</a> <span class="more">1<', client.get(page).content.decode()), page
    page = client.get(f"{ADDRESS}?theme=EN&q=grain").content.decode()
    assert '<option value="EN" selected' in page
    assert '<input type="hidden" name="q" value="grain">' in page
    assert not client.get(f"{ADDRESS}?q=rail").context["form"].rows
    assert not client.get(f"{ADDRESS}?item_kind=mechanism").context["form"].rows
    posted = client.post(ADDRESS, {"row": [others.pk, settled.pk], f"{others.pk}-take": "on", "then": "apply"})
    assert others not in [row.item for row in posted.context["form"].rows]
    assert f"{ADDRESS}?to_confirm=true" in client.get("/proposals/?to_confirm=true").content.decode()
    client.force_login(analyst)
    assert client.get(ADDRESS).status_code == 403
    for page in ("/proposals/?to_confirm=true", "/my-work/"):
        assert ADDRESS not in client.get(page).content.decode()


def test_it_costs_the_same_for_few_and_for_many(signed: Client) -> None:
    waiting()
    signed.get(ADDRESS)
    few = queries_of(lambda: signed.get(ADDRESS))
    for _number in range(11):
        waiting()
    assert queries_of(lambda: signed.get(ADDRESS)) == few
