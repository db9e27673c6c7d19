"""The trail's page in the administration, and the same as a file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.contrib import admin
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from brics_tracker.core.export import Column, export_response
from brics_tracker.core.models import AuditSeal
from brics_tracker.core.writers import WRITERS

from .entries import TrailEntry
from .forms import TrailForm
from .trail import Place, read_trail, sources, stream_trail

ENTRIES = 50


def _changes(entry: TrailEntry) -> str:
    return "; ".join(f"{each.label}: {f'{each.old} → ' if each.old else ''}{each.new}" for each in entry.changes)


COLUMNS: Sequence[Column] = (
    Column("at", gettext_lazy("When"), "at"),
    Column("who", gettext_lazy("Who"), "who"),
    Column("mail", gettext_lazy("Mail address"), "mail"),
    Column("act", gettext_lazy("Act"), "act"),
    Column("kind", gettext_lazy("Kind of thing"), "kind"),
    Column("thing", gettext_lazy("Thing"), "thing"),
    Column("changes", gettext_lazy("Before → after"), _changes),
    Column("reason", gettext_lazy("Reason"), "reason"),
    Column("request", gettext_lazy("Request"), "request"),
    Column("record", gettext_lazy("Record"), "record"),
)


@require_safe
def audit_trail(request: HttpRequest) -> HttpResponseBase:
    """Everything on record, newest first, as far as it is asked for. The administration lets nobody else come here."""
    form = TrailForm(request.GET)
    is_valid = form.is_valid()
    if (format := request.GET.get("export", "")) and is_valid:
        if format not in WRITERS:
            raise BadRequest
        asked = {name: value for name in form.fields if (value := request.GET.get(name))}
        return export_response(request, stream_trail(form.asked), COLUMNS, format, "audit-trail", asked)
    before = _place(request.GET.get("before", ""))
    entries, older = read_trail(form.asked, before=before, size=ENTRIES) if is_valid else ([], None)
    context = {
        **admin.site.each_context(request),
        "title": _("Audit trail"),
        "form": form,
        "entries": entries,
        "before": before,
        "older": _in_address(older) if older else "",
        "exports": list(WRITERS) if is_valid else [],
        "seal": AuditSeal.objects.last(),
    }
    return render(request, "admin/audit_trail.html", context, status=200 if is_valid else 422)


def _in_address(place: Place) -> str:
    moment = place.at.astimezone(dt.UTC).replace(tzinfo=None).isoformat()
    return f"{moment}~{sources()[place.table].label}~{place.key}"


def _place(text: str) -> Place | None:
    """The place that an address names; 404 for what is none."""
    if not text:
        return None
    numbers = {source.label: source.number for source in sources()}
    try:
        moment, label, key = text.split("~")
        return Place(dt.datetime.fromisoformat(moment).replace(tzinfo=dt.UTC), numbers[label], int(key))
    except (ValueError, KeyError) as problem:
        raise Http404 from problem
