"""The counted values of the filters that every list of tracked items shares; the rows are tracked items."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, CharField, Count, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _

from brics_tracker.core.clock import today
from brics_tracker.core.facets import ChoiceFacet, Facet, Found, GroupFacet, SwitchFacet, choice_facet, group_facet
from brics_tracker.core.models import Member, Theme
from brics_tracker.core.querysets import pillars_of

from .choices import ItemKind, Phase, Proof
from .models import TrackedItem
from .querysets import is_at_risk, is_due_soon, is_overdue, is_stagnant
from .workflow import WORKFLOWS, Status


def item_facets(kind: ItemKind) -> dict[str, Facet]:
    """By the name of the filter (`attention` holds three), for the day in force."""
    statuses = [(status, Status(status).label) for status in WORKFLOWS[kind].statuses]
    return {
        "status": choice_facet("status", _("Status"), statuses, "status"),
        "attention": SwitchFacet(_("Needs attention"), {
            "overdue": (_("Overdue"), is_overdue()),
            "stagnant": (_("Stagnant"), is_stagnant()),
            "at_risk": (_("At risk"), is_at_risk()),
        }),
        "due": ChoiceFacet("due", _("Due"), {
            "overdue": (_("Overdue"), is_overdue()),
            "soon": (_("Due soon"), is_due_soon()),
            "none": (_("No date"), Q(next_due__isnull=True)),
        }),
        "proof": choice_facet("proof", _("Proof"), Proof.choices, "proof"),
        "phase": choice_facet("phase", _("Phase"), Phase.choices, "phase"),
        "theme": GroupFacet("theme", _("Theme"), count_by_theme),
        "member": GroupFacet("member", _("Member"), count_by_member),
        "owner": group_facet("owner", _("Owner"), "owner__key", "owner__name", none="none"),
    }  # fmt: skip


def count_by_theme(items: QuerySet[Any]) -> Found:
    """Items by pillar, each counted once in every pillar in or under which one of its themes lies. Two queries."""
    tree = list(Theme.objects.order_by("position", "code").values_list("pk", "parent_id", "code", "name"))
    pillar_of = pillars_of({pk: parent for pk, parent, _code, _name in tree})
    roots = [(pk, code, name) for pk, parent, code, name in tree if parent is None]
    under = {root: [pk for pk, pillar in pillar_of.items() if pillar == root] for root, _code, _name in roots}
    pillar = Case(
        *(When(theme__in=under[pk], then=Value(code)) for pk, code, _name in roots),
        default=Value(""),
        output_field=CharField(),
    )
    ties: QuerySet[Any] = TrackedItem.themes.through.objects.filter(trackeditem__in=items.order_by().values("pk"))
    grouped = (
        ties.order_by().annotate(pillar=pillar).values_list("pillar").annotate(n=Count("trackeditem", distinct=True))
    )
    numbers = dict(grouped.order_by())
    return [(code, f"{code} {name}", numbers.get(code, 0)) for _pk, code, name in roots]


def count_by_member(items: QuerySet[Any]) -> Found:
    """Items by responsible member; those of all members count for whoever is one on the day. Four queries."""
    ties: QuerySet[Any] = TrackedItem.members.through.objects.filter(
        trackeditem__in=items.order_by().values("pk")
    ).order_by()
    everyone = Count("pk", filter=Q(trackeditem__all_members=True))
    named = {pk: (number, both) for pk, number, both in ties.values_list("member").annotate(n=Count("pk"), e=everyone)}
    of_all = items.order_by().filter(all_members=True).count()
    ones = set(Member.objects.members_on(today()).values_list("pk", flat=True))
    found = []
    for pk, code, name in Member.objects.order_by("name").values_list("pk", "code", "name"):
        number, both = named.get(pk, (0, 0))
        found.append((code, name, number - both + of_all if pk in ones else number))
    return sorted(found, key=lambda each: -each[2])
