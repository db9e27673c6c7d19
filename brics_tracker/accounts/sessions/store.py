"""Django's sessions in the database, with columns for whose they are: the value of SESSION_ENGINE."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db

if TYPE_CHECKING:
    from brics_tracker.accounts.models import BrowserSession

# What a session remembers of the browser it was made in; places.py writes it.
PLACE = "place"


class SessionStore(db.SessionStore):
    """The session's own data stay the truth; the columns repeat what lists and endings ask for."""

    @classmethod
    def get_model_class(cls) -> type[BrowserSession]:
        from brics_tracker.accounts.models import BrowserSession

        return BrowserSession

    def create_model_instance(self, data: dict[str, Any]) -> BrowserSession:
        row: BrowserSession = super().create_model_instance(data)  # type: ignore[assignment]
        place = data.get(PLACE, {})
        row.user_id = data.get(SESSION_KEY)
        row.signed_in_at, row.seen_at = _moment(place.get("since")), _moment(place.get("seen"))
        row.address, row.browser = place.get("address"), place.get("browser", "")
        return row


def _moment(seconds: float | None) -> dt.datetime | None:
    return None if seconds is None else dt.datetime.fromtimestamp(seconds, tz=dt.UTC)
