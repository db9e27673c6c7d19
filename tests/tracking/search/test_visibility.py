"""Nobody finds, and nobody counts, what they may not see; nothing of it shows in a suggestion."""

from __future__ import annotations

from collections.abc import Iterator
from unittest.mock import patch

import pytest
from django.conf import LazySettings, settings
from django.contrib.auth.models import AnonymousUser
from django.db import connections, transaction
from pytest_django import DjangoDbBlocker

from brics_tracker.accounts.models import User
from brics_tracker.core.search.words import COMMON
from brics_tracker.tracking.models import TrackedItem
from brics_tracker.tracking.services import items, updates
from tests.architecture.world import World, build_world
from tests.factories import accounts as people

from .asking import found, hits, results

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def world(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    with (
        patch.object(settings, "MEDIA_ROOT", tmp_path_factory.mktemp("files")),
        django_db_blocker.unblock(),
        patch.object(connections["default"], "close"),
        transaction.atomic(),
    ):
        yield build_world()
        transaction.set_rollback(True)


EVERYONE = {"reader", "analyst", "analyst_elsewhere", "reviewer", "reviewer_elsewhere", "administrator"}
OVERSEE = {"reviewer", "administrator"}


@pytest.mark.parametrize(
    ("typed", "kind", "finders"),
    [
        ("energy platform", "proposal", EVERYONE),
        ("energy working group", "mechanism", EVERYONE),
        ("energy academy", "mechanism", OVERSEE),  # a draft of the system's
        ("hydrogen corridor", "proposal", OVERSEE),  # a colleague's draft
        ("storage standards", "proposal", OVERSEE),  # a colleague's, handed in
        ("nuclear safety", "proposal", OVERSEE | {"analyst"}),  # the analyst's own draft
        ('"text was agreed"', "update", EVERYONE),
        ('"talks go on"', "update", OVERSEE),
        ('"talks ended"', "update", OVERSEE),
        ('"my own note"', "update", OVERSEE | {"analyst"}),
        ('"too short"', "update", OVERSEE | {"analyst"}),
        ("cable", "evidence", OVERSEE),  # confidential, under a published update
        ("energy ministers", "meeting", EVERYONE),
        ("paragraph", "passage", EVERYONE),
    ],
)
def test_who_finds_what(world: World, typed: str, kind: str, finders: set[str]) -> None:
    asked = {name: results(_person(world, name), typed) for name in EVERYONE}
    assert {name for name, each in asked.items() if each.counts.get(kind)} == finders
    assert {
        name for name, each in asked.items() if any(hit.kind.name == kind for hit in each[0 : len(each)])
    } == finders


def _person(world: World, name: str) -> User:
    return User.objects.get(pk=getattr(world.people, name).pk)


@pytest.mark.parametrize("typed", ["energy", "talks", "paragraph", "ministers", "cable", "EN-01"])
def test_nobody_and_the_deactivated_find_nothing(world: World, typed: str) -> None:
    assert found(AnonymousUser(), typed) == []
    assert found(_person(world, "gone"), typed) == []


def test_a_visitor_of_a_public_site_finds_what_a_reader_finds(world: World, settings: LazySettings) -> None:
    settings.PUBLIC_READ = True
    for typed in ("energy", "talks", "cable", "paragraph", "ministers", "academy"):
        assert found(AnonymousUser(), typed) == found(_person(world, "reader"), typed)


def test_every_hit_is_among_what_the_person_may_see(world: World) -> None:
    """Whatever is typed: the words of everything there is, asked one by one by everyone."""
    words = {word for item in TrackedItem.objects.all() for word in item.title.split()} | {"source", "talks", "note"}
    for name in EVERYONE:
        person = _person(world, name)
        for word in words - COMMON:
            for hit in hits(person, word):
                assert hit.kind.rows(person).filter(pk=hit.pk).exists(), (name, word)


def test_a_suggestion_comes_from_titles_that_the_person_may_see(world: World) -> None:
    assert results(_person(world, "reader"), "hydrogn corridr").or_like_it().instead_of == ""
    seen = results(_person(world, "reviewer"), "hydrogn corridr").or_like_it()
    assert (str(seen.query), seen.instead_of, dict(seen.counts)) == (
        "hydrogen corridor", "hydrogn corridr", {"proposal": 1},
    )  # fmt: skip


def test_a_draft_is_not_found_by_its_reference(world: World) -> None:
    assert found(_person(world, "reader"), world.draft.reference) == []
    assert found(_person(world, "reviewer"), world.draft.reference)[0] == f"proposal {world.draft.reference}"


def test_the_archived_is_left_out_unless_asked_for_or_named(world: World) -> None:
    reader, coal = _person(world, "reader"), f"proposal {world.archived.reference}"
    assert found(reader, "coal exchange") == []
    assert found(reader, "coal exchange", archived="all") == [coal]
    assert found(reader, "coal exchange", archived="yes") == [coal]
    assert found(reader, "energy", archived="yes") == []
    assert found(reader, world.archived.reference) == [coal]


def test_the_retracted_stays_found_and_says_so(world: World) -> None:
    update = world.updates["published"]
    updates.retract_update(update, by=world.people.reviewer, reason="It was another text.")
    (hit,) = [hit for hit in results(_person(world, "reader"), '"text was agreed"')[0:9] if hit.kind.name == "update"]
    assert [str(note) for note in hit.about.notes] == ["retracted"]


def test_what_is_published_is_found_at_once_and_what_is_thrown_away_never_again(world: World) -> None:
    reader = _person(world, "reader")
    assert found(reader, "nuclear safety") == []
    items.publish_item(items.submit_item(world.own, by=world.people.analyst), by=world.people.reviewer)
    assert found(reader, "nuclear safety") == [f"proposal {world.own.reference}"]
    analyst = _person(world, "analyst")
    assert found(analyst, '"my own note"')
    updates.delete_draft(world.updates["own"], by=world.people.analyst)
    assert found(analyst, '"my own note"') == []


def test_a_grant_withdrawn_closes_the_search_with_it(world: World) -> None:
    person = people.make_user("late-reviewer", role="reviewer")
    assert found(person, "hydrogen")
    person.grants.all().delete()
    assert found(User.objects.get(pk=person.pk), "hydrogen") == []
