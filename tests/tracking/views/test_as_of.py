"""A page turned back: what it shows, what it never shows, and what it refuses."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from brics_tracker.accounts.models import User
from brics_tracker.core.as_of import PastIsReadOnly, as_of
from brics_tracker.tracking.models import TrackedItem
from brics_tracker.tracking.services import items, updates
from tests.factories.core import make_organisation
from tests.factories.tracking import make_draft, make_evidence, make_item, make_update

pytestmark = pytest.mark.django_db
DAY = dt.datetime(2025, 3, 1, 12, tzinfo=dt.UTC)


@pytest.fixture
def item(analyst: User) -> TrackedItem:
    """An item of the first of March, renamed and reported on the third."""
    with time_machine.travel(DAY, tick=False):
        item = make_item(title="As it was")
    with time_machine.travel(DAY + dt.timedelta(days=2), tick=False):
        items.edit_item(item, by=analyst, version=None, changes={"title": "As it is"})
        make_update(item, by=analyst, text="News of the third.", status_claimed="discussion")
    return item


def test_the_item_reads_as_on_that_day(client: Client, reader: User, item: TrackedItem) -> None:
    client.force_login(reader)
    page = client.get(f"/proposals/{item.reference}/?as_of=2025-03-02").content.decode()
    assert "As it was" in page
    assert "News of the third." not in page
    assert "As it is" in client.get(f"/proposals/{item.reference}/?as_of=2025-03-03").content.decode()


def test_before_it_was_published_there_was_none(client: Client, reader: User, item: TrackedItem) -> None:
    client.force_login(reader)
    assert client.get(f"/proposals/{item.reference}/?as_of=2025-02-28").status_code == 404


def test_a_list_and_its_file_go_back_together(client: Client, reader: User, item: TrackedItem) -> None:
    client.force_login(reader)
    page = client.get("/proposals/?as_of=2025-03-02").content.decode()
    assert "As it was" in page
    assert f"/proposals/{item.reference}/?as_of=2025-03-02" in page
    file = b"".join(client.get("/proposals/?as_of=2025-03-02&export=csv")).decode()
    assert "As it was" in file
    assert "As it is" not in file


def test_the_frame_says_which_day_it_is_and_leads_back(client: Client, reader: User, item: TrackedItem) -> None:
    client.force_login(reader)
    page = client.get("/proposals/?theme=EN&as_of=2025-03-02").content.decode()
    assert "The register as it stood at the end of" in page
    assert 'href="/proposals/?theme=EN"' in page
    assert '<input type="hidden" name="as_of" value="2025-03-02">' in page


@pytest.mark.parametrize("asked", ["yesterday", "2025-02-30", "0000-01-01", "1776-07-04", "20250301x"])
def test_what_is_no_day_is_refused_in_words(client: Client, reader: User, asked: str) -> None:
    client.force_login(reader)
    answer = client.get("/proposals/", {"as_of": asked})
    assert answer.status_code == 400
    assert "needs a day" in answer.content.decode()


def test_a_day_to_come_is_refused(client: Client, reader: User) -> None:
    client.force_login(reader)
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    assert client.get("/", {"as_of": tomorrow.isoformat()}).status_code == 400
    assert client.get("/", {"as_of": timezone.localdate().isoformat()}).status_code == 200


def test_nobody_acts_on_the_past(client: Client, item: TrackedItem) -> None:
    from tests.factories.accounts import make_grant, make_user

    everything = make_user(role="administrator")
    make_grant(everything, "reviewer")
    client.force_login(everything)
    now = client.get(f"/proposals/{item.reference}/").content.decode()
    then = client.get(f"/proposals/{item.reference}/?as_of=2025-03-03").content.decode()
    for act in ("/edit/", "/log/", "/archive/"):
        assert act in now
        assert act not in then


def test_drafts_of_the_past_are_nobodys_to_see(client: Client, analyst: User, item: TrackedItem) -> None:
    with time_machine.travel(DAY + dt.timedelta(days=2), tick=False):
        make_draft(item, by=analyst, text="Not for other eyes.")
    client.force_login(analyst)
    address = f"/proposals/{item.reference}/"
    assert "Not for other eyes." in client.get(address).content.decode()
    assert "Not for other eyes." not in client.get(f"{address}?as_of=2025-03-04").content.decode()


def test_a_source_made_confidential_since_stays_hidden_in_the_past(
    client: Client, reader: User, analyst: User, item: TrackedItem
) -> None:
    with time_machine.travel(DAY + dt.timedelta(days=3), tick=False):
        update = make_draft(item, by=analyst)
        source = make_evidence(item, by=analyst, update=update, title="A note that was public")
        reviewer = User.objects.filter(grants__role="reviewer").first() or _reviewer()
        updates.publish_update(updates.submit_update(update, by=analyst), by=reviewer)
    client.force_login(reader)
    address = f"/proposals/{item.reference}/?as_of=2025-03-05"
    assert "A note that was public" in client.get(address).content.decode()
    source.confidential = True
    source.save()
    assert "A note that was public" not in client.get(address).content.decode()


def _reviewer() -> Any:
    from tests.factories.accounts import make_user

    return make_user(role="reviewer")


def test_an_archived_item_is_there_on_the_days_before(client: Client, reader: User, administrator: User) -> None:
    with time_machine.travel(DAY, tick=False):
        item = make_item(title="Taken up elsewhere")
    with time_machine.travel(DAY + dt.timedelta(days=5), tick=False):
        items.archive_item(item, by=administrator, reason="A duplicate.")
    client.force_login(reader)
    assert "Taken up elsewhere" not in client.get("/proposals/").content.decode()
    assert "Taken up elsewhere" in client.get("/proposals/?as_of=2025-03-05").content.decode()


def test_reference_data_is_todays_so_that_the_past_keeps_its_names(client: Client, reader: User) -> None:
    """What a register is loaded with late, as themes and documents are, is not missing on the days before."""
    owner = make_organisation("energy-council")
    with time_machine.travel(DAY, tick=False):
        item = make_item(owner=owner)
    type(item.lead_theme).history.update(history_date=timezone.now())
    type(owner).history.update(history_date=timezone.now())
    client.force_login(reader)
    assert str(owner) in client.get(f"/proposals/{item.reference}/?as_of=2025-03-02").content.decode()
    assert item.lead_theme.name in client.get("/?as_of=2025-03-02").content.decode()


def test_nothing_can_be_written_to_the_past(item: TrackedItem) -> None:
    with as_of(dt.date(2025, 3, 2)), pytest.raises(PastIsReadOnly):
        TrackedItem.objects.filter(pk=item.pk).update(title="Rewritten")
