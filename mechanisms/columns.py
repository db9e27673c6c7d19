"""What a list of meetings exports."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext_lazy as _

from brics_tracker.core.export import Column
from brics_tracker.core.rows import Many, Row
from brics_tracker.tracking.choices import ReviewState
from brics_tracker.tracking.columns import choice_column

from .choices import MeetingKind, Track
from .models import MeetingDate


def _claims(ids: Sequence[int]) -> Iterable[tuple[int, tuple[str, str, str]]]:
    found = MeetingDate.objects.filter(meeting__in=ids).order_by("-preferred", "started")
    return ((row[0], row[1:]) for row in found.values_list("meeting_id", "started", "ended", "source"))


CLAIMS = Many("claims", _claims)


def _claims_text(row: Row) -> str:
    """Every date that a source gives, the preferred one first."""
    return "; ".join(
        f"{started}{f'/{ended}' if ended and ended != started else ''} ({source})"
        for started, ended, source in row["claims"]
    )


_MECHANISM = ("mechanism__item__title", "mechanism__item__reference", "mechanism__item__review_state")


def _of_mechanism(row: Row, name: str) -> object:
    """A mechanism still in review is not named by its meetings, which everyone may read."""
    published = row["mechanism__item__review_state"] == ReviewState.PUBLISHED
    return row[f"mechanism__item__{name}"] if published else ""


def meeting_columns() -> list[Column]:
    """Columns of the meetings' list as a file."""
    return [
        Column("number", _("Number"), "number"),
        Column("title", _("Title"), "title"),
        choice_column("kind", _("Kind"), MeetingKind, "kind"),
        choice_column("track", _("Track"), Track, "track"),
        Column("area", _("Area"), "area"),
        Column(
            "mechanism", _("Mechanism"), lambda row: _of_mechanism(row, "title"), reads=_MECHANISM,
            code=lambda row: _of_mechanism(row, "reference"),
        ),
        Column("started", _("From"), "started"),
        Column("ended", _("To"), "ended"),
        Column("claims", _("Dates by source"), _claims_text, many=(CLAIMS,)),
        Column("format", _("Format"), "format"),
        Column("place", _("Place"), "place"),
        Column("chair", _("Chair"), "chair__name", code="chair__code"),
        Column("declaration", _("Declaration"), "declaration"),
        Column("sources", _("Sources"), "sources"),
        Column("note", _("Note"), "note"),
        Column("key", _("Key"), "key"),
    ]  # fmt: skip
