"""Which items a list shows for what was asked; page, API and export share this."""

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import QueryDict

from brics_tracker.accounts.models import User
from brics_tracker.tracking.filters import AnyItemFilterSet
from brics_tracker.tracking.models import Milestone, TrackedItem
from brics_tracker.tracking.services import items
from proposals.filters import ProposalFilterSet
from proposals.models import Proposal
from tests.factories.accounts import make_user
from tests.factories.core import make_member, make_organisation, make_theme
from tests.factories.tracking import make_document, make_item, make_proposal, make_system

pytestmark = pytest.mark.django_db
TODAY = dt.date.today()


def asked(query: str, *, user: Any = None, over: str = "proposals") -> Any:
    user = user or make_user()
    request = SimpleNamespace(user=user)
    rows = Proposal.objects.all() if over == "proposals" else TrackedItem.objects.all()
    return ProposalFilterSet(QueryDict(query), rows, request=request)


def found(query: str, **how: Any) -> set[str]:
    """Titles of the rows found, the same by way of proposals and by way of tracked items."""
    by_detail = {row.item.title for row in asked(query, **how).qs.select_related("item")}
    by_item = {row.title for row in asked(query, over="items", **how).qs}
    assert by_detail == by_item
    return by_detail


def edit(item: TrackedItem, **fields: Any) -> None:
    """Columns that services maintain, set by hand for the sake of the test."""
    TrackedItem.objects.filter(pk=item.pk).update(**fields)


class TestWhatIsFound:
    def test_without_a_filter_everything_but_the_archived(self) -> None:
        make_item(title="here")
        edit(make_item(title="gone"), archived_at=dt.datetime.now(dt.UTC))
        assert found("") == {"here"}
        assert found("archived=yes") == {"gone"}
        assert found("archived=all") == {"here", "gone"}

    def test_a_theme_covers_what_lies_below_it(self) -> None:
        root = make_theme("TC")
        make_item(title="below", theme=make_theme("TC-TRADE", parent=root))
        make_item(title="other", theme=make_theme("EN"))
        assert found("theme=TC") == {"below"}

    def test_any_theme_of_an_item_counts_and_no_row_comes_twice(self) -> None:
        root = make_theme("TC")
        make_item(title="both", theme=root, themes=[make_theme("TC-TRADE", parent=root)])
        assert [row.item.title for row in asked("theme=TC").qs] == ["both"]

    def test_several_statuses_are_or_ed(self) -> None:
        for status in ("proposed", "agreed", "stalled"):
            edit(make_item(title=status), status=status)
        assert found("status=agreed&status=stalled") == {"agreed", "stalled"}

    def test_a_member_finds_what_is_asked_of_all_members_too(self) -> None:
        member, former = make_member("BR"), make_member("ZA", until="2020-01-01")
        make_item(title="named", members=[member])
        make_item(title="all", all_members=True)
        make_item(title="former", members=[former])
        assert found("member=BR") == {"named", "all"}
        assert found("member=ZA") == {"former"}

    def test_an_owner_or_none(self) -> None:
        make_item(title="owned", owner=make_organisation("ndb"))
        make_item(title="orphan")
        assert found("owner=ndb") == {"owned"}
        assert found("owner=none") == {"orphan"}

    def test_a_document_and_a_paragraph_of_it(self) -> None:
        document = make_document("declaration-2030")
        make_item(title="first", passages=[document.passages.get(number=1)])
        make_item(title="second", passages=[document.passages.get(number=2)])
        make_item(title="elsewhere", passages=[make_document("other-2031").passages.get(number=2)])
        assert found("document=declaration-2030") == {"first", "second"}
        assert found("document=declaration-2030&paragraph=2") == {"second"}
        assert found("paragraph=2") == {"second", "elsewhere"}

    def test_due_dates_as_they_stand_today(self) -> None:
        edit(make_item(title="late"), next_due=TODAY - dt.timedelta(days=1))
        edit(make_item(title="soon"), next_due=TODAY + dt.timedelta(days=5))
        edit(make_item(title="far"), next_due=TODAY + dt.timedelta(days=500))
        edit(make_item(title="undated"), next_due=None)
        assert found("due=overdue") == found("overdue=true") == {"late"}
        assert found("due=soon") == {"soon"}
        assert found("due=none") == {"undated"}
        assert found("overdue=false") == {"soon", "far", "undated"}

    def test_stagnant_and_at_risk(self) -> None:
        edit(make_item(title="still"), stagnant_after=TODAY - dt.timedelta(days=1))
        edit(make_item(title="slipping"), slips=2)
        edit(make_item(title="fine"), stagnant_after=TODAY + dt.timedelta(days=9))
        assert found("stagnant=true") == {"still"}
        assert found("at_risk=true") == {"still", "slipping"}
        assert found("at_risk=false") == {"fine"}

    def test_to_confirm_is_an_owner_or_a_step_of_the_plan(self) -> None:
        done = make_item(title="done", owner=make_organisation(), owner_confirmed=True)
        planned = make_item(title="planned", owner=make_organisation(), owner_confirmed=True)
        make_item(title="suggested", owner=make_organisation())
        Milestone.objects.create(item=planned, title="Talks", confirmed=False)
        Milestone.objects.create(item=done, title="Dropped", confirmed=False, dropped_at=dt.datetime.now(dt.UTC))
        assert found("to_confirm=true") == {"planned", "suggested"}
        assert found("to_confirm=false") == {"done"}
        assert found("owner_confirmed=true") == {"done", "planned"}

    def test_assigned_to_me(self) -> None:
        me = make_user("me")
        make_item(title="mine", assignees=[me])
        make_item(title="not mine", assignees=[make_user()])
        assert found("assignee=me", user=me) == {"mine"}
        assert found(f"assignee={me.pk}") == {"mine"}
        assert found("assignee=me", user=AnonymousUser()) == set()

    def test_related_either_way(self) -> None:
        first, second, third = make_item(title="a"), make_item(title="b"), make_item(title="c")
        make_item(title="stranger")
        system = make_system()
        items.relate(first, second, kind="part_of", by=system)
        items.relate(third, first, kind="repeats", by=system)
        assert found(f"related={first.reference}") == {"b", "c"}

    def test_all_words_in_title_summary_or_reference_whatever_the_case(self) -> None:
        item = make_item(title="Build a pipeline", summary="Between two seas.")
        make_item(title="Build a school")
        assert found("q=PIPELINE+seas") == {"Build a pipeline"}
        assert found(f"q={item.reference.lower()}+build") == {"Build a pipeline"}
        assert found("q=pipeline+school") == set()
        assert found("q=%25") == set()

    def test_kind_phase_priority_and_proof(self) -> None:
        make_proposal(title="goal", kind="goal", phase="long", priority="high")
        make_proposal(title="plain")
        assert found("kind=goal") == found("phase=long") == found("priority=high") == {"goal"}
        assert found("proof=claimed") == {"goal", "plain"}
        assert found("proof=verified") == set()


