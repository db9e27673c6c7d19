"""Documents: coverage, and what cites each paragraph, as far as one may see it."""

from __future__ import annotations

import json

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from brics_tracker.accounts.models import User
from brics_tracker.tracking.models import Document, Passage
from tests.factories.tracking import make_document, make_item
from tests.growth import queries_of
from tests.tracking.views.helpers import said

pytestmark = pytest.mark.django_db
LIST = reverse("tracking:document-list")


@pytest.fixture
def document() -> Document:
    """Three paragraphs: cited, asking and not cited, a heading that asks for nothing."""
    document = make_document(paragraphs=2)
    Passage.objects.create(document=document, number=3, level=2, heading="Green growth", reason="A heading.")
    return document


def page(document: Document) -> str:
    return reverse("tracking:document-detail", args=[document.key])


def test_the_list_says_how_much_is_tracked(client: Client, reader: User, document: Document) -> None:
    make_item(passages=document.passages.filter(number=1))
    client.force_login(reader)
    row = client.get(LIST).context["documents"][0]
    assert (row.passages, row.asking, row.tracked, row.untracked, row.percent) == (3, 2, 1, 1, 50)


def test_the_list_is_a_file_too(client: Client, reader: User, document: Document) -> None:
    make_item(passages=document.passages.filter(number=1))
    client.force_login(reader)
    assert f"{LIST}?export=xlsx" in client.get(LIST).content.decode()
    [row] = json.loads(b"".join(client.get(f"{LIST}?export=json")))["rows"]
    assert (row["key"], row["paragraphs"], row["asking"], row["tracked"]) == (document.key, 3, 2, 1)
    assert row["address"] == f"http://testserver{page(document)}"


def test_a_document_without_paragraphs_has_no_percent_rather_than_none_of_a_hundred(
    client: Client, reader: User
) -> None:
    Document.objects.create(key="statement-2031", title="A statement")
    client.force_login(reader)
    assert client.get(LIST).context["documents"][0].percent is None


def test_a_paragraph_shows_what_cites_it_and_why_it_asks_for_nothing(
    client: Client, reader: User, document: Document
) -> None:
    item = make_item(passages=document.passages.filter(number=1), title="Exchange price data")
    client.force_login(reader)
    answer = client.get(page(document))
    text = said(answer)
    assert item.get_absolute_url() in answer.content.decode()
    assert "Exchange price data" in text
    assert "Asks for nothing: A heading." in text
    assert 'id="p2"' in answer.content.decode()
    assert "Not yet tracked" in text


def test_only_what_is_not_tracked(client: Client, reader: User, document: Document) -> None:
    make_item(passages=document.passages.filter(number=1))
    client.force_login(reader)
    shown = client.get(page(document), {"show": "untracked"}).context["paragraphs"]
    assert [paragraph.passage.number for paragraph in shown] == [2]


def test_the_words_themselves_are_shown_where_they_are_loaded(client: Client, reader: User, document: Document) -> None:
    Passage.objects.filter(number=1).update(text="The words <b>as printed</b>.")
    client.force_login(reader)
    assert "The words &lt;b&gt;as printed&lt;/b&gt;." in client.get(page(document)).content.decode()


def test_an_item_in_draft_cites_nothing_for_others(
    client: Client, reader: User, analyst: User, document: Document
) -> None:
    make_item(by=analyst, published=False, passages=document.passages.filter(number=1), title="Secret so far")
    client.force_login(reader)
    assert "Secret so far" not in said(client.get(page(document)))
    assert client.get(LIST).context["documents"][0].tracked == 0
    client.force_login(analyst)
    assert "Secret so far" in said(client.get(page(document)))


def test_an_unknown_document_is_not_there(client: Client, reader: User) -> None:
    client.force_login(reader)
    assert client.get("/documents/no-such-thing/").status_code == 404


def test_nobody_is_sent_to_sign_in_unless_the_site_is_public(
    client: Client, document: Document, settings: LazySettings
) -> None:
    assert client.get(page(document)).status_code == 302
    assert client.get(LIST).status_code == 302
    settings.PUBLIC_READ = True
    assert client.get(page(document)).status_code == 200
    assert client.get(LIST).status_code == 200


def test_the_pages_cost_the_same_however_much_they_hold(client: Client, reader: User) -> None:
    def fill(key: str, number: int) -> Document:
        document = make_document(key, paragraphs=number)
        for passage in document.passages.all():
            make_item(passages=[passage])
        return document

    client.force_login(reader)
    small = fill("small", 2)
    few = queries_of(lambda: client.get(page(small))), queries_of(lambda: client.get(LIST))
    large = fill("large", 12)
    for number in range(10):
        make_document(f"more-{number}")
    assert (queries_of(lambda: client.get(page(large))), queries_of(lambda: client.get(LIST))) == few
