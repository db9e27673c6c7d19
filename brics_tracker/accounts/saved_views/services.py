"""What changes saved views and how a person keeps a list; every door (list, page, API, administration) comes through here."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from brics_tracker.accounts.choices import Opening, Role
from brics_tracker.accounts.models import ListSetting, SavedView, User
from brics_tracker.core.history import name_author
from brics_tracker.core.once import once
from brics_tracker.core.pages import SIZES
from brics_tracker.core.text import clean_text

from . import access
from .lists import check_columns, check_list, check_query, check_sort

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST = 100  # views of one person
NOT_SHARED = gettext_lazy("Share the view first: a role's default is everyone's to see.")


class StaleView(ValidationError):
    """Someone changed the view since it was read; `current` is the view as it is now."""

    def __init__(self, current: SavedView) -> None:
        super().__init__(_("Someone changed this view since you opened it. This is how it stands now."), code="stale")
        self.current = current


# --- views -------------------------------------------------------------------------------------------


def create_view(
    *,
    by: User,
    list: str,
    name: str,
    query: str = "",
    columns: Sequence[str] = (),
    sort: str = "",
    shared: bool = False,
    form_key: uuid.UUID | None = None,
) -> SavedView:
    """Keep a list under a name: its filter as it stands in an address, columns by key, order. Once per form key.

    Raises ValidationError at `list`, `name`, `query`, `columns`, `sort` or `shared`, and as a whole for one view too many.
    """

    def make() -> SavedView:
        checked: dict[str, Any] = _checked(check_list(list), {"query": query, "columns": columns, "sort": sort}, by)
        view = SavedView(owner=by, list=list, name=name, shared=shared, **checked)
        User.objects.select_for_update(no_key=True).get(pk=by.pk)  # two at once are counted one after the other
        if SavedView.objects.filter(owner=by).count() >= MOST:
            raise ValidationError(_("You keep %(n)d views, as many as one may have. Delete one first.") % {"n": MOST})
        _check(view, by)
        name_author(view, by)
        view.save(force_insert=True)
        return view

    return once(by, form_key, make)


@transaction.atomic
def change_view(view: SavedView, *, by: User, version: int | None = None, **changes: object) -> SavedView:
    """Rename, share, or give another filter, columns or order: what is named in `changes`, and nothing else.

    Raises StaleView where `version` is not the view's any more, ValidationError by field, PermissionDenied for who
    may not.
    """
    current = _lock(view, by, version)
    asked = {name: changes.pop(name) for name in ("query", "columns", "sort") if name in changes}
    changes |= _checked(current.list, asked, by)
    before = {name: getattr(current, name) for name in changes}
    for name, value in changes.items():
        setattr(current, name, value)
    if current.default_for and not current.shared:
        raise ValidationError({"shared": _("Lists open with it for a role. An administrator takes that off first.")})
    _check(current, by)
    if any(getattr(current, name) != value for name, value in before.items()):
        _save(current, by, list(changes))
    return current


@transaction.atomic
def delete_view(view: SavedView, *, by: User, version: int | None = None) -> None:
    """Throw a view away; lists that opened with it open as is usual. Its history stays."""
    current = _lock(view, by, version)
    if current.default_for and not access.may_set_defaults(by):
        raise ValidationError(_("Lists open with it for a role. An administrator takes that off first."))
    ListSetting.objects.filter(default_view=current).update(default_view=None, opens_with=Opening.ROLE)
    name_author(current, by, "deleted")
    current.delete()


@transaction.atomic
def set_role_default(view: SavedView, role: str, *, by: User, version: int | None = None) -> SavedView:
    """Let its list open with this view for people of a role; "" takes that off. What stood there before gives way."""
    if not access.may_set_defaults(by):
        raise PermissionDenied
    if role and role not in Role.values:
        raise ValidationError({"default_for": _("There is no such role.")})
    current = _lock(view, by, version)
    if current.default_for == role:
        return current
    if role and not current.shared:
        raise ValidationError({"default_for": NOT_SHARED})
    for before in (
        SavedView.objects.select_for_update(no_key=True)
        .filter(list=current.list, default_for=role)
        .exclude(default_for="")
    ):
        before.default_for = ""
        _save(before, by, ["default_for"])
    current.default_for = role
    _save(current, by, ["default_for"])
    return current


def _lock(view: SavedView, by: User, version: int | None) -> SavedView:
    current = SavedView.objects.select_for_update(no_key=True).get(pk=view.pk)
    if not access.may_change(by, current):
        raise PermissionDenied
    if version is not None and version != current.version:
        raise StaleView(current)
    return current


def _checked(list: str, asked: Mapping[Any, object], by: User) -> dict[str, object]:
    """The same said in one way, or ValidationError at its field."""
    checked: dict[str, object] = {}
    if "query" in asked:
        checked["query"] = check_query(list, str(asked["query"]), by)
    if "columns" in asked:
        columns = asked["columns"]
        checked["columns"] = check_columns(list, columns if isinstance(columns, Sequence) else (), by)
    if "sort" in asked:
        checked["sort"] = check_sort(list, str(asked["sort"]))
    return checked


def _check(view: SavedView, by: User) -> None:
    try:
        view.name = clean_text(view.name).strip()
    except ValidationError as refusal:
        raise ValidationError({"name": refusal}) from refusal
    if view.shared and not access.may_share(by):
        raise ValidationError({"shared": _("Analysts, reviewers and administrators share views.")})
    view.clean_fields(exclude=["owner"])
    named = SavedView.objects.filter(owner=view.owner_id, list=view.list, name__iexact=view.name).exclude(pk=view.pk)
    if named.exists():
        raise ValidationError({"name": _("You have a view of this name on this list. Choose another name.")})


def _save(view: SavedView, by: User, fields: list[str]) -> None:
    view.version += 1
    name_author(view, by)
    view.save(update_fields=[*fields, "version", "updated_at"])


# --- how a person keeps a list ------------------------------------------------------------------------


@transaction.atomic
def keep_columns(list: str, columns: Sequence[str], *, by: User) -> ListSetting:
    """Show these columns of a list to this person from now on; none: the list's usual ones."""
    return _keep(by, list, columns=check_columns(check_list(list), columns, by))


@transaction.atomic
def keep_page_size(list: str, size: int, *, by: User) -> ListSetting:
    """Show so many rows on a page of a list to this person from now on."""
    if size not in SIZES:
        sizes = ", ".join(map(str, SIZES))
        raise ValidationError({"page_size": _("Choose one of: %(sizes)s.") % {"sizes": sizes}})
    return _keep(by, check_list(list), page_size=size)


@transaction.atomic
def open_with(list: str, opening: str, *, by: User, view: SavedView | None = None) -> ListSetting:
    """Say with what a list opens for this person: with a view, with everything, or with what is usual for their role."""
    check_list(list)
    if opening == Opening.VIEW and (view is None or view.list != list):
        raise ValidationError({"view": _("Choose a view of this list.")})
    if opening not in Opening.values:
        raise ValidationError({"opens_with": _("Choose a view, everything, or what is usual.")})
    return _keep(by, list, opens_with=opening, default_view=view if opening == Opening.VIEW else None)


def _keep(by: User, list: str, **values: object) -> ListSetting:
    setting, _made = ListSetting.objects.update_or_create(user=by, list=list, defaults=values)
    return setting
