"""Making and changing a proposal: sent twice, stale, wrong, hostile, out of scope."""

import re
import uuid
from typing import Any

import pytest
from django.test import Client

from brics_tracker.accounts.models import User
from brics_tracker.tracking.models import TrackedItem
from brics_tracker.tracking.services import items
from proposals.models import Proposal
from proposals.services import edit_proposal
from tests.factories.accounts import make_user
from tests.factories.core import make_member, make_organisation, make_theme
from tests.factories.tracking import make_document, make_item
from tests.forms import as_shown

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


def address(item: TrackedItem) -> str:
    return f"/proposals/{item.reference}/edit/"


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


def cited(numbers: str = "2") -> dict[str, str]:
    make_document("article-2030", paragraphs=5)
    return {"cites-0-document": "article-2030", "cites-0-paragraphs": numbers}


def test_it_can_be_handed_in_at_once(writer: Client) -> None:
    writer.post("/proposals/new/", typed(then="submit", **cited()))
    assert TrackedItem.objects.get().review_state == "submitted"


def test_it_is_not_handed_in_without_a_source_and_what_was_typed_stays(writer: Client) -> None:
    fields = typed(then="submit", summary="These words stay.")
    answer = writer.post("/proposals/new/", fields)
    assert answer.status_code == 422
    assert "Name the paragraph that this comes from" in answer.context["citations"].non_form_errors()[0]
    assert "These words stay." in answer.content.decode()
    assert not Proposal.objects.exists(), "no draft is left behind that nobody was told of"
    assert writer.post("/proposals/new/", {**fields, **cited()}).status_code == 302
    assert TrackedItem.objects.get().review_state == "submitted"


def test_a_draft_may_wait_for_its_source(writer: Client) -> None:
    writer.post("/proposals/new/", typed(then="draft"))
    item = TrackedItem.objects.get()
    answer = writer.post(f"/items/{item.reference}/submit/", follow=True)
    assert "Name the paragraph that this comes from" in answer.content.decode()
    item.refresh_from_db()
    assert item.review_state == "draft"


def test_a_published_proposal_keeps_a_source(writer: Client) -> None:
    item = make_item()
    fields = {
        **as_shown(writer, address(item)),
        "cites-0-document": "",
        "cites-0-paragraphs": "",
        "title": "New title",
    }
    answer = writer.post(address(item), fields)
    assert answer.status_code == 422
    assert "Name the paragraph" in answer.context["citations"].non_form_errors()[0]
    item.refresh_from_db()
    assert item.citations.count() == 1
    assert item.title != "New title"


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
        ("title", "\u200b\u200b"),
        ("title", "Ordinary \u202etxet neddih\u202c words"),
        ("title", "broken \ufffd bytes"),
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


def test_the_summary_names_what_is_wrong_with_the_sources_beside_the_rest(writer: Client) -> None:
    page = writer.post("/proposals/new/", typed(title="", **cited("99"))).content.decode()
    summary = page.split('class="error-summary"')[1].split("</div>")[0]
    assert page.count('class="error-summary"') == 1
    assert 'href="#id_title"' in summary
    assert re.search(r'href="#id_cites-0-paragraphs">Paragraphs</a>:\s*This document has no paragraph 99', summary)


def test_a_target_before_the_start_is_refused(writer: Client) -> None:
    answer = writer.post("/proposals/new/", typed(start_date="2031", target_date="2030-12"))
    assert "target_date" in answer.context["form"].errors


@pytest.mark.parametrize("also", [[], ["CU"]], ids=["alone", "with a theme of the grant beside it"])
def test_a_lead_theme_outside_the_grant_is_refused_at_the_lead_theme(client: Client, also: list[str]) -> None:
    client.force_login(make_user("limited", role="analyst", themes=[make_theme("CU")]))
    answer = client.post("/proposals/new/", typed(themes=[make_theme(code).pk for code in also]))
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["lead_theme"]
    assert not Proposal.objects.exists()


def test_members_outside_the_grant_are_refused(client: Client) -> None:
    client.force_login(make_user("limited", role="analyst", members=[make_member("BR")]))
    answer = client.post("/proposals/new/", typed(members=[make_member("CN").pk]))
    assert list(answer.context["form"].errors) == ["themes"]


def test_an_item_cannot_be_moved_to_a_lead_theme_outside_the_grant(client: Client) -> None:
    mine, other = make_theme("CU"), make_theme("EN")
    item = make_item(theme=mine)
    client.force_login(make_user("limited", role="analyst", themes=[mine]))
    moved = {**as_shown(client, address(item)), "lead_theme": other.pk}
    assert list(client.post(address(item), moved).context["form"].errors) == ["lead_theme"]
    item.refresh_from_db()
    assert item.lead_theme == mine


def test_an_item_led_by_another_theme_can_be_changed_as_long_as_its_lead_stays(client: Client) -> None:
    mine, other = make_theme("CU"), make_theme("EN")
    item = make_item(theme=other, themes=[mine])
    client.force_login(make_user("limited", role="analyst", themes=[mine]))
    changed = {**as_shown(client, address(item)), "title": "Better words"}
    assert client.post(address(item), changed).status_code == 302


