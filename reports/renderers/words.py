"""The sentences of a report: what it is of, what it found, what it cannot know; from the snapshot alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils import formats
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

DASH = "—"
# What could turn the text around it: shown as its letters, as the pages do.
_DIRECTION = str.maketrans(
    {
        mark: f"[{name}]"
        for mark, name in zip(
            "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",
            ["LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI"],
            strict=True,
        )
    }
)


def visible(text: str) -> str:
    """Plain text without marks of direction that cannot be seen."""
    return text.translate(_DIRECTION)


def day(iso: str) -> str:
    """A day as people read it: 30 Nov 2026."""
    return formats.date_format(dt.date.fromisoformat(iso), "j M Y") if iso else DASH


def moment(iso: str) -> str:
    """A moment, UTC, as people read it."""
    return formats.date_format(dt.datetime.fromisoformat(iso), "j M Y, H:i") + " UTC"


def percent(value: float | None) -> str:
    """54.3 %; a dash where there is no data, never 0."""
    if value is None:
        return DASH
    number = formats.number_format(value, decimal_pos=None if value % 1 else 0, use_l10n=True)
    return _("%(number)s\u00a0%%") % {"number": number}


def whole(value: int) -> str:
    return formats.number_format(value, use_l10n=True, force_grouping=True)


def lede(tables: Mapping[str, Any]) -> list[str]:
    """The report in a few sentences."""
    totals, head = tables["totals"], tables["head"]
    said = [_tracked(totals["items"], head)]
    said.append(
        ngettext(
            "%(n)s update was published in the period.",
            "%(n)s updates were published in the period.",
            totals["published"],
        )
        % {"n": whole(totals["published"])}
    )
    if totals["no_change"]:
        said.append(
            ngettext("%(n)s of them reports no change.", "%(n)s of them report no change.", totals["no_change"])
            % {"n": whole(totals["no_change"])}
        )
    if totals["new"]:
        said.append(ngettext("%(n)s item is new.", "%(n)s items are new.", totals["new"]) % {"n": whole(totals["new"])})
    said.append(
        _("At the cut-off %(overdue)s and %(stagnant)s.")
        % {
            "overdue": ngettext("%(n)s item was overdue", "%(n)s items were overdue", totals["overdue"])
            % {"n": whole(totals["overdue"])},
            "stagnant": ngettext(
                "%(n)s had no substantive update within its rhythm",
                "%(n)s had no substantive update within their rhythm",
                totals["stagnant"],
            )
            % {"n": whole(totals["stagnant"])},
        }
    )
    if totals["unknown_dates"]:
        n = totals["unknown_dates"]
        said.append(
            ngettext(
                "Of %(n)s other item it cannot be known any more whether it was.",
                "Of %(n)s other items it cannot be known any more whether they were.",
                n,
            )
            % {"n": whole(n)}
        )
    return said


def _tracked(items: Mapping[str, int], head: Mapping[str, Any]) -> str:
    counted = []
    if items.get("proposal"):
        n = items["proposal"]
        counted.append(ngettext("%(n)s proposal", "%(n)s proposals", n) % {"n": whole(n)})
    if items.get("mechanism"):
        n = items["mechanism"]
        counted.append(ngettext("%(n)s mechanism", "%(n)s mechanisms", n) % {"n": whole(n)})
    if items.get("activity"):
        n = items["activity"]
        counted.append(ngettext("%(n)s activity", "%(n)s activities", n) % {"n": whole(n)})
    what = get_text_list(counted, _("and")) if counted else _("nothing yet")
    return _("On %(moment)s the register followed %(what)s.") % {"moment": moment(head["cut_off"]), "what": what}


def is_demo(head: Mapping[str, Any]) -> bool:
    """Was what it counts invented? Reports frozen before this was kept do not say, and count as real."""
    return bool(head.get("demo"))


def facts(tables: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The report's particulars, as term and text."""
    head = tables["head"]
    told = [(_("Demonstration"), _("the catalogue is real, the progress on it is invented"))] if is_demo(head) else []
    told += [
        (_("Number"), head["number"]),
        (_("Period"), f"{head['label']} ({day(head['start'])} – {day(head['end'])})"),
        (_("Cut-off"), moment(head["cut_off"])),
    ]
    if head["extra"]:
        told.append((_("Kind"), _("extra, run by hand; uses up no period")))
    if head["themes"]:
        told.append((_("Lead themes"), ", ".join(head["themes"])))
    return told


def notes(tables: Mapping[str, Any]) -> list[str]:
    """How to read the figures, and what they cannot know."""
    totals = tables["totals"]
    told = [
        _("Everything is as it was published before the cut-off; days are counted in UTC. Titles, owners and themes are as they stood when the report was frozen."),
        _("Each item is counted once, under its lead theme. Means are over items with data (n); rejected, superseded, cancelled and wound-up items are left out of them."),
    ]  # fmt: skip
    if totals["opening"]:
        told.append(
            ngettext(
                "%(n)s entry that the catalogue made together with a new item is not listed among the updates.",
                "%(n)s entries that the catalogue made together with new items are not listed among the updates.",
                totals["opening"],
            )
            % {"n": whole(totals["opening"])}
        )
    if totals["unknown_dates"]:
        told.append(
            ngettext(
                "Of %(n)s item changed since the cut-off no earlier record is kept: whether it was overdue or stagnant then cannot be known, and it is counted as neither.",
                "Of %(n)s items changed since the cut-off no earlier record is kept: whether they were overdue or stagnant then cannot be known, and they are counted as neither.",
                totals["unknown_dates"],
            )
            % {"n": whole(totals["unknown_dates"])}
        )
    if totals["unknown_milestones"]:
        told.append(
            ngettext(
                "Of %(n)s milestone changed since the cut-off no earlier record is kept; it is not in the lists.",
                "Of %(n)s milestones changed since the cut-off no earlier record is kept; they are not in the lists.",
                totals["unknown_milestones"],
            )
            % {"n": whole(totals["unknown_milestones"])}
        )
    return told


def shortened(shown: int, total: int) -> str:
    """Says plainly that a list goes on; "" where all of it is shown."""
    if shown >= total:
        return ""
    return _("The first %(shown)s of %(total)s are shown.") % {"shown": whole(shown), "total": whole(total)}
