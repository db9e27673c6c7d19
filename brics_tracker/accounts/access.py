"""Who may: what a person's grants cover. The one home of the scope rule, for one object and for many.

A grant covers an item when one of the item's themes lies in the grant's themes or below them (empty:
all) and one of the item's responsible members is among the grant's members (empty: all; an item
of *all members* has the members of today). Grants add up.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import Q
from django.utils import timezone

from brics_tracker.core.models import Member, Theme

from .choices import Role

if TYPE_CHECKING:
    from .models import User

    Actor: TypeAlias = User | AnonymousUser

WRITERS = frozenset({Role.ANALYST, Role.REVIEWER})
REVIEWERS = frozenset({Role.REVIEWER})
EDITORS = frozenset({Role.ANALYST, Role.REVIEWER, Role.ADMINISTRATOR})
OVERSEERS = frozenset({Role.REVIEWER, Role.ADMINISTRATOR})
ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})


@dataclass(frozen=True, slots=True)
class HeldGrant:
    """A grant ready for comparing: theme ids with all below them, member ids; None means no limit."""

    role: str
    themes: frozenset[int] | None
    members: frozenset[int] | None
    holds_member_today: bool

    @property
    def is_everywhere(self) -> bool:
        return self.themes is None and self.members is None

    def covers(self, theme_ids: Collection[int], member_ids: Collection[int], *, all_members: bool) -> bool:
        if self.themes is not None and self.themes.isdisjoint(theme_ids):
            return False
        if self.members is None:
            return True
        return (all_members and self.holds_member_today) or not self.members.isdisjoint(member_ids)

    def as_q(self, prefix: str) -> Q:
        """The same rule over rows; `prefix` leads to the tracked item ("" on the item itself)."""
        return Q(
            *([Q(**{f"{prefix}pk__in": _items_in("theme", self.themes)})] if self.themes is not None else []),
            *([self._members_q(prefix)] if self.members is not None else []),
        )

    def _members_q(self, prefix: str) -> Q:
        named = Q(**{f"{prefix}pk__in": _items_in("member", self.members or frozenset())})
        return named | Q(**{f"{prefix}all_members": True}) if self.holds_member_today else named


def _items_in(noun: str, ids: Iterable[int]) -> object:
    """Ids of the items linked to any of `ids`: a subquery, so that no join multiplies rows."""
    # The reverse accessors come from the floor above by name: Theme.items, Member.items.
    model = {"theme": Theme, "member": Member}[noun]
    through = model._meta.get_field("items").through  # type: ignore[union-attr]
    return through.objects.filter(**{f"{noun}__in": list(ids)}).values("trackeditem")


def grants_of(user: Actor) -> tuple[HeldGrant, ...]:
    """The person's grants, read once per request (kept on the user object); () for nobody and the disabled.

    One query, one more where themes limit any and one where members do; none on the second call.
    """
    if not user.is_authenticated or not user.is_active:
        return ()
    if not hasattr(user, "_held_grants"):
        read_grants([user])
    held: tuple[HeldGrant, ...] = user._held_grants  # type: ignore[attr-defined]
    return held


def read_grants(users: Collection[User]) -> None:
    """Read what many people hold before each is asked: as many queries as for one."""
    found: dict[int, dict[int, tuple[str, set[int], set[int]]]] = {user.pk: {} for user in users}
    if not found:
        return
    grants = next(iter(users)).grants.model._default_manager
    rows = grants.filter(user__in=found).order_by("pk")
    for person, pk, role, theme, member in rows.values_list("user_id", "pk", "role", "themes", "members"):
        _role, themes, members = found[person].setdefault(pk, (role, set(), set()))
        themes.update({theme} - {None})
        members.update({member} - {None})
    held = _hold([grant for of_one in found.values() for grant in of_one.values()])
    by_person = {person: tuple(next(held) for _grant in of_one) for person, of_one in found.items()}
    for user in users:
        user._held_grants = by_person[user.pk]  # type: ignore[attr-defined]


def _hold(grants: Collection[tuple[str, set[int], set[int]]]) -> Iterator[HeldGrant]:
    tree = Theme.objects.child_ids() if any(themes for _role, themes, _members in grants) else {}
    limiting = set[int]().union(*(members for _role, _themes, members in grants))
    today = (
        Member.objects.members_on(timezone.localdate()).filter(pk__in=limiting) if limiting else Member.objects.none()
    )
    today_ids = set(today.values_list("pk", flat=True))
    for role, themes, members in grants:
        yield HeldGrant(
            role=role,
            themes=frozenset(Theme.objects.with_subtree_ids(themes, tree)) if themes else None,
            members=frozenset(members) if members else None,
            holds_member_today=not members.isdisjoint(today_ids),
        )


def may_read(user: Actor) -> bool:
    """May this person read what is published: everyone signed in, and everyone at all on a public site."""
    return bool(settings.PUBLIC_READ or (user.is_authenticated and user.is_active))


def holds(user: Actor, roles: Collection[str]) -> bool:
    """Does the person hold one of the roles anywhere?"""
    return any(grant.role in roles for grant in grants_of(user))


def holds_everywhere(user: Actor, roles: Collection[str]) -> bool:
    """Does the person hold one of the roles without limits?"""
    return any(grant.role in roles and grant.is_everywhere for grant in grants_of(user))


def is_administrator(user: Actor) -> bool:
    """An administrator of everything, as the administration pages need."""
    return holds_everywhere(user, ADMINISTRATORS)


def covers(
    user: Actor, roles: Collection[str], *, theme_ids: Collection[int], member_ids: Collection[int], all_members: bool
) -> bool:
    """Does one of the person's grants of these roles cover an item with these themes and members?"""
    return any(
        grant.role in roles and grant.covers(theme_ids, member_ids, all_members=all_members)
        for grant in grants_of(user)
    )


def covers_theme(user: Actor, roles: Collection[str], theme_id: int) -> bool:
    """Does one of the person's grants of these roles reach this theme, for whichever members?"""
    return any(grant.role in roles and (grant.themes is None or theme_id in grant.themes) for grant in grants_of(user))


def scope_q(user: Actor, roles: Collection[str], prefix: str = "") -> Q:
    """Rows whose item lies within the person's grants of these roles. Agrees with `covers` (property test)."""
    grants = [grant for grant in grants_of(user) if grant.role in roles]
    if any(grant.is_everywhere for grant in grants):
        return Q()
    if not grants:
        return Q(pk__in=[])
    condition = Q()
    for grant in grants:
        condition |= grant.as_q(prefix)
    return condition


def digest_of_rights(user: Actor) -> str:
    """Changes whenever the person's grants, or what they cover, change: for what was made with the rights of then."""
    held = sorted(
        (grant.role, sorted(grant.themes or ()), sorted(grant.members or ()), grant.holds_member_today)
        for grant in grants_of(user)
    )
    return hashlib.sha256(repr(held).encode()).hexdigest()
