"""Making and changing a proposal: sent twice, stale, wrong, hostile, out of scope."""

import uuid
from typing import Any

import pytest
from django.test import Client

from brics_tracker.accounts.models import User
from brics_tracker.tracking.models import TrackedItem
from brics_tracker.tracking.services import items
from proposals.models import Proposal
from tests.factories.accounts import make_user
from tests.factories.core import make_member, make_organisation, make_theme
from tests.factories.tracking import make_document, make_item

pytestmark = pytest.mark.django_db


def typed(**fields: Any) -> dict[str, Any]:
    """A form as a browser sends it."""
    return {
        "form_key": str(uuid.uuid4()),
        "title": "Share flood warnings",
        "summary": "Members would warn each other.",
        "kind": "recommendation",
        "lead_theme": make_theme("EN").pk,
        "priority": "normal",
        "rhythm_days": "90",
        "cites-TOTAL_FORMS": "1",
        "cites-INITIAL_FORMS": "0",
        **fields,
    }


def as_shown(client: Client, item: TrackedItem) -> dict[str, Any]:
    """What the edit form holds when it is opened."""
    answer = client.get(f"/proposals/{item.reference}/edit/")
    data: dict[str, Any] = {}
    for form in (answer.context["form"], answer.context["citations"].management_form, *answer.context["citations"]):
        for bound in form:
            value = bound.value()
            if value is not None and value is not False and value not in ("", []):
                data[bound.html_name] = value
    return data


@pytest.fixture
def writer(client: Client, analyst: User) -> Client:
    client.force_login(analyst)
    return client


def test_a_draft_is_saved_with_its_sources_and_its_plan(writer: Client, analyst: User) -> None:
    make_document("article-2030", paragraphs=5)
    fields = typed(
        plan="agreement", members=[make_member("BR").pk], owner=make_organisation().pk, target_date="2031-04",
        then="draft", **{"cites-0-document": "article-2030", "cites-0-paragraphs": "2, 4–5"},
    )  # fmt: skip
    answer = writer.post("/proposals/new/", fields)
    proposal = Proposal.objects.select_related("item").get()
    assert answer.status_code == 302
    assert answer["Location"] == f"/proposals/{proposal.item.reference}/"
    assert (proposal.item.review_state, proposal.item.author) == ("draft", analyst)
    assert list(proposal.item.citations.values_list("passage__number", flat=True)) == [2, 4, 5]
    assert proposal.item.milestones.filter(confirmed=False, from_template=True).count() == 5


def test_it_can_be_handed_in_at_once(writer: Client) -> None:
    writer.post("/proposals/new/", typed(then="submit"))
    assert TrackedItem.objects.get().review_state == "submitted"


def test_sent_twice_it_makes_one(writer: Client) -> None:
    fields = typed()
    first, second = writer.post("/proposals/new/", fields), writer.post("/proposals/new/", fields)
    assert Proposal.objects.count() == 1
    assert first["Location"] == second["Location"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", "x" * 201),
        ("title", "null\x00byte"),
        ("lead_theme", "999"),
        ("kind", "wish"),
        ("target_date", "2031-13"),
        ("start_date", "soon"),
        ("rhythm_days", "0"),
        ("owner", "12345"),
        ("members", "999"),
        ("assignees", "abc"),
        ("plan", "nothing"),
    ],
)
def test_a_wrong_value_is_said_at_its_field_and_what_was_typed_stays(writer: Client, field: str, value: str) -> None:
    answer = writer.post("/proposals/new/", typed(summary="These words stay.", **{field: value}))
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert "These words stay." in answer.content.decode()
    assert not Proposal.objects.exists()


@pytest.mark.parametrize("numbers", ["9", "one", "3-1", "1-99999", "99999999999999999999"])
def test_a_paragraph_that_is_not_there_is_said_at_its_field(writer: Client, numbers: str) -> None:
    make_document("article-2030")
    answer = writer.post(
        "/proposals/new/", typed(**{"cites-0-document": "article-2030", "cites-0-paragraphs": numbers})
    )
    assert answer.status_code == 422
    assert "paragraphs" in answer.context["citations"][0].errors


def test_a_target_before_the_start_is_refused(writer: Client) -> None:
    answer = writer.post("/proposals/new/", typed(start_date="2031", target_date="2030-12"))
    assert "target_date" in answer.context["form"].errors


def test_themes_outside_the_grant_are_refused_at_the_themes(client: Client) -> None:
    client.force_login(make_user("limited", role="analyst", themes=[make_theme("CU")]))
    answer = client.post("/proposals/new/", typed())
    assert answer.status_code == 422
    assert "themes" in answer.context["form"].errors
    assert not Proposal.objects.exists()


