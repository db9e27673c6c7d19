"""A list that remembers: the view behind every list page whose people keep columns, page sizes and views."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.http import Http404, QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from brics_tracker.accounts.models import SavedView
from brics_tracker.core.as_of import PARAMETER
from brics_tracker.core.export import PLACE
from brics_tracker.core.filters import ListFilterSet
from brics_tracker.core.shapes import PARAMETER as SHAPE
from brics_tracker.core.views import FilteredListView

from . import access
from .lists import asked_of, unknown_filters
from .selectors import Kept, kept_for

OPEN, FROM = "saved", "from_saved"
CARRIED = ("columns", "page_size", OPEN, FROM)
NOTHING = "all"  # ?saved=all: no view, not even the one that the list opens with
# Where someone is, and not what they ask for: with these alone a list opens with its default.
NOT_ASKED = frozenset({PARAMETER, SHAPE, "page_size", "columns", "facets"})


@dataclass(frozen=True, slots=True)
class Shown:
    """The view that a page shows: why, where nobody asked for it; whether it was changed since; filters that are gone."""

    view: SavedView
    why: str
    is_changed: bool
    unknown: list[str]
    may_change: bool


class KeptListView(FilteredListView):
    """FilteredListView with what its person keeps of it: columns and page size where the address says none, saved
    views (`?saved=17` opens one), and the view that the list opens with.

    All of it is written into the request's query first. So every link of the page, the export and a shared address
    say what is shown, and need not know what anybody keeps.
    """

    @cached_property
    def kept(self) -> Kept:
        return kept_for(self.request.user, self.export_name)

    def full_query(self) -> QueryDict:
        asked = self.request.GET.copy()
        for name in [name for name in asked if not any(asked.getlist(name))]:
            del asked[name]
        self.came_by_itself = False
        if opened := self._opened(asked):
            asked.pop(OPEN, None)
            _lay_under(asked, opened)
        elif self.kept.default and FROM not in asked:
            asked[OPEN] = NOTHING
        for name, value in (("columns", self.kept.columns), ("page_size", self.kept.page_size)):
            if value and name not in asked:
                asked[name] = value
        return asked

    def _opened(self, asked: QueryDict) -> SavedView | None:
        """The view to be opened: the one that the address names, or the list's default where it asks for nothing."""
        named = asked.get(OPEN, "")
        if named == NOTHING:
            return None
        if named:
            return self._view(named)
        if set(asked) <= NOT_ASKED and self.kept.default:
            self.came_by_itself = True
            return self.kept.default
        return None

    def _view(self, key: str) -> SavedView:
        """A view of this list that this person may see; 404 for any other."""
        if not (key.isascii() and key.isdigit() and len(key) <= 18):
            raise Http404
        for view in self.kept.views:
            if view.pk == int(key):
                return view
        view = access.view_to_read(self.request.user, int(key))
        if view.list != self.export_name:
            raise Http404
        return view

    @cached_property
    def stands_on(self) -> SavedView | None:
        """The view that what is shown began with."""
        key = self.request.GET.get(FROM, "")
        return self._view(key) if key else None

    @cached_property
    def unknown(self) -> list[str]:
        """Filters that a saved view asks for and the list does not have: shown as none, never passed over."""
        view = self.stands_on
        if view is None:
            return []
        return [name for name in unknown_filters(self.export_name, view.query) if name in self.request.GET]

    def get_filterset(self) -> ListFilterSet:
        filterset = super().get_filterset()
        if self.unknown:
            # Said as an error of the whole filter: no rows, no counts, no file.
            filterset.form.is_valid()
            filterset.form.add_error(None, _("This view asks for something that the list does not know any more."))
        return filterset

    def get_context(self, **context: Any) -> dict[str, Any]:
        query = asked_of(context["filterset"])
        return {
            **super().get_context(**context),
            "kept": self.kept,
            "carried": [(name, value) for name in CARRIED for value in self.request.GET.getlist(name)],
            "list_name": self.export_name,
            "asked": query,
            "shown_view": self._shown(query, context["sort"]),
            "may_keep": self.request.user.is_authenticated,
            "may_share": access.may_share(self.request.user),
            "form_key": uuid.uuid4(),
            "share_address": self.request.build_absolute_uri(self._shared_address()),
        }

    def _shown(self, query: str, sort: str) -> Shown | None:
        view = self.stands_on
        if view is None:
            return None
        changed = (query, sort) != (view.query, view.sort) or bool(view.columns and view.columns != self.choice.keys)
        is_default = self.kept.default is not None and self.kept.default.pk == view.pk
        why = self.kept.why if is_default else ""
        return Shown(view, why, changed and not self.unknown, self.unknown, access.may_change(self.request.user, view))

    def _shared_address(self) -> str:
        """What shows the same to everyone, whatever they keep and may open: filter, order, day and columns."""
        asked = self.request.GET.copy()
        for name in (OPEN, FROM, *PLACE):
            asked.pop(name, None)
        asked["columns"] = self.choice.keys
        return f"{self.request.path}?{asked.urlencode()}"

    def everything(self) -> str:
        """The list without a filter and without the view that it may open with."""
        kept = self.request.GET.copy()
        for name in (*self.filterset_class.base_filters, *self.unknown, *PLACE, OPEN, FROM):
            kept.pop(name, None)
        if self.kept.default:
            kept[OPEN] = NOTHING
        return f"{self.request.path}?{kept.urlencode()}" if kept else self.request.path


def _lay_under(asked: QueryDict, view: SavedView) -> None:
    """What a view asks, where the address does not say otherwise."""
    under = QueryDict(view.query)
    for name in under:
        if name not in asked:
            asked.setlist(name, under.getlist(name))
    for name, value in (("columns", view.columns), ("sort", view.sort)):
        if value:
            asked.setdefault(name, value)
    asked[FROM] = str(view.pk)