class TestWrongValues:
    WRONG = (
        "theme=ZZ", "member=XX", "owner=nobody", "document=none", "status=agreed&status=finished", "proof=perhaps", "phase=1",
        "priority=urgent", "kind=wish", "due=yesterday", "overdue=perhaps", "stagnant=2", "at_risk=x", "to_confirm=-",
        "owner_confirmed=ja", "archived=true", "assignee=you", "assignee=99999999999999999999", "related=EC-99",
        "paragraph=0", "paragraph=99999999999999999999", "paragraph=%C2%B2", "paragraph=1e3", "q=" + "x" * 201,
        "q=%00", "theme=%00", "owner=%00", "related=%00", "status=%00", "assignee=%00", "member=" + "B" * 100_000,
    )  # fmt: skip

    @pytest.mark.parametrize("query", WRONG, ids=lambda query: query[:30])
    def test_each_is_said_at_its_field_and_shows_no_rows(self, query: str) -> None:
        make_item()
        filterset = asked(query)
        assert list(filterset.qs) == []
        assert list(filterset.form.errors) == [query.partition("=")[0]]
        assert filterset.in_use == {}

    def test_an_item_that_one_may_not_see_is_as_unknown_as_none(self) -> None:
        hidden = make_item(published=False)
        reader = make_user("reader")
        unknown, unseen = (asked(f"related={ref}", user=reader).form.errors for ref in ("EC-99", hidden.reference))
        assert unknown == unseen != {}

    def test_empty_values_are_no_filter(self) -> None:
        make_item(title="here")
        query = "&".join(f"{name}=" for name in ProposalFilterSet.base_filters)
        assert found(query) == {"here"}
        assert asked(query).in_use == {}


class TestTheForm:
    def test_it_draws_as_a_plain_form_with_the_most_used_fields_first(self) -> None:
        make_theme("EN", name="Energy")
        form = asked("overdue=true&theme=EN").form
        assert list(form.fields)[:3] == ["q", "status", "kind"]
        assert '<option value="EN" selected>EN Energy</option>' in str(form["theme"])
        assert 'type="checkbox"' in str(form["overdue"])
        assert "checked" in str(form["overdue"])
        assert "checked" not in str(form["stagnant"])

    def test_what_was_typed_is_kept_beside_the_error(self) -> None:
        assert 'value="EC-99"' in str(asked("related=EC-99").form["related"])

    def test_it_tells_which_filters_are_in_use(self) -> None:
        assert set(asked("due=none&q=dam").in_use) == {"due", "q"}


def test_items_of_every_kind_can_stand_in_one_list(reader: User) -> None:
    make_item(title="proposal")
    request: Any = SimpleNamespace(user=reader)
    filterset = AnyItemFilterSet(
        QueryDict("item_kind=mechanism"), TrackedItem.objects.visible_to(reader), request=request
    )
    assert list(filterset.qs) == []
    filterset = AnyItemFilterSet(
        QueryDict("item_kind=proposal"), TrackedItem.objects.visible_to(reader), request=request
    )
    assert [item.title for item in filterset.qs] == ["proposal"]
