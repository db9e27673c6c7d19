"""What words find: endings, phrases, scripts, marks, order; the same on SQLite and on PostgreSQL."""

from __future__ import annotations

import pytest

from brics_tracker.accounts.models import User
from brics_tracker.tracking.models import Document, Passage
from brics_tracker.tracking.services.items import submit_item
from mechanisms.models import Meeting
from mechanisms.services import create_mechanism
from tests.factories.core import make_theme
from tests.factories.tracking import make_evidence, make_item, make_system, make_update, publish_item

from .asking import found, hits, results

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("title", "typed"),
    [
        ("Negotiations on rail corridors", "negotiating corridor"),
        ("Negotiations on rail corridors", "RAIL Negotiation"),
        ("Negotiations on rail corridors", '"rail corridors"'),
        ("Negotiations on rail corridors", "negot*"),
        ("Trade/investment portal, AI-driven", "investment AI"),
        ("Trade/investment portal, AI-driven", "AI-driven"),
        ("Data of 2023", "2023"),
        ("Развитие сотрудничества стран", "сотрудничество"),
        ("Развитие сотрудничества стран", "РАЗВИТИЯ"),
        ("金砖国家新开发银行与本币结算", "开发银行"),
        ("金砖国家新开发银行与本币结算", "金砖"),
        ("金砖国家新开发银行与本币结算", "银"),
        ("金砖国家新开发银行与本币结算", "本币 金砖国家"),
        ("2023年金砖国家峰会", "2023年"),
        ("한중 경제협력을 위한 회의", "경제협력"),
        ("भारत सहयोग योजना", "योजना"),
        ("التعاون بين دول بريكس", "بريكس"),
        ("የኢትዮጵያ ትብብር", "ትብብር"),
    ],
)
def test_it_is_found(reader: User, title: str, typed: str) -> None:
    make_item(title="Something else altogether")
    item = make_item(title=title)
    assert found(reader, typed) == [f"proposal {item.reference}"]


@pytest.mark.parametrize(
    ("title", "typed"),
    [
        ("Corridors for rail", '"rail corridors"'),
        ("Rail corridors", "rail -corridor"),
        ("Rail corridors", "rail energy"),
        ("Rail corridors", "rai"),
        ("国金家砖", "金砖"),
    ],
)
def test_it_is_not_found(reader: User, title: str, typed: str) -> None:
    make_item(title=title)
    assert found(reader, typed) == []


def test_every_kind_of_thing_is_found_with_the_place_it_stands_at(reader: User, analyst: User) -> None:
    item = make_item(title="Exchange of oil prices")
    update = make_update(item, text="The quixotic plan was agreed.", by=analyst)
    other = make_update(make_item(), by=analyst, state="draft")
    make_evidence(other.item, by=analyst, update=other, title="Quixotic communiqué", publisher="Ministry")
    document = Document.objects.create(key="quixotic-2030", title="Declaration")
    passage = Passage.objects.create(document=document, number=4, summary="A quixotic goal.")
    meeting = Meeting.objects.create(key="quixotic-1", title="Quixotic ministers", kind="ministerial", track="leaders")
    addresses = {hit.kind.name: hit.about.url for hit in hits(analyst, "quixotic")}
    assert addresses == {
        "update": f"{item.get_absolute_url()}#update-{update.pk}",
        "evidence": f"{other.item.get_absolute_url()}#update-{other.pk}",
        "document": f"/documents/{document.key}/",
        "passage": f"/documents/{document.key}/#p{passage.number}",
        "meeting": f"/meetings/?q=Quixotic+ministers#{meeting.key}",
    }


def test_a_mechanism_is_found_by_title_and_acronym_together(reader: User) -> None:
    mechanism = create_mechanism(
        by=make_system(), fields={"title": "New Development Bank", "lead_theme": make_theme("EN")},
        own={"kind": "bank", "track": "economy_finance", "acronym": "NDB"},
    ).item  # fmt: skip
    publish_item(submit_item(mechanism, by=make_system()))
    assert found(reader, "NDB bank") == [f"mechanism {mechanism.reference}"]


def test_the_words_found_are_marked_and_everything_else_is_escaped(reader: User) -> None:
    make_item(title="<b>Rail</b> & corridors <script>alert(1)</script>", summary='A <img src=x onerror="x"> corridor.')
    (hit,) = hits(reader, "corridor")
    assert hit.title == (
        "<bdi>&lt;b&gt;Rail&lt;/b&gt; &amp; <mark>corridors</mark> &lt;script&gt;alert(1)&lt;/script&gt;</bdi>"
    )
    assert hit.excerpt == "<bdi>A &lt;img src=x onerror=&quot;x&quot;&gt; <mark>corridor</mark>.</bdi>"


def test_characters_next_to_each_other_are_marked_as_one(reader: User) -> None:
    make_item(title="金砖国家新开发银行")
    (hit,) = hits(reader, "开发银行")
    assert hit.title == "<bdi>金砖国家新<mark>开发银行</mark></bdi>"


def test_a_long_text_is_cut_round_the_words(reader: User) -> None:
    make_item(summary=f"{'Much else is said. ' * 60}Then the corridors opened. {'And so on. ' * 60}")
    (hit,) = hits(reader, "corridors")
    assert "<mark>corridors</mark>" in hit.excerpt
    assert len(hit.excerpt) < 500


def test_what_holds_the_words_in_its_title_comes_first_and_a_short_title_before_a_long_one(reader: User) -> None:
    text = make_item(title="Something else", summary="It names the development bank in passing.")
    long = make_item(title="Special funds of the development bank for pandemic response", summary="")
    short = make_item(title="The development bank", summary="")
    assert found(reader, "development bank") == [f"proposal {each.reference}" for each in (short, long, text)]


@pytest.mark.parametrize("written", ["{0}", "{1}", "{2}", '"{0}"'])
def test_a_reference_finds_its_item_first_however_it_is_written(reader: User, written: str) -> None:
    items = [make_item(title=f"Item {number}") for number in range(3)]
    item = items[1]
    make_item(title=f"{item.reference} in the title", summary=item.reference)
    forms = [item.reference, f"{item.reference_prefix.lower()}{item.reference_number}",
             f"{item.reference_prefix} {item.reference_number:04d}"]  # fmt: skip
    first = found(reader, written.format(*forms))
    assert first[0] == f"proposal {item.reference}"
    assert len(first) == 2


def test_more_than_are_ranked_are_counted_no_further(reader: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("brics_tracker.core.search.find.RANKED", 3)
    for _number in range(5):
        make_item(title="Rail corridor")
    some = results(reader, "corridor")
    assert (len(some), some.is_capped, some.counts) == (3, True, {"proposal": 3})
    few = results(reader, "corridor", kind="update")
    assert (len(few), few.is_capped) == (0, False)
