"""The calendar of reporting: who reported in which period, and who did not."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from brics_tracker.accounts.decorators import for_readers
from brics_tracker.core.clock import past_query
from brics_tracker.core.export import Column
from brics_tracker.core.rows import Row, read_rows
from brics_tracker.core.views import FilteredListView
from brics_tracker.tracking.columns import item_columns
from brics_tracker.tracking.filters import AnyItemFilterSet
from brics_tracker.tracking.models import TrackedItem, today
from brics_tracker.tracking.models.items import ROOMS
from brics_tracker.tracking.reporting import PATHS, REPORTS, period_at, periods_of, places

from .listing import SORTABLE, USUAL_ORDER


@method_decorator(for_readers, name="dispatch")
class ReportingView(FilteredListView):
    """Items that are still to be brought to an end, each with the last periods of its own rhythm."""

    filterset_class = AnyItemFilterSet
    page_template = "tracking/reporting.html"
    results_template = "tracking/_reporting_results.html"
    export_name = "reporting"
    export_title = gettext_lazy("Reporting")
    sortable = {
        **{name: SORTABLE[name] for name in ("reference", "title", "owner")},
        "rhythm": ("rhythm_days",),
        "reported": ("last_reported_on",),
    }
    usual_order = USUAL_ORDER

    def get_queryset(self) -> QuerySet[TrackedItem]:
        visible = TrackedItem.objects.visible_to(self.request.user)
        return visible.published().current().open().filter(tracked_since__isnull=False)

    def read_rows(self, rows: QuerySet[TrackedItem]) -> list[Row]:
        paths = ("item_kind", "reference", "title", "owner__name", "last_reported_on", *PATHS)
        read, day = read_rows(rows, paths, (REPORTS,)), today()
        for row in read:
            row["periods"] = periods_of(row, day)
            row["url"] = reverse(f"{ROOMS[row['item_kind']]}:detail", args=[row["reference"]]) + past_query()
        return read

    def get_columns(self) -> list[Column]:
        columns, day = item_columns(), today()
        return [
            *(columns[key] for key in ("reference", "title", "owner", "last_reported_on")),
            Column("rhythm", _("Rhythm in days"), "rhythm_days"),
            *(
                Column(f"period_{back}", period_name(back), period_at(place, day), reads=PATHS, many=(REPORTS,))
                for place, back in places()
            ),
        ]

    def get_context(self, **context: Any) -> dict[str, Any]:
        return {**context, "heads": [period_name(back) for _place, back in places()]}


def period_name(back: int) -> str:
    """How a period is called that lies so many before the one that runs."""
    if back == 0:
        return _("This period")
    return str(capfirst(ngettext("%(n)d before", "%(n)d before", back) % {"n": back}))
