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
    """What is kept of one form, for the person signed in.

    GET `?address=`: one's own drafts, the newest first (sitting, fields, at), and a fresh token for forms.
    POST: keep what stands in the form in this `sitting`; `takes` names the drafts that were put back into it, each with
    its `at`: 200 with the new `at`. POST with `drop`: throw away the draft of a sitting as it was `at`, and of the kept
    `files` those named: 204.
    401 for whoever is not signed in, so that the script keeps on to what it has.
    """
    user = request.user
    if not isinstance(user, User) or not user.is_active:
        return JsonResponse({"detail": _("Sign in first.")}, status=401)
    if request.method == "GET":
        drafts = Draft.objects.filter(user=user, address=request.GET.get("address", ""))
        kept = [{"sitting": row.sitting, "fields": row.fields, "at": row.updated_at.isoformat()} for row in drafts]
        return JsonResponse({"token": get_token(request), "drafts": kept})
    address, sitting = request.POST.get("address", ""), request.POST.get("sitting", "")
    if request.POST.get("drop"):
        services.discard_draft(by=user, address=address, sitting=sitting, at=request.POST.get("at"))
        numbers = [pk for pk in request.POST.getlist("files") if pk.isascii() and pk.isdigit() and len(pk) < 19]
        files.let_go(user, address, [int(pk) for pk in numbers])
        return HttpResponse(status=204)
    try:
        fields = json.loads(request.POST.get("fields", ""))
        takes = json.loads(request.POST.get("takes") or "{}")
        if not isinstance(fields, dict) or not isinstance(takes, dict):
            raise TypeError
        draft = services.keep_draft(
            by=user,
            address=address,
            sitting=sitting,
            page=request.POST.get("page", ""),
            title=request.POST.get("title", ""),
            fields=fields,
            takes=takes,
        )
    except (ValueError, TypeError, RecursionError):
        return JsonResponse({"detail": _("This could not be read.")}, status=400)
    except ValidationError as refusal:
        return JsonResponse({"detail": " ".join(refusal.messages)}, status=400)
    return JsonResponse({"at": draft.updated_at.isoformat()})


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
