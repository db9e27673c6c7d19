"""My work."""

from __future__ import annotations

import uuid

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from brics_tracker.core.htmx import SignedInRequest
from brics_tracker.core.pages import read_page
from brics_tracker.tracking.selectors.many import latest_edits, number_to_confirm
from brics_tracker.tracking.selectors.work import SHOWN, Work


@require_GET
@login_required
def my_work(request: SignedInRequest) -> HttpResponse:
    """What waits for this person, grouped; `?group=` shows one group, page by page; `?mine=1` only what is assigned."""
    mine = request.GET.get("mine") == "1"
    work = Work(request.user, mine=mine)
    # Asked anew at each row: a key is remembered with the one thing that it made.
    context = {"mine": mine, "new_key": uuid.uuid4}
    if key := request.GET.get("group", ""):
        if key not in work.groups:
            raise Http404
        page = read_page(work.groups[key].pointers, request.GET.get("page", ""), SHOWN, list)
        tasks = work.tasks((what, pk) for what, pk, _moment in page.rows)
        rows = [tasks[what, pk] for what, pk, _moment in page.rows if (what, pk) in tasks]
        context |= {"group": work.groups[key], "page_obj": page, "tasks": rows}
        return render(request, "tracking/work_group.html", context)
    context |= {"groups": work.shown(), "unsent": request.user.drafts.all()[:SHOWN]}
    context |= {"to_confirm": number_to_confirm(request.user), "edits": latest_edits(request.user)}
    return render(request, "tracking/my_work.html", context)
