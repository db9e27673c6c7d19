"""People for tests: made by name and role, addresses at the reserved example domain."""

import itertools
from collections.abc import Iterable

from brics_tracker.accounts.models import Grant, User
from brics_tracker.core.models import Member, Theme

_numbers = itertools.count(1)


def make_user(name: str = "", *, role: str = "", themes: Iterable[Theme] = (), members: Iterable[Member] = ()) -> User:
    """A user who may sign in; with a role, holding one grant of it (everywhere unless limited)."""
    name = name or f"person-{next(_numbers)}"
    user = User.objects.create_user(email=f"{name}@example.org", name=name)
    if role:
        make_grant(user, role, themes=themes, members=members)
    return user


def make_grant(user: User, role: str, *, themes: Iterable[Theme] = (), members: Iterable[Member] = ()) -> Grant:
    grant = Grant.objects.create(user=user, role=role)
    grant.themes.set(themes)
    grant.members.set(members)
    return grant
