"""A search as the page makes it, without the page."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import QueryDict
from django.test import RequestFactory
from django.utils.http import urlencode

from brics_tracker.accounts.models import User
from brics_tracker.core.search.find import Hit
from brics_tracker.tracking.search.filters import SearchFilterSet
from brics_tracker.tracking.search.results import Results


def results(user: User | AnonymousUser, q: str, **filters: Any) -> Results:
    request = RequestFactory().get("/search/")
    request.user = user
    filterset = SearchFilterSet(QueryDict(urlencode({"q": q, **filters}, doseq=True)), request=request)
    assert filterset.form.is_valid(), filterset.form.errors
    return filterset.qs  # type: ignore[no-any-return]


def hits(user: User | AnonymousUser, q: str, **filters: Any) -> list[Hit]:
    found = results(user, q, **filters)
    return found[0 : len(found)]


def found(user: User | AnonymousUser, q: str, **filters: Any) -> list[str]:
    """Kind and reference of each hit, nearest first; kind and key of what belongs to no item."""
    return [f"{hit.kind.name} {hit.about.reference or hit.pk}" for hit in hits(user, q, **filters)]