def test_readers_make_and_change_nothing(client: Client, reader: User) -> None:
    item = make_item()
    client.force_login(reader)
    for method in (client.get, client.post):
        assert method("/proposals/new/").status_code == 403
        assert method(address(item)).status_code == 403


def test_a_change_is_saved_and_on_record(writer: Client) -> None:
    item = make_item(title="Old title")
    fields = {**as_shown(writer, address(item)), "title": "New title"}
    assert writer.post(address(item), fields).status_code == 302
    item.refresh_from_db()
    assert item.title == "New title"
    record = writer.get(f"/proposals/{item.reference}/history/").content.decode()
    assert "<del>Old title</del>" in record
    assert "<ins>New title</ins>" in record


def test_a_form_opened_and_saved_as_it_is_changes_nothing(writer: Client) -> None:
    item = make_item(members=[make_member("BR")], passages=make_document().passages.all(), owner=make_organisation())
    before = item.history.count()
    assert writer.post(address(item), as_shown(writer, address(item))).status_code == 302
    assert item.history.count() == before
    assert item.citations.count() == 3


def test_a_stale_form_comes_back_with_both_versions_and_loses_nothing(writer: Client, other_analyst: User) -> None:
    item = make_item(title="As it was", summary="Old summary.")
    mine = {**as_shown(writer, address(item)), "title": "My title"}
    items.edit_item(item, by=other_analyst, version=None, changes={"title": "Their title", "summary": "Their summary."})
    answer = writer.post(address(item), mine)
    item.refresh_from_db()
    assert answer.status_code == 422
    assert item.title == "Their title"
    clash = answer.context["form"].clashes[0]
    assert (clash.label, clash.theirs, clash.mine) == ("Title", "Their title", "My title")
    assert answer.context["form"]["title"].value() == "My title"
    # What only the other one changed is shown as it is by now, so saving again does not undo it.
    assert answer.context["form"]["summary"].value() == "Their summary."
    again = {**mine, "summary": "Their summary.", "version": answer.context["form"]["version"].value()}
    assert writer.post(address(item), again).status_code == 302
    item.refresh_from_db()
    assert (item.title, item.summary) == ("My title", "Their summary.")


def test_changes_of_other_fields_go_together_without_a_question(writer: Client, other_analyst: User) -> None:
    item = make_item(summary="Old summary.")
    mine = {**as_shown(writer, address(item)), "title": "My title"}
    items.edit_item(item, by=other_analyst, version=None, changes={"summary": "Their summary."})
    assert writer.post(address(item), mine).status_code == 302
    item.refresh_from_db()
    assert (item.title, item.summary) == ("My title", "Their summary.")


def test_a_kind_that_both_changed_is_a_clash_too(writer: Client, other_analyst: User) -> None:
    item = make_item()
    mine = {**as_shown(writer, address(item)), "kind": "goal"}
    edit_proposal(item.proposal, by=other_analyst, version=None, changes={}, own={"kind": "commitment"})
    answer = writer.post(address(item), mine)
    assert answer.status_code == 422
    assert [clash.name for clash in answer.context["form"].clashes] == ["kind"]
    assert Proposal.objects.get(pk=item.pk).kind == "commitment"


def test_a_clash_over_the_title_keeps_the_kind_that_was_typed(writer: Client, other_analyst: User) -> None:
    item = make_item(title="As it was")
    mine = {**as_shown(writer, address(item)), "title": "My title", "kind": "goal"}
    items.edit_item(item, by=other_analyst, version=None, changes={"title": "Their title"})
    form = writer.post(address(item), mine).context["form"]
    assert [clash.name for clash in form.clashes] == ["title"]
    assert form["kind"].value() == "goal"


def test_sources_that_another_added_meanwhile_stay(writer: Client, other_analyst: User) -> None:
    first, second, third = make_document("article-2030").passages.all()
    item = make_item(passages=[first])
    mine = {**as_shown(writer, address(item)), "cites-0-paragraphs": "3"}
    items.set_citations(item, [first, second], by=other_analyst)
    assert writer.post(address(item), mine).status_code == 302
    assert {citation.passage for citation in item.citations.all()} == {second, third}


def test_a_change_without_its_version_is_refused(writer: Client) -> None:
    item = make_item(title="As it was")
    fields = as_shown(writer, address(item))
    del fields["version"]
    assert writer.post(address(item), {**fields, "title": "Blind"}).status_code == 422
    item.refresh_from_db()
    assert item.title == "As it was"


def test_a_swap_gets_the_form_alone_and_is_sent_on_by_htmx(writer: Client) -> None:
    wrong = writer.post("/proposals/new/", typed(title=""), headers={"HX-Request": "true"})
    assert wrong.status_code == 422
    assert "<html" not in wrong.content.decode()
    right = writer.post("/proposals/new/", typed(), headers={"HX-Request": "true"})
    assert right["HX-Redirect"] == f"/proposals/{TrackedItem.objects.get().reference}/"
