"""For any grants and any items: the rule for one object, the rule for many, and the rule in plain words agree."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import override_settings
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from brics_tracker.accounts import access
from brics_tracker.accounts.choices import Role
from brics_tracker.accounts.models import Grant, User
from brics_tracker.core.models import Member, MembershipSpell, Theme
from brics_tracker.tracking.choices import ReviewState
from brics_tracker.tracking.models import Evidence, TrackedItem, Update

# A small world: two pillars, one with an area and an area within it; members of today, of yesterday, never.
THEMES = {"EN": None, "EN-GRID": "EN", "EN-GRID-SMART": "EN-GRID", "GR": None}
MEMBERS = {"BR": ("member", "2009-06-16", ""), "CN": ("member", "2009-06-16", ""), "KZ": ("partner", "2025", ""),
           "AR": ("member", "2010", "2011")}  # fmt: skip
MEMBERS_TODAY = {"BR", "CN"}
EVERY_ROLE = [str(role) for role in Role]
ROLE_SETS = [access.WRITERS, access.REVIEWERS, access.EDITORS, access.OVERSEERS, access.ADMINISTRATORS]
ITEM_STATES = [ReviewState.DRAFT, ReviewState.SUBMITTED, ReviewState.RETURNED, ReviewState.PUBLISHED]
ONCE_PUBLIC = {ReviewState.PUBLISHED, ReviewState.CORRECTED, ReviewState.RETRACTED}

some_themes = st.sets(st.sampled_from(sorted(THEMES)), max_size=3)
some_members = st.sets(st.sampled_from(sorted(MEMBERS)), max_size=3)


@dataclass(frozen=True)
class G:
    """A grant in plain Python."""

    role: str
    themes: frozenset[str]
    members: frozenset[str]


@dataclass(frozen=True)
class I:  # noqa: E742 - an item, as short as G
    """An item in plain Python, with one update and one source."""

    themes: frozenset[str]
    members: frozenset[str]
    all_members: bool
    state: str
    own: bool
    update_state: str
    update_own: bool
    linked: bool
    confidential: bool
    source_own: bool


grants = st.lists(
    st.builds(
        G, role=st.sampled_from(EVERY_ROLE), themes=some_themes.map(frozenset), members=some_members.map(frozenset)
    ),
    max_size=3,
)
items = st.lists(
    st.builds(
        I,
        themes=some_themes.map(frozenset),
        members=some_members.map(frozenset),
        all_members=st.booleans(),
        state=st.sampled_from(ITEM_STATES),
        own=st.booleans(),
        update_state=st.sampled_from(list(ReviewState)),
        update_own=st.booleans(),
        linked=st.booleans(),
        confidential=st.booleans(),
        source_own=st.booleans(),
    ),
    min_size=1,
    max_size=6,
)


# --- the rule in plain words ---------------------------------------------------------------------------


def lies_within(theme: str | None, tops: frozenset[str]) -> bool:
    """The theme or one above it is among the tops."""
    while theme is not None:
        if theme in tops:
            return True
        theme = THEMES[theme]
    return False


def reaches(grant: G, item: I) -> bool:
    themes = not grant.themes or any(lies_within(theme, grant.themes) for theme in item.themes)
    responsible = item.members | (MEMBERS_TODAY if item.all_members else set())
    return themes and (not grant.members or bool(grant.members & responsible))


def held(grants: list[G], roles: Any, item: I) -> bool:
    return any(grant.role in roles and reaches(grant, item) for grant in grants)


def sees_item(grants: list[G], item: I) -> bool:
    return item.state == ReviewState.PUBLISHED or item.own or held(grants, {"reviewer", "administrator"}, item)


def sees_update(grants: list[G], item: I) -> bool:
    oversees = held(grants, {"reviewer", "administrator"}, item)
    return sees_item(grants, item) and (item.update_state in ONCE_PUBLIC or item.update_own or oversees)


def sees_source(grants: list[G], item: I) -> bool:
    oversees = held(grants, {"reviewer", "administrator"}, item)
    public = not item.confidential and item.linked and item.update_state in ONCE_PUBLIC
    return sees_item(grants, item) and (public or item.source_own or oversees)


# --- the world as rows -----------------------------------------------------------------------------------


class TestVisibility(TestCase):
    user: User
    other: User
    themes: dict[str, Theme]
    members: dict[str, Member]

    @classmethod
    def setUpTestData(cls) -> None:
        cls.user, cls.other = (User.objects.create_user(f"{name}@example.org", name=name) for name in ("user", "other"))
        cls.themes = {}
        for code, parent in THEMES.items():
            cls.themes[code] = Theme.objects.create(code=code, name=code, parent=cls.themes.get(parent or ""))
        cls.members = {code: Member.objects.create(code=code, name=code) for code in MEMBERS}
        for code, (kind, started, ended) in MEMBERS.items():
            MembershipSpell.objects.create(member=cls.members[code], kind=kind, started=started, ended=ended)

    def make(self, held_grants: list[G], world: list[I]) -> tuple[User, list[TrackedItem]]:
        for grant in held_grants:
            given_one = Grant.objects.create(user=self.user, role=grant.role)
            given_one.themes.set(self.themes[code] for code in grant.themes)
            given_one.members.set(self.members[code] for code in grant.members)
        now = timezone.now()
        rows = TrackedItem.objects.bulk_create(
            TrackedItem(
                item_kind="proposal", reference=f"EN-{n}", reference_prefix="EN", reference_number=n, title=f"Item {n}",
                lead_theme=self.themes["EN"], all_members=item.all_members, review_state=item.state, status="proposed",
                author=self.user if item.own else self.other, published_at=now, tracked_since=dt.date(2026, 1, 1),
            )
            for n, item in enumerate(world, start=1)
        )  # fmt: skip
        through = TrackedItem.themes.through
        through.objects.bulk_create(
            through(trackeditem_id=row.pk, theme_id=self.themes[code].pk)
            for row, item in zip(rows, world, strict=True) for code in item.themes
        )  # fmt: skip
        responsible = TrackedItem.members.through
        responsible.objects.bulk_create(
            responsible(trackeditem_id=row.pk, member_id=self.members[code].pk)
            for row, item in zip(rows, world, strict=True) for code in item.members
        )  # fmt: skip
        for row, item in zip(rows, world, strict=True):
            update = Update(
                item=row,
                author=self.user if item.update_own else self.other,
                happened="2026",
                review_state=item.update_state,
            )
            source = Evidence(
                item=row,
                author=self.user if item.source_own else self.other,
                title=row.title,
                confidential=item.confidential,
            )
            for thing in (update, source):
                thing.skip_history_when_saving = True  # type: ignore[union-attr]
                thing.save()
            if item.linked:
                source.updates.add(update)
        return User.objects.get(pk=self.user.pk), rows

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(held_grants=grants, world=items)
    def test_one_object_many_objects_and_plain_words_agree(self, held_grants: list[G], world: list[I]) -> None:
        user, rows = self.make(held_grants, world)
        for roles in ROLE_SETS:
            many = set(TrackedItem.objects.filter(access.scope_q(user, roles)).values_list("pk", flat=True))
            for row, item in zip(rows, world, strict=True):
                one = access.covers(
                    user,
                    roles,
                    theme_ids={self.themes[code].pk for code in item.themes},
                    member_ids={self.members[code].pk for code in item.members},
                    all_members=item.all_members,
                )
                assert one == (row.pk in many) == held(held_grants, roles, item), (roles, item)

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(held_grants=grants, world=items)
    def test_what_is_seen_of_items_updates_and_sources(self, held_grants: list[G], world: list[I]) -> None:
        user, rows = self.make(held_grants, world)
        for seen, rule in [
            (TrackedItem.objects.visible_to(user).values_list("pk", flat=True), sees_item),
            (Update.objects.visible_to(user).values_list("item", flat=True), sees_update),
            (Evidence.objects.visible_to(user).values_list("item", flat=True), sees_source),
        ]:
            listed = list(seen)
            assert len(listed) == len(set(listed)), "no row comes twice"
            expected = {row.pk for row, item in zip(rows, world, strict=True) if rule(held_grants, item)}
            assert set(listed) == expected, rule.__name__

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(held_grants=grants, world=items, public=st.booleans(), shut=st.booleans())
    def test_nobody_and_the_shut_see_what_a_public_site_shows_and_no_more(
        self, held_grants: list[G], world: list[I], public: bool, shut: bool
    ) -> None:
        user, rows = self.make(held_grants, world)
        user.is_active = False
        viewer = user if shut else AnonymousUser()
        with override_settings(PUBLIC_READ=public):
            for model in (TrackedItem, Update, Evidence):
                seen = set(
                    model.objects.visible_to(viewer).values_list("pk" if model is TrackedItem else "item", flat=True)
                )
                for row, item in zip(rows, world, strict=True):
                    open_item = public and item.state == ReviewState.PUBLISHED
                    shown = {
                        TrackedItem: open_item,
                        Update: open_item and item.update_state in ONCE_PUBLIC,
                        Evidence: open_item
                        and item.linked
                        and not item.confidential
                        and item.update_state in ONCE_PUBLIC,
                    }[model]
                    # Someone whose account is shut may still be the author of a row; that opens nothing either.
                    if not shut or model is TrackedItem:
                        assert (row.pk in seen) == shown, (model, item)


pytestmark = pytest.mark.django_db
