"""The API assembled: every app's endpoints, the schema, and its reference for people."""

from functools import cache
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, URLResolver, include, path, re_path, reverse
from django.utils import translation
from django.views.decorators.http import require_safe
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import (
    OpenApiJsonRenderer,
    OpenApiJsonRenderer2,
    OpenApiYamlRenderer,
    OpenApiYamlRenderer2,
)
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

import brics_tracker.accounts.people_api
import brics_tracker.accounts.saved_views.api
import brics_tracker.core.reference_api
import brics_tracker.tracking.api
import brics_tracker.tracking.bulk_api
import brics_tracker.tracking.evidence_api
import brics_tracker.tracking.part_api
import brics_tracker.tracking.search.api
import mechanisms.api
import proposals.api
import reports.api
from brics_tracker.accounts.access import may_read
from brics_tracker.api_reference import chapters_of

ROUTES: list[URLPattern] = [
    *proposals.api.routes,
    *mechanisms.api.routes,
    *brics_tracker.tracking.api.routes,
    *brics_tracker.tracking.bulk_api.routes,
    *brics_tracker.tracking.part_api.routes,
    *brics_tracker.tracking.evidence_api.routes,
    *brics_tracker.tracking.search.api.routes,
    *brics_tracker.core.reference_api.routes,
    *brics_tracker.accounts.people_api.routes,
    *brics_tracker.accounts.saved_views.api.routes,
    *reports.api.routes,
]
LISTS = [str(route.name) for route in ROUTES if str(route.name).endswith("-list")]


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema calls our tokens; registered by being defined."""

    target_class = "brics_tracker.accounts.tokens.BearerAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


@cache
def schema() -> dict[str, Any]:
    """The OpenAPI description, made once per process; in English whoever asks, as the stored file is."""
    with translation.override("en"):
        made: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return made


@extend_schema(exclude=True)
class RootView(APIView):
    """Where the lists are."""

    def get(self, request: Request) -> Response:
        names = [*LISTS, "schema"]
        lists = {reverse(f"api:{name}").rstrip("/").rsplit("/", 1)[-1]: f"api:{name}" for name in names}
        return Response({word: request.build_absolute_uri(reverse(name)) for word, name in lists.items()})


@extend_schema(exclude=True)
class SchemaView(APIView):
    """The OpenAPI description, as JSON or (Accept, ?format=yaml) YAML."""

    renderer_classes = (OpenApiJsonRenderer, OpenApiJsonRenderer2, OpenApiYamlRenderer, OpenApiYamlRenderer2)

    def get(self, request: Request) -> Response:
        return Response(schema(), headers={"Vary": "Accept"})


@extend_schema(exclude=True)
class NowhereView(APIView):
    """Every other address below the API: a problem in the API's own form."""

    def get(self, request: Request, rest: str) -> Response:
        raise Http404


@require_safe
def reference(request: HttpRequest) -> HttpResponse:
    """The schema as a page for people, drawn on the server: no script, nothing that the policy forbids."""
    if not may_read(request.user):
        return redirect_to_login(request.get_full_path())
    return render(request, "api/reference.html", {"info": schema()["info"], "chapters": chapters_of(schema())})


version_1 = [
    path("", RootView.as_view(), name="root"),
    path("schema/", SchemaView.as_view(), name="schema"),
    *ROUTES,
    # Only with a closing slash: an address without one is first sent on to the one that has it.
    re_path(r"^(?P<rest>.*)/$", NowhereView.as_view(), name="nowhere"),
]
urlpatterns: list[URLPattern | URLResolver] = [
    path("v1/", include((version_1, "api"))),
    path("docs/", reference, name="api-docs"),
]