def test_readers_make_and_change_nothing(client: Client, reader: User) -> None:
    item = make_item()
    client.force_login(reader)
    for method in (client.get, client.post):
        assert method("/proposals/new/").status_code == 403
        assert method(f"/proposals/{item.reference}/edit/").status_code == 403


def test_a_change_is_saved_and_on_record(writer: Client) -> None:
    item = make_item(title="Old title")
    fields = {**as_shown(writer, item), "title": "New title"}
    assert writer.post(f"/proposals/{item.reference}/edit/", fields).status_code == 302
    item.refresh_from_db()
    assert item.title == "New title"
    record = writer.get(f"/proposals/{item.reference}/history/").content.decode()
    assert "<del>Old title</del>" in record
    assert "<ins>New title</ins>" in record


def test_a_form_opened_and_saved_as_it_is_changes_nothing(writer: Client) -> None:
    item = make_item(members=[make_member("BR")], passages=make_document().passages.all(), owner=make_organisation())
    before = item.history.count()
    assert writer.post(f"/proposals/{item.reference}/edit/", as_shown(writer, item)).status_code == 302
    assert item.history.count() == before
    assert item.citations.count() == 3


def test_a_stale_form_comes_back_with_both_versions_and_loses_nothing(writer: Client, other_analyst: User) -> None:
    item = make_item(title="As it was", summary="Old summary.")
    mine = {**as_shown(writer, item), "title": "My title"}
    items.edit_item(item, by=other_analyst, version=None, changes={"title": "Their title", "summary": "Their summary."})
    answer = writer.post(f"/proposals/{item.reference}/edit/", mine)
    item.refresh_from_db()
    assert answer.status_code == 422
    assert item.title == "Their title"
    clash = answer.context["form"].clashes[0]
    assert (clash.label, clash.theirs, clash.mine) == ("Title", "Their title", "My title")
    assert answer.context["form"]["title"].value() == "My title"
    # What only the other one changed is shown as it is by now, so saving again does not undo it.
    assert answer.context["form"]["summary"].value() == "Their summary."
    again = {**mine, "summary": "Their summary.", "version": answer.context["form"]["version"].value()}
    assert writer.post(f"/proposals/{item.reference}/edit/", again).status_code == 302
    item.refresh_from_db()
    assert (item.title, item.summary) == ("My title", "Their summary.")


def test_changes_of_other_fields_go_together_without_a_question(writer: Client, other_analyst: User) -> None:
    item = make_item(summary="Old summary.")
    mine = {**as_shown(writer, item), "title": "My title"}
    items.edit_item(item, by=other_analyst, version=None, changes={"summary": "Their summary."})
    assert writer.post(f"/proposals/{item.reference}/edit/", mine).status_code == 302
    item.refresh_from_db()
    assert (item.title, item.summary) == ("My title", "Their summary.")


def test_a_kind_that_both_changed_is_a_clash_too(writer: Client) -> None:
    item = make_item()
    mine = {**as_shown(writer, item), "kind": "goal"}
    Proposal.objects.filter(pk=item.pk).update(kind="commitment")
    answer = writer.post(f"/proposals/{item.reference}/edit/", mine)
    assert answer.status_code == 422
    assert [clash.name for clash in answer.context["form"].clashes] == ["kind"]
    assert Proposal.objects.get(pk=item.pk).kind == "commitment"


def test_sources_that_another_added_meanwhile_stay(writer: Client, other_analyst: User) -> None:
    first, second, third = make_document("article-2030").passages.all()
    item = make_item(passages=[first])
    mine = {**as_shown(writer, item), "cites-0-paragraphs": "3"}
    items.set_citations(item, [first, second], by=other_analyst)
    assert writer.post(f"/proposals/{item.reference}/edit/", mine).status_code == 302
    assert {citation.passage for citation in item.citations.all()} == {second, third}


def test_a_change_without_its_version_is_refused(writer: Client) -> None:
    item = make_item(title="As it was")
    fields = as_shown(writer, item)
    del fields["version"]
    assert writer.post(f"/proposals/{item.reference}/edit/", {**fields, "title": "Blind"}).status_code == 422
    item.refresh_from_db()
    assert item.title == "As it was"


def test_a_swap_gets_the_form_alone_and_is_sent_on_by_htmx(writer: Client) -> None:
    wrong = writer.post("/proposals/new/", typed(title=""), headers={"HX-Request": "true"})
    assert wrong.status_code == 422
    assert "<html" not in wrong.content.decode()
    right = writer.post("/proposals/new/", typed(), headers={"HX-Request": "true"})
    assert right["HX-Redirect"] == f"/proposals/{TrackedItem.objects.get().reference}/"
