"""What changed between two days, as a page and as a file."""

from __future__ import annotations

from itertools import groupby

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from brics_tracker.accounts.decorators import for_readers
from brics_tracker.core.export import Column, about_list, export_links, export_response
from brics_tracker.tracking.forms.between import BetweenForm
from brics_tracker.tracking.selectors.between import Difference, Sort, differences, usual_days

LIMIT = 200  # lines of one sort on the page; the file has all
COLUMNS = (
    Column("change", _("Change"), lambda row: str(row.sort.label), code=lambda row: row.sort.value),
    Column("reference", _("Reference"), "reference"),
    Column("title", _("Title"), "title"),
    Column("before", _("Before"), "before"),
    Column("after", _("After"), "after"),
    Column("note", _("Note"), "note"),
)


@require_GET
@for_readers
def changes_between(request: HttpRequest) -> HttpResponseBase:
    """`?since=2031-03-01&until=2031-04-01`: the last thirty days unless said otherwise."""
    since, until = usual_days()
    data = {"since": since.isoformat(), "until": until.isoformat()} | request.GET.dict()
    form = BetweenForm(data)
    if not form.is_valid():
        return render(request, "tracking/changes_between.html", {"form": form}, status=422)
    since, until, theme = form.cleaned_data["since"], form.cleaned_data["until"], form.cleaned_data["theme"]
    found = differences(request.user, since, until, theme=theme)
    if format := request.GET.get("export", ""):
        asked = {"since": since.isoformat(), "until": until.isoformat(), "theme": theme.code if theme else ""}
        words = [(str(field.label), asked[name]) for name, field in form.fields.items() if asked[name]]
        about = about_list(request, gettext("What changed between two days"), words)
        return export_response(request, found, COLUMNS, format, "changes", asked, about)
    context = {
        "form": form,
        "since": since,
        "until": until,
        "groups": _groups(found),
        "count": len(found),
        "exports": export_links(request),
    }
    return render(request, "tracking/changes_between.html", context)


def _groups(found: list[Difference]) -> list[tuple[Sort, int, list[Difference]]]:
    """By sort: how many there are, and those shown."""
    groups = [(sort, list(rows)) for sort, rows in groupby(found, key=lambda each: each.sort)]
    return [(sort, len(rows), rows[:LIMIT]) for sort, rows in groups]
