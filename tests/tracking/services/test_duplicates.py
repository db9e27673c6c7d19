"""Likely duplicates: found with their reasons, told apart for good, offered while a title is typed."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from brics_tracker.accounts.models import User
from brics_tracker.core import jobs
from brics_tracker.core.models import Job
from brics_tracker.tracking.models import DistinctPair, LikelyDuplicate, TrackedItem
from brics_tracker.tracking.selectors.duplicates import likely_pairs
from brics_tracker.tracking.services import duplicates, merging
from brics_tracker.tracking.services.likeness import LEAST, Index, Rarity, compare, describe
from tests.factories.accounts import make_user
from tests.factories.core import make_theme
from tests.factories.tracking import make_document, make_item
from tests.growth import queries_of
from tests.tracking.views.helpers import said

pytestmark = pytest.mark.django_db
TITLES = ("Grain exchange of the members", "An exchange for grain among members", "Vaccine centre", "Satellite data")


def search(by: User) -> Job:
    row = duplicates.ask_search(by=by)
    jobs.run(row.pk)
    row.refresh_from_db()
    return row


@pytest.fixture
def register(db: None) -> list[TrackedItem]:
    return [
        make_item(title=title, summary=title, passages=make_document(f"d{n % 3}", 1).passages.all())
        for n, title in enumerate(TITLES)
    ]


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Grain exchange of the members", "An exchange for grain among members", True),
        ("Énergie : plateforme de données", "Energie: plateforme de donnees", True),
        ("金砖国家粮食交易所", "金砖国家粮食交易所的建立", True),
        ("Энергетическая платформа", "Энергетическая платформа данных", True),
        ("Grain exchange of the members", "Vaccine centre of the members", False),
        ("Satellite data", "Statistical data", False),
        ("", "", False),
    ],
)
def test_what_is_alike_in_words_and_letters_scores_high(one: str, other: str, alike: bool) -> None:
    items = [describe(n, title, "") for n, title in enumerate((one, other, *TITLES[2:]))]
    assert (compare(items[0], items[1], Rarity(items)).score >= LEAST) is alike


def test_likeness_is_the_same_from_both_sides_and_whole_for_itself() -> None:
    items = [describe(n, title, "", passages=[1], theme=1) for n, title in enumerate(TITLES)]
    rarity = Rarity(items)
    assert compare(items[0], items[1], rarity).score == compare(items[1], items[0], rarity).score
    assert compare(items[0], items[0], rarity).score == 100
    assert 1 in Index(items).likely(0)


def test_pairs_are_found_kept_with_reasons_and_found_anew(register: list[TrackedItem], administrator: User) -> None:
    row = search(administrator)
    assert (row.state, row.progress) == ("done", 100)
    (pair,) = LikelyDuplicate.objects.all()
    assert {pair.first, pair.second} == set(register[:2])
    assert {"grain", "exchange", "members"} >= {word.casefold() for word in pair.reasons["shared"]}
    search(administrator)
    assert LikelyDuplicate.objects.count() == 1


def test_a_search_that_runs_is_not_started_twice(administrator: User, analyst: User) -> None:
    assert duplicates.ask_search(by=administrator) == duplicates.ask_search(by=analyst)


def test_what_was_told_apart_is_not_shown_again_until_it_is_taken_back(
    register: list[TrackedItem], administrator: User, analyst: User
) -> None:
    search(administrator)
    one, other = register[:2]
    first = duplicates.tell_apart(other, one, by=analyst, note="Another market.")
    assert duplicates.tell_apart(one, other, by=administrator) == first
    search(administrator)
    assert list(likely_pairs(administrator)) == []
    duplicates.take_back(one, other, by=administrator)
    assert likely_pairs(administrator).count() == 1
    assert list(DistinctPair.history.values_list("history_type", flat=True)) == ["-", "+"]


def test_a_pair_is_seen_by_those_who_edit_both(register: list[TrackedItem], administrator: User) -> None:
    search(administrator)
    green = make_user(role="analyst", themes=[make_theme("GR")])
    energy = make_user(role="analyst", themes=[make_theme("EN")])
    assert (likely_pairs(green).count(), likely_pairs(energy).count()) == (0, 1)
    with pytest.raises(PermissionDenied):
        duplicates.tell_apart(*register[:2], by=green)


def test_a_merge_takes_its_pairs_away(register: list[TrackedItem], administrator: User) -> None:
    search(administrator)
    choice = merging.Choice("One thing twice.")
    merging.merge_items(*register[:2], by=administrator, seen=(None, None), choice=choice)
    assert not LikelyDuplicate.objects.exists()


def test_the_page_shows_pairs_with_reasons_and_judges_them(
    client: Client, register: list[TrackedItem], administrator: User
) -> None:
    client.force_login(administrator)
    page = reverse("tracking:duplicate-list")
    assert "Nobody has looked for duplicates yet" in said(client.get(page))
    client.post(reverse("tracking:duplicate-search"))
    search(administrator)
    shown = client.get(page)
    assert "both speak of" in said(shown)
    assert "Side by side" in said(shown)
    judged = client.post(reverse("tracking:pair-judge", args=[item.reference for item in register[:2]]), follow=True)
    assert "are two things" in said(judged)
    assert register[0].reference in said(client.get(page, {"shown": "apart"}))


def test_the_page_costs_the_same_however_many_pairs(client: Client, administrator: User) -> None:
    client.force_login(administrator)
    page = reverse("tracking:duplicate-list")
    for _number in range(2):
        make_item(title="Grain exchange of the members")
    search(administrator)
    few = queries_of(lambda: client.get(page))
    for _number in range(3):
        make_item(title="Grain exchange of the members")
    search(administrator)
    assert LikelyDuplicate.objects.count() > 5
    assert queries_of(lambda: client.get(page)) == few


def test_what_is_like_a_title_being_typed_is_offered(
    client: Client, register: list[TrackedItem], analyst: User
) -> None:
    hidden = make_item(title="Grain exchange in secret", published=False, by=make_user(role="analyst"))
    client.force_login(analyst)
    form = client.get(reverse("proposals:create"))
    assert reverse("tracking:similar") in form.content.decode()
    asked = {"title": "The grain exchange", "kind_of_item": "proposal"}
    found = client.get(reverse("tracking:similar"), asked, headers={"HX-Request": "true"})
    assert register[0].reference in said(found)
    assert hidden.reference not in said(found)
    assert register[2].reference not in said(found)
    assert "already" not in said(client.post(reverse("tracking:similar"), {**asked, "title": "Tunnels"}))
