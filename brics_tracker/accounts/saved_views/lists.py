"""Which lists can be kept. They stand on floors above, so they are known by the names of their routes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.urls import resolve, reverse
from django.utils.translation import gettext as _

from brics_tracker.core.cells import Choice, choose_columns
from brics_tracker.core.export import ListRequest
from brics_tracker.core.filters import ListFilterSet
from brics_tracker.core.ordering import known_sort

if TYPE_CHECKING:
    from brics_tracker.accounts.models import User
    from brics_tracker.core.views import FilteredListView

ROUTES = {
    "proposals": "proposals:list",
    "mechanisms": "mechanisms:list",
    "meetings": "mechanisms:meeting-list",
    "reports": "reports:list",
}


def address_of(name: str) -> str:
    """The path of a list."""
    return reverse(ROUTES[name])


def title_of(name: str) -> str:
    """What a list is called; its key where the list is gone."""
    return str(_view_class(name).export_title) if name in ROUTES else name


def _view_class(name: str) -> type[FilteredListView]:
    found: type[FilteredListView] = resolve(address_of(name)).func.view_class  # type: ignore[attr-defined]
    return found


def check_list(name: str) -> str:
    """The same name, or ValidationError where there is no such list."""
    if name not in ROUTES:
        raise ValidationError(
            {"list": _("There is no list of this name. Choose one of: %(names)s.") % {"names": ", ".join(ROUTES)}}
        )
    return name


def filterset_of(name: str, query: str, user: User) -> ListFilterSet:
    """The list's filter as this person would ask it."""
    kind = _view_class(name).filterset_class
    return kind(QueryDict(query), request=ListRequest(address_of(name), "", user))


def asked_of(filterset: ListFilterSet) -> str:
    """What is asked of a list, said in one way: the filters that are set, in the order of their names."""
    said = QueryDict(mutable=True)
    for key in sorted(filterset.in_use):
        said.setlist(key, [value for value in filterset.data.getlist(key) if value])
    return said.urlencode()


def unknown_filters(name: str, query: str) -> list[str]:
    """Filters in a saved query that the list does not have, or not any more."""
    return [key for key in QueryDict(query) if key not in _view_class(name).filterset_class.base_filters]


def check_query(name: str, query: str, user: User) -> str:
    """The query said in one way; ValidationError at `query` where the list cannot be asked that."""
    if len(query) > 4000:
        raise ValidationError({"query": _("This filter is too long to be kept.")})
    if unknown := unknown_filters(name, query):
        raise ValidationError({"query": _("This list has no filter “%(name)s”.") % {"name": unknown[0][:40]}})
    filterset = filterset_of(name, query, user)
    for key, errors in filterset.form.errors.items():
        label = filterset.form.fields[key].label if key in filterset.form.fields else key
        raise ValidationError({"query": f"{label}: {errors[0]}"})
    return asked_of(filterset)


def check_columns(name: str, columns: Sequence[str], user: User) -> str:
    """Columns as their keys with commas; "" for none; ValidationError at `columns` for one that the list does not have."""
    if not columns:
        return ""
    choice = _choose(name, columns, user)
    if choice.unknown:
        raise ValidationError({"columns": _("This list has no column “%(name)s”.") % {"name": choice.unknown[0][:40]}})
    return choice.keys


def _choose(name: str, columns: Sequence[str], user: User) -> Choice:
    kind = _view_class(name)
    view = kind()
    view.setup(ListRequest(address_of(name), "", user))
    return choose_columns(view.get_columns(), columns, kind.usually_shown, kind.always_shown)


def check_sort(name: str, sort: str) -> str:
    """The order, or ValidationError at `sort` where the list cannot be sorted by it."""
    if sort and not known_sort(sort, _view_class(name).sortable):
        raise ValidationError({"sort": _("This list cannot be sorted by “%(name)s”.") % {"name": sort[:40]}})
    return sort
