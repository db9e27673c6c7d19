"""Gates: of the reading pages, and of the entrance where attempts cannot be counted."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from redis.exceptions import RedisError

from .access import may_read

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def for_readers(view: View) -> View:
    """For pages that show only what is public: everyone signed in, and everyone at all on a public site.

    On a class: `@method_decorator(for_readers, name="dispatch")`.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not may_read(request.user):
            return redirect_to_login(request.get_full_path())
        return view(request, *args, **kwargs)

    return guarded  # type: ignore[return-value]


def fails_closed(view: View) -> View:
    """For the pages of the entrance: where attempts cannot be counted nobody is let in, and the page says so."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except RedisError:
            return render(request, "account/unavailable.html", status=503)

    return guarded  # type: ignore[return-value]
