"""Where a form keeps what is being typed, and asks what was. For the script of forms (static/js/keep.js)."""

from __future__ import annotations

import json

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from brics_tracker.accounts.models import Draft, User
from brics_tracker.core.text import is_clean

from . import files, services


@require_http_methods(["GET", "POST"])
def form_draft(request: HttpRequest) -> HttpResponse:
    """GET `?address=`: what is kept of one's own (fields, at), and a fresh token for forms. POST: keep, or (drop) let go.

    401 for whoever is not signed in, so that the script keeps on to what it has.
    """
    user = request.user
    if not isinstance(user, User) or not user.is_active:
        return JsonResponse({"detail": _("Sign in first.")}, status=401)
    if request.method == "GET":
        draft = Draft.objects.filter(user=user, address=request.GET.get("address", "")).first()
        kept = {"fields": draft.fields, "at": draft.updated_at.isoformat()} if draft else {}
        return JsonResponse({"token": get_token(request), "draft": kept or None})
    address = request.POST.get("address", "")
    if request.POST.get("drop"):
        services.discard_draft(by=user, address=address)
        files.let_go(user, address)
        return HttpResponse(status=204)
    try:
        fields = json.loads(request.POST.get("fields", ""))
        if not isinstance(fields, dict):
            raise TypeError
        services.keep_draft(
            by=user,
            address=address,
            page=request.POST.get("page", ""),
            title=request.POST.get("title", ""),
            fields=fields,
        )
    except (ValueError, TypeError, RecursionError):
        return JsonResponse({"detail": _("This could not be read.")}, status=400)
    except ValidationError as refusal:
        return JsonResponse({"detail": " ".join(refusal.messages)}, status=400)
    return HttpResponse(status=204)


@require_POST
def draft_files(request: HttpRequest) -> HttpResponse:
    """Keep files as they are chosen, before the form is sent (`address`, `field`, `files`): 201 with what is kept."""
    user = request.user
    if not isinstance(user, User) or not user.is_active:
        return JsonResponse({"detail": _("Sign in first.")}, status=401)
    address, field = request.POST.get("address", ""), request.POST.get("field", "")
    chosen = request.FILES.getlist("files")
    if not chosen or len(chosen) > settings.UPLOAD_MAX_FILES or not is_clean(field):
        return JsonResponse({"detail": _("This could not be read.")}, status=400)
    try:
        kept = [files.keep_file(by=user, address=address, field=field, file=file) for file in chosen]
    except ValidationError as refusal:
        return JsonResponse({"detail": " ".join(refusal.messages)}, status=400)
    return JsonResponse({"kept": [{"id": row.pk, "name": row.name, "size": row.size} for row in kept]}, status=201)
