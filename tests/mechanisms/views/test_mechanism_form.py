"""Making and changing a mechanism: every field of its own, sent twice, stale, wrong, hostile, out of scope."""

import uuid
from typing import Any

import pytest
from django.test import Client

from brics_tracker.accounts.models import User
from brics_tracker.tracking.models import TrackedItem
from brics_tracker.tracking.services import items
from mechanisms.models import Mechanism
from mechanisms.services import edit_mechanism
from tests.factories.accounts import make_user
from tests.factories.core import make_organisation, make_theme
from tests.factories.mechanisms import make_mechanism
from tests.factories.tracking import make_document
from tests.forms import as_shown
from tests.growth import queries_of

pytestmark = pytest.mark.django_db
NEW = "/mechanisms/new/"


def typed(**fields: Any) -> dict[str, Any]:
    """A form as a browser sends it."""
    return {
        "form_key": str(uuid.uuid4()),
        "title": "Grain exchange",
        "summary": "A market for grain.",
        "kind": "platform",
        "track": "economy_finance",
        "lead_theme": make_theme("EN").pk,
        "priority": "normal",
        "rhythm_days": "90",
        "cites-TOTAL_FORMS": "1",
        "cites-INITIAL_FORMS": "0",
        **fields,
    }


def address(mechanism: Mechanism) -> str:
    return f"/mechanisms/{mechanism.item.reference}/edit/"


def fresh(mechanism: Mechanism) -> Mechanism:
    return Mechanism.objects.select_related("item").get(pk=mechanism.pk)


@pytest.fixture
def writer(client: Client, analyst: User) -> Client:
    client.force_login(analyst)
    return client


def test_every_field_is_kept(writer: Client, analyst: User) -> None:
    make_document("article-2030")
    body = make_organisation()
    fields = typed(
        acronym="GX", founded="2031-04", founding_event="Summit in Durban", body=body.pk, note="By two sources.",
        sources="https://example.org/a\r\n\r\n  A communiqué  ", plan="found_mechanism", all_members="on", owner=body.pk,
        then="draft", **{"cites-0-document": "article-2030", "cites-0-paragraphs": "2-3"},
    )  # fmt: skip
    answer = writer.post(NEW, fields)
    made = Mechanism.objects.select_related("item").get()
    assert answer["Location"] == "/mechanisms/M-001/"
    assert (made.item.review_state, made.item.author, made.item.all_members) == ("draft", analyst, True)
    assert (made.kind, made.track, made.acronym, made.body) == ("platform", "economy_finance", "GX", body)
    assert (made.founded, made.founding_event, made.note) == ("2031-04", "Summit in Durban", "By two sources.")
    assert made.sources == ["https://example.org/a", "A communiqué"]
    assert list(made.item.citations.values_list("passage__number", flat=True)) == [2, 3]
    assert made.item.milestones.count() == 5


def test_it_goes_through_the_review_that_every_new_item_goes_through(
    client: Client, analyst: User, reviewer: User, reader: User
) -> None:
    client.force_login(analyst)
    client.post(NEW, typed(then="submit", acronym="GX", founded="2031"))
    item = TrackedItem.objects.get()
    assert item.review_state == "submitted"
    client.force_login(reader)
    assert client.get("/mechanisms/M-001/").status_code == 404
    client.force_login(reviewer)
    assert 'href="/review/items/M-001/"' in client.get("/review/").content.decode()
    page = client.get("/review/items/M-001/").content.decode()
    for words in ("platform", "economy and finance", "GX", "2031", 'href="/mechanisms/M-001/"'):
        assert words in page, "a reviewer sees what they publish"
    client.post("/review/items/M-001/publish/", {"publish-version": item.version})
    client.force_login(reader)
    assert client.get("/mechanisms/M-001/").status_code == 200
    assert [row["reference"] for row in client.get("/mechanisms/").context["rows"]] == ["M-001"]


def test_sent_twice_it_makes_one(writer: Client) -> None:
    fields = typed(then="submit")
    first, second = writer.post(NEW, fields), writer.post(NEW, fields)
    assert Mechanism.objects.count() == 1
    assert first["Location"] == second["Location"]


def test_sent_again_once_it_is_published_it_leads_to_what_it_made(writer: Client, reviewer: User) -> None:
    fields = typed(then="submit")
    writer.post(NEW, fields)
    items.publish_item(TrackedItem.objects.get(), by=reviewer)
    assert writer.post(NEW, fields)["Location"] == "/mechanisms/M-001/"
    assert TrackedItem.objects.get().is_published


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("acronym", "x" * 31),
        ("acronym", "a\x00b"),
        ("kind", ""),
        ("kind", "club"),
        ("track", "sea"),
        ("body", "12345"),
        ("founded", "2031-13"),
        ("founded", "soon"),
        ("founding_event", "x" * 301),
        ("sources", "x" * 601),
        ("sources", "line\n" * 31),
        ("note", "x" * 4001),
        ("plan", "nothing"),
    ],
)
def test_a_wrong_value_is_said_at_its_field_and_what_was_typed_stays(writer: Client, field: str, value: str) -> None:
    answer = writer.post(NEW, typed(**{"summary": "These words stay.", "founding_event": "Durban", field: value}))
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert "These words stay." in answer.content.decode()
    assert not TrackedItem.objects.exists()


