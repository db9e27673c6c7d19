"""Rules of the reference lists that cross rows: where a theme may stand, when spells disagree."""

from __future__ import annotations

import datetime as dt
from itertools import combinations
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from .history import name_author
from .models import Member, MembershipSpell, Theme
from .partial_dates import first_day, last_day
from .signals import theme_merged

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser


def check_theme(theme: Theme, *, parent: Theme | None, valid_from: dt.date | None, valid_until: dt.date | None) -> None:
    """Refuse a place inside the theme itself or its own subtree, and a last day before the first."""
    if valid_from and valid_until and valid_until < valid_from:
        raise ValidationError({"valid_until": _("The last day lies before the first.")})
    if parent is not None and theme.pk and parent.pk in Theme.objects.with_subtree_ids([theme.pk]):
        raise ValidationError({"parent": _("A theme cannot stand within itself or within one of its own areas.")})


@transaction.atomic
def retire_theme(theme: Theme, *, by: AbstractBaseUser | None, last_day: dt.date | None = None) -> Theme:
    """Offer a theme no more after a day (today); what bears it keeps it."""
    theme = Theme.objects.select_for_update(of=("self",)).get(pk=theme.pk)
    day = last_day or timezone.localdate()
    if theme.valid_until is not None and theme.valid_until <= day:
        raise ValidationError(_("It was retired already."))
    check_theme(theme, parent=theme.parent, valid_from=theme.valid_from, valid_until=day)
    theme.valid_until = day
    name_author(theme, by, "retired")
    theme.save(update_fields=["valid_until"])
    return theme


@transaction.atomic
def merge_themes(source: Theme, target: Theme, *, by: AbstractBaseUser | None) -> Theme:
    """Let one theme take over what bears another: areas, items, grants, reports. The other is retired, not deleted.

    References keep their letters. Raises ValidationError for a theme itself, an area of its own, or a retired target.
    """
    rows = {
        theme.pk: theme for theme in Theme.objects.select_for_update(of=("self",)).filter(pk__in=[source.pk, target.pk])
    }
    if source.pk == target.pk or target.pk in Theme.objects.with_subtree_ids([source.pk]):
        raise ValidationError(_("A theme cannot be merged into itself or into one of its own areas."))
    source, target = rows[source.pk], rows[target.pk]
    if target.valid_until is not None and target.valid_until <= timezone.localdate():
        raise ValidationError(_("%(name)s is retired.") % {"name": target})
    for area in source.children.all():
        area.parent = target
        name_author(area, by, f"{source.code} merged into {target.code}")
        area.save(update_fields=["parent"])
    theme_merged.send(sender=Theme, source=source, target=target, by=by)
    if source.valid_until is None or source.valid_until > timezone.localdate():
        retire_theme(source, by=by)
    return target


def overlapping_spells(member: Member) -> list[tuple[MembershipSpell, MembershipSpell]]:
    """Pairs of a country's spells that run at the same time. Sources may say so (hence no constraint), typing errors too."""
    dated = [spell for spell in MembershipSpell.objects.filter(member=member) if spell.started]
    return [
        (one, other)
        for one, other in combinations(dated, 2)
        if _begins(one) <= _ends(other) and _begins(other) <= _ends(one)
    ]


def _begins(spell: MembershipSpell) -> dt.date:
    return first_day(spell.started)


def _ends(spell: MembershipSpell) -> dt.date:
    return last_day(spell.ended) if spell.ended else dt.date.max
