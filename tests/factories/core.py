"""Countries, themes and organisations for tests."""

import itertools

from brics_tracker.core.models import Member, MembershipSpell, Organisation, Theme

_numbers = itertools.count(1)


def make_theme(code: str = "EN", *, parent: Theme | None = None, name: str = "") -> Theme:
    """The theme with this code, made when there is none."""
    theme, _made = Theme.objects.get_or_create(code=code, defaults={"name": name or f"Theme {code}", "parent": parent})
    return theme


def make_member(code: str = "BR", *, since: str = "2009-06-16", until: str = "", kind: str = "member") -> Member:
    """The country with this code, with one spell."""
    member, made = Member.objects.get_or_create(code=code, defaults={"name": f"Country {code}"})
    if made and kind:
        MembershipSpell.objects.create(member=member, kind=kind, started=since, ended=until)
    return member


def make_organisation(key: str = "") -> Organisation:
    number = next(_numbers)
    key = key or f"organisation-{number}"
    return Organisation.objects.create(key=key, name=f"Organisation {key}", kind="ministry")
