"""How a person keeps a list, and with what it opens for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db.models import Case, F, Value, When
from django.http import QueryDict
from django.utils.translation import gettext as _

from brics_tracker.accounts.access import grants_of
from brics_tracker.accounts.choices import Opening, Role
from brics_tracker.accounts.models import ListSetting, SavedView, User
from brics_tracker.core.templatetags.chips import chips_of

from .lists import ROUTES, address_of, filterset_of, title_of, unknown_filters

if TYPE_CHECKING:
    from brics_tracker.accounts.access import Actor

IN_MENU = 60
# Whose default holds for somebody with several roles.
RANKS = (Role.ADMINISTRATOR, Role.REVIEWER, Role.ANALYST, Role.READER)


@dataclass(frozen=True, slots=True)
class Kept:
    """How one person keeps one list. `default`: the view that it opens with, `why` in words."""

    setting: ListSetting | None = None
    views: Sequence[SavedView] = field(default_factory=list)
    default: SavedView | None = None
    why: str = ""

    @property
    def columns(self) -> str:
        return self.setting.columns if self.setting else ""

    @property
    def page_size(self) -> str:
        return str(self.setting.page_size or "") if self.setting else ""


def kept_for(user: Actor, name: str) -> Kept:
    """Two queries, and those of the grants; none for nobody."""
    if not isinstance(user, User):
        return Kept()
    setting = ListSetting.objects.filter(user=user, list=name).select_related("default_view").first()
    # Defaults first, so that none is beyond what the menu holds; then one's own.
    first = Case(When(default_for="", then=Value(1)), default=Value(0))
    own = Case(When(owner=user.pk, then=Value(0)), default=Value(1))
    found = SavedView.objects.visible_to(user).of(name).select_related("owner").order_by(first, own, "name", "pk")
    views = sorted(found[:IN_MENU], key=lambda view: (view.owner_id != user.pk, view.name.casefold()))
    default, why = _default(user, setting, views)
    return Kept(setting, views, default, why)


def _default(user: User, setting: ListSetting | None, views: Sequence[SavedView]) -> tuple[SavedView | None, str]:
    """One's own choice before that of one's highest role."""
    chosen = setting.opens_with if setting else Opening.ROLE
    view = setting.default_view if setting and chosen == Opening.VIEW else None
    if view is not None and (view.shared or view.owner_id == user.pk):
        return view, _("your default")
    if chosen == Opening.EVERYTHING:
        return None, ""
    by_role = {view.default_for: view for view in views if view.default_for}
    held = {grant.role for grant in grants_of(user)} | {Role.READER} if by_role else set()
    for role in RANKS:
        if role in held and role in by_role:
            return by_role[role], _("default for %(role)s") % {"role": role.label}
    return None, ""


@dataclass(frozen=True, slots=True)
class ViewRow:
    """A saved view as the page of views shows it; `problem` where its list cannot be asked that any more."""

    view: SavedView
    list_title: str
    address: str
    asks: Sequence[tuple[str, str]]
    problem: str
    may_change: bool = False
    is_default: bool = False


def view_row(view: SavedView, user: User, *, may_change: bool = False, is_default: bool = False) -> ViewRow:
    """What a view asks, in words."""
    asks: list[tuple[str, str]] = []
    problem = problem_of(view, user)
    if view.list in ROUTES and not problem:
        asks = [
            (chip.label, chip.value)
            for chip in chips_of(filterset_of(view.list, view.query, user), QueryDict(view.query))
        ]
    address = f"{address_of(view.list)}?saved={view.pk}" if view.list in ROUTES else ""
    return ViewRow(view, title_of(view.list), address, asks, problem, may_change, is_default)


def problem_of(view: SavedView, user: User) -> str:
    """Why a view cannot be shown as it was saved; "" where it can."""
    if view.list not in ROUTES:
        return _("Its list is gone.")
    if unknown := unknown_filters(view.list, view.query):
        return _("Its list has no filter “%(name)s” any more.") % {"name": unknown[0]}
    filterset = filterset_of(view.list, view.query, user)
    for key in filterset.form.errors:
        return _("Its filter “%(name)s” holds something that is gone, or that you may not see.") % {
            "name": filterset.form.fields[key].label
        }
    return ""


def views_for_page(user: User) -> list[SavedView]:
    """One's own views, then those that others share, by list and name; as many as a page bears."""
    own = Case(When(owner=user.pk, then=Value(0)), default=Value(1))
    found = SavedView.objects.visible_to(user).select_related("owner").order_by(own, "list", F("name"), "pk")
    return list(found[:500])


def defaults_of(user: User) -> dict[str, int | None]:
    """By list, the view that this person chose to open it with."""
    chosen = ListSetting.objects.filter(user=user, opens_with=Opening.VIEW)
    return dict(chosen.values_list("list", "default_view"))