def test_a_lead_theme_outside_the_grant_is_refused_at_the_lead_theme(client: Client) -> None:
    client.force_login(make_user("limited", role="analyst", themes=[make_theme("CU")]))
    answer = client.post(NEW, typed())
    assert list(answer.context["form"].errors) == ["lead_theme"]
    assert not Mechanism.objects.exists()


def test_only_those_who_may_are_offered_to_make_one(client: Client, analyst: User, reader: User) -> None:
    for person, offered in ((analyst, True), (reader, False)):
        client.force_login(person)
        assert (f'href="{NEW}"' in client.get("/mechanisms/").content.decode()) is offered
        assert client.get(NEW).status_code == (200 if offered else 403)


def test_a_change_of_its_own_fields_is_saved_and_on_record(writer: Client) -> None:
    mechanism = make_mechanism(acronym="EMM", sources=["One"], founded="2015")
    fields = as_shown(writer, address(mechanism)) | {"acronym": "BEMM", "sources": "One\r\nTwo", "kind": "council"}
    assert writer.post(address(mechanism), fields).status_code == 302
    saved = fresh(mechanism)
    assert (saved.acronym, saved.sources, saved.kind, saved.founded) == ("BEMM", ["One", "Two"], "council", "2015")
    record = writer.get(f"/mechanisms/{mechanism.item.reference}/history/").content.decode()
    assert "<del>EMM</del>" in record
    assert "<ins>BEMM</ins>" in record
    assert "<ins>One; Two</ins>" in record


def test_a_form_opened_and_saved_as_it_is_changes_nothing(writer: Client) -> None:
    mechanism = make_mechanism(
        acronym="EMM", founded="2015-11", body=make_organisation(), sources=["One", "Two"], note="A\nB"
    )
    items.set_citations(mechanism.item, list(make_document().passages.all()), by=mechanism.item.author)
    before = mechanism.item.history.count(), mechanism.history.count()
    assert writer.post(address(mechanism), as_shown(writer, address(mechanism))).status_code == 302
    assert (mechanism.item.history.count(), mechanism.history.count()) == before
    assert mechanism.item.citations.count() == 3


def test_a_stale_form_comes_back_with_both_versions_and_loses_nothing(writer: Client, other_analyst: User) -> None:
    """Someone changed the sources, the body and the note; I the sources, the founding and the title."""
    mechanism = make_mechanism("As it was", sources=["Old"], founded="2015")
    body = make_organisation()
    mine = as_shown(writer, address(mechanism)) | {"sources": "Mine", "founded": "2016", "title": "My title"}
    theirs = {"sources": ["Theirs", "too"], "body": body, "note": "Their note."}
    edit_mechanism(mechanism, by=other_analyst, version=None, changes={}, own=theirs)
    answer = writer.post(address(mechanism), mine)
    form = answer.context["form"]
    assert answer.status_code == 422
    assert [(clash.label, clash.theirs, clash.mine) for clash in form.clashes] == [
        ("Other sources", "Theirs\ntoo", "Mine")
    ]
    shown = {name: form[name].value() for name in ("sources", "founded", "title", "body", "note")}
    assert shown == {
        "sources": "Mine", "founded": "2016", "title": "My title", "body": str(body.pk), "note": "Their note."
    }  # fmt: skip
    again = mine | shown | {name: form[name].value() for name in ("version", "drawn_record", "drawn_passages")}
    assert writer.post(address(mechanism), again).status_code == 302
    saved = fresh(mechanism)
    assert (saved.sources, saved.founded, saved.body, saved.note) == (["Mine"], "2016", body, "Their note.")
    assert saved.item.title == "My title"


def test_a_clash_over_the_title_keeps_what_was_typed_in_its_own_fields(writer: Client, other_analyst: User) -> None:
    mechanism = make_mechanism("As it was", acronym="EMM")
    mine = as_shown(writer, address(mechanism)) | {"title": "My title", "acronym": "MINE"}
    edit_mechanism(mechanism, by=other_analyst, version=None, changes={"title": "Their title"}, own={})
    form = writer.post(address(mechanism), mine).context["form"]
    assert [clash.name for clash in form.clashes] == ["title"]
    assert form["acronym"].value() == "MINE"


@pytest.mark.parametrize("name", ["version", "drawn_record"])
@pytest.mark.parametrize("value", [None, "", "x", "-1", "99999999999999999999"])
def test_a_change_that_does_not_say_what_it_was_drawn_from_is_refused(
    writer: Client, name: str, value: str | None
) -> None:
    mechanism = make_mechanism("As it was", acronym="EMM")
    fields = as_shown(writer, address(mechanism)) | {"title": "Blind", "acronym": "BLIND"}
    fields = {key: text for key, text in (fields | {name: value}).items() if text is not None}
    assert writer.post(address(mechanism), fields).status_code == 422
    assert (fresh(mechanism).item.title, fresh(mechanism).acronym) == ("As it was", "EMM")


def test_it_takes_no_more_queries_for_more_organisations_sources_and_records(writer: Client, analyst: User) -> None:
    mechanism = make_mechanism()

    def fill(number: int) -> None:
        for _n in range(number):
            make_organisation()
            edit_mechanism(mechanism, by=analyst, version=None, changes={}, own={"note": f"{_n} {number}"})

    def queries() -> list[int]:
        return [queries_of(lambda page=page: writer.get(page)) for page in (NEW, address(mechanism))]  # type: ignore[misc]

    fill(2)
    few = queries()
    fill(10)
    items.set_citations(mechanism.item, list(make_document(paragraphs=9).passages.all()), by=analyst)
    assert queries() == few
