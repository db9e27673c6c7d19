"""What a kind holds of its own, edited by two people: the same rule as for the fields that every item has."""

import uuid
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from brics_tracker.accounts.models import User
from brics_tracker.tracking import integrity
from brics_tracker.tracking.services import items
from brics_tracker.tracking.services.changes import StaleVersion
from brics_tracker.tracking.services.details import Drawn, Edit, last_record
from mechanisms.models import Mechanism
from mechanisms.services import create_mechanism, edit_mechanism
from tests.factories.accounts import make_user
from tests.factories.core import make_organisation, make_theme
from tests.factories.mechanisms import make_mechanism
from tests.factories.tracking import make_document

pytestmark = pytest.mark.django_db

OWN: dict[str, tuple[Any, ...]] = {
    "kind": ("bank", "fund", "council"),
    "acronym": ("", "NDB", "CRA"),
    "founded": ("", "2014", "2014-07"),
    "sources": ([], ["One"], ["One", "Two"]),
}
SHARED: dict[str, tuple[Any, ...]] = {"title": ("Bank", "New bank", "Development bank"), "priority": ("low", "high")}
VALUES = OWN | SHARED


def form_of(mechanism: Mechanism, **typed: Any) -> Edit:
    """What a form drawn now would send, with these fields typed over."""
    mechanism = Mechanism.objects.select_related("item").get(pk=mechanism.pk)
    values = {name: getattr(mechanism, name) for name in OWN}
    shared = {name: getattr(mechanism.item, name) for name in SHARED}
    return {
        "version": mechanism.item.version,
        "changes": shared | {name: value for name, value in typed.items() if name in SHARED},
        "own": values | {name: value for name, value in typed.items() if name in OWN},
        "drawn": Drawn(last_record(mechanism).history_id, frozenset()),
    }


def now(mechanism: Mechanism) -> dict[str, Any]:
    read = Mechanism.objects.select_related("item").get(pk=mechanism.pk)
    return {name: getattr(read if name in OWN else read.item, name) for name in VALUES}


EDITS = st.fixed_dictionaries({}, optional={name: st.sampled_from(values) for name, values in VALUES.items()})


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=EDITS, second=EDITS)
def test_only_fields_that_both_changed_to_different_values_are_a_conflict(
    first: dict[str, Any], second: dict[str, Any]
) -> None:
    one, two = make_user(role="analyst"), make_user(role="analyst")
    mechanism = make_mechanism("Bank", kind="bank", fields={"priority": "low"})
    before = now(mechanism)
    mine, theirs = form_of(mechanism, **second), form_of(mechanism, **first)
    edit_mechanism(mechanism, by=one, **theirs)
    between = now(mechanism)
    assert between == before | first
    overlap = {
        name
        for name, value in second.items()
        if value != before[name] and between[name] != before[name] and value != between[name]
    }
    if not overlap:
        edit_mechanism(mechanism, by=two, **mine)
        assert now(mechanism) == between | {name: value for name, value in second.items() if value != before[name]}
        return
    with pytest.raises(StaleVersion) as stale:
        edit_mechanism(mechanism, by=two, **mine)
    assert set(stale.value.fields) == overlap
    typed = {name for name, value in second.items() if value not in (before[name], between[name])}
    assert typed <= set(stale.value.mine), "what was typed beside it would be lost"
    assert now(mechanism) == between


def test_each_change_is_one_record_with_its_author(analyst: User) -> None:
    mechanism = make_mechanism()
    before = mechanism.history.count()
    edit_mechanism(mechanism, by=analyst, **form_of(mechanism, acronym="EMM", founded="2015"))
    entry = mechanism.history.first()
    assert (mechanism.history.count(), entry.history_user, entry.acronym) == (before + 1, analyst, "EMM")
    edit_mechanism(mechanism, by=analyst, **form_of(mechanism))
    assert mechanism.history.count() == before + 1, "saving what is there writes nothing"


def test_a_row_that_its_last_record_does_not_hold_is_a_violation() -> None:
    mechanism = make_mechanism(acronym="EMM")
    assert list(integrity.versions()) == []
    Mechanism.objects.update(acronym="XYZ")
    assert [line for line in integrity.versions() if "acronym" in line] != []
    mechanism.history.all().delete()
    assert any("0 entries" in line for line in integrity.versions())


def test_a_form_drawn_from_no_record_of_this_row_overwrites_nothing(analyst: User) -> None:
    mechanism, other = make_mechanism(acronym="EMM"), make_mechanism("Other")
    for record in (last_record(other).history_id, 10**30):
        edit = form_of(mechanism, acronym="XYZ") | {"drawn": Drawn(record, frozenset())}
        with pytest.raises(StaleVersion) as stale:
            edit_mechanism(mechanism, by=analyst, **edit)
        assert stale.value.fields == ["acronym"]
    assert now(mechanism)["acronym"] == "EMM"


@pytest.mark.parametrize(
    ("name", "value"),
    [("kind", "club"), ("kind", ""), ("track", "sea"), ("founded", "2015-13"), ("acronym", "x" * 31)],
)
def test_a_wrong_value_is_refused_by_field_and_nothing_is_half_written(analyst: User, name: str, value: str) -> None:
    mechanism = make_mechanism("As it was")
    with pytest.raises(ValidationError) as refusal:
        edit_mechanism(mechanism, by=analyst, version=None, changes={"title": "New"}, own={name: value})
    assert list(refusal.value.message_dict) == [name]
    assert now(mechanism)["title"] == "As it was"
    with pytest.raises(ValidationError) as refusal:
        create_mechanism(
            by=analyst,
            fields={"title": "T", "lead_theme": make_theme()},
            own={"kind": "bank", "track": "people", name: value},
        )
    assert list(refusal.value.message_dict) == [name]
    assert Mechanism.objects.count() == 1


def test_a_new_mechanism_takes_the_next_number_its_sources_and_a_plan(analyst: User) -> None:
    body, passages = make_organisation(), list(make_document().passages.all()[:2])
    own = {"kind": "bank", "track": "economy_finance", "body": body}
    key = uuid.uuid4()
    made = [
        create_mechanism(
            by=analyst, fields={"title": "Grain bank", "lead_theme": make_theme("EC")}, own=own, form_key=key,
            plan="found_mechanism", passages=passages,
        )
        for _twice in range(2)
    ]  # fmt: skip
    item = made[0].item
    assert made[0].pk == made[1].pk
    assert (item.reference, item.review_state, item.author, made[0].body) == ("M-001", "draft", analyst, body)
    assert {citation.passage for citation in item.citations.all()} == set(passages)
    assert item.milestones.filter(confirmed=False).count() == 5
    assert make_mechanism().item.reference == "M-002"


def test_an_unknown_plan_is_refused(analyst: User) -> None:
    with pytest.raises(ValidationError) as refusal:
        create_mechanism(
            by=analyst, fields={"title": "T", "lead_theme": make_theme()}, own={"kind": "bank", "track": "people"},
            plan="wish",
        )  # fmt: skip
    assert list(refusal.value.message_dict) == ["plan"]


def test_nobody_changes_what_a_kind_holds_outside_their_grant() -> None:
    mechanism = make_mechanism()
    for person in (make_user(role="reader"), make_user(role="analyst", themes=[make_theme("CU")])):
        with pytest.raises(PermissionDenied):
            edit_mechanism(mechanism, by=person, version=None, changes={}, own={"acronym": "X"})


def test_every_change_of_what_an_item_says_of_itself_is_one_edit_of_the_item(analyst: User) -> None:
    """Its own detail, its citations, its ties: whoever reads by version or by day sees that it changed."""
    mechanism, other = make_mechanism("Bank"), make_mechanism("Fund")
    passages = list(make_document().passages.all())
    tied: list[Any] = []

    def edit(**told: Any) -> None:
        edit_mechanism(mechanism, by=analyst, **{"version": None, "changes": {}, "own": {}, **told})

    acts: dict[str, tuple[int, Any]] = {
        "its kind": (1, lambda: edit(own={"acronym": "BNK"})),
        "the same again": (0, lambda: edit(own={"acronym": "BNK"})),
        "a paragraph": (1, lambda: edit(passages=passages[:1])),
        "the same paragraph": (0, lambda: edit(passages=passages[:1])),
        "all at once": (1, lambda: edit(own={"acronym": "B"}, passages=passages[:2], changes={"summary": "A bank."})),
        "citations alone": (1, lambda: items.set_citations(mechanism.item, passages[:1], by=analyst)),
        "a tie": (1, lambda: tied.append(items.relate(mechanism.item, other.item, kind="part_of", by=analyst))),
        "the same tie": (0, lambda: items.relate(mechanism.item, other.item, kind="part_of", by=analyst)),
        "no tie": (1, lambda: items.unrelate(tied[0], by=analyst)),
    }  # fmt: skip
    for name, (edits, act) in acts.items():
        before = Mechanism.objects.select_related("item").get(pk=mechanism.pk).item
        act()
        after = Mechanism.objects.select_related("item").get(pk=mechanism.pk).item
        assert after.version - before.version == edits, name
        assert (after.updated_at > before.updated_at) == bool(edits), name
    assert list(integrity.versions()) == []
